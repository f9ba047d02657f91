/** `vipair lab generation`: changes that both nodes must agree on, in a lab of its own, and what the wire showed of them. */
import type { Result } from '../base/result.js';
import { ok } from '../base/result.js';
import { centisToMillis, millisToCentis } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import { parseDuration } from '../config/duration.js';
import type { LabFailure } from '../lab/failure.js';
import type { GenerationSeen } from '../lab/generation.js';
import { seeGeneration } from '../lab/generation.js';
import { generationSteps } from '../lab/generation-steps.js';
import type { Lab } from '../lab/lab.js';
import { raiseLab, removeLab } from '../lab/raise.js';
import { defaultSettings } from '../lab/settings.js';
import { NODE_NAMES, parseLabName } from '../lab/topology.js';
import type { LabGenerationAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { reportLabFailure } from './lab.js';
import type { MigratePorts } from './migrate.js';
import { renderTable } from './table.js';
import { complain, print, printJson } from './terminal.js';

export interface GenerationRequest extends LabGenerationAsked {
  /** Makes the lab's name this run's own. */
  readonly pid: number;
}

interface Telling {
  readonly ports: MigratePorts;
  readonly tell: (line: string) => void;
}

export async function labGeneration(
  asked: GenerationRequest,
  ports: MigratePorts,
): Promise<ExitCode> {
  const interval = parseDuration(asked.adverts);
  if (!interval.ok) {
    complain(`vipair lab generation: --adverts ${asked.adverts}: ${interval.error}`);
    return EXIT.usage;
  }
  const tell = asked.form === 'text' ? print : complain;
  const name = parseLabName(`generation-${String(asked.pid)}`);
  invariant(name.ok, 'the lab of this command is named well');
  const advertInterval = millisToCentis(interval.value);
  tell('Building a lab: a pair with a channel between its daemons, a client, two web servers.');
  const raised = await raiseLab(
    { ...defaultSettings(name.value), advertInterval, pairChannel: 'open' },
    ports,
  );
  if (!raised.ok) {
    return reportLabFailure(raised.error);
  }
  try {
    tell(
      'A client opens a new connection every 5 ms, and a watch asks for the address every 2 ms.',
    );
    const seen = await all(raised.value, { ports, tell });
    if (!seen.ok) {
      return reportLabFailure(seen.error);
    }
    if (asked.form === 'json') {
      printJson({ advertInterval: interval.value, steps: seen.value });
    } else {
      print(`\n${report(seen.value)}\n`);
    }
    const whole = seen.value.length === generationSteps(interval.value).length;
    return whole && seen.value.every(({ verdict }) => verdict === 'as expected')
      ? EXIT.ok
      : EXIT.failed;
  } finally {
    const removed = await removeLab(name.value, ports);
    tell(removed.ok ? 'Nothing of the lab is left.' : `Not all gone: ${removed.error.detail}`);
  }
}

/** Ends after the step that runs when the operator has had enough. */
async function all(
  lab: Lab,
  { ports, tell }: Telling,
): Promise<Result<readonly GenerationSeen[], LabFailure>> {
  const seen: GenerationSeen[] = [];
  for (const step of generationSteps(centisToMillis(lab.settings.advertInterval))) {
    if (ports.signal.aborted) {
      break;
    }
    tell(`- ${step.name}: ${step.story}`);
    const outcome = await seeGeneration(step, lab, ports);
    if (!outcome.ok) {
      return outcome;
    }
    tell(`  ${outcome.value.outcome}: ${outcome.value.said}`);
    seen.push(outcome.value);
  }
  return ok(seen);
}

function report(seen: readonly GenerationSeen[]): string {
  const head = ['CHANGE', 'RELOAD', ...NODE_NAMES, 'OWNERS', 'TWO OWNERS ms', 'NO OWNER ms'];
  const table = renderTable(
    [...head, 'FAILED REQUESTS', ''],
    seen.map((each) => [
      ...[each.step, each.outcome, ...NODE_NAMES.map((name) => each.runs[name])],
      ...[each.owners.join(' → '), each.twoOwnersMs.toFixed(0), each.longestNoOwnerMs.toFixed(0)],
      ...[`${String(each.failedRequests)} of ${String(each.requests)}`, each.verdict],
    ]),
  );
  return [
    table,
    '',
    'lb1, lb2: what each daemon runs afterwards; where the channel was cut, before it was healed.',
    'two owners: all of it together; no owner: the longest stretch; by the answers to an ARP question every 2 ms.',
  ].join('\n');
}
