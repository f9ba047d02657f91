/** `vipair lab intent`: what operators want survives whatever happens to a pair. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis, millisToCentis } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import { parseDuration } from '../config/duration.js';
import type { LabFailure } from '../lab/failure.js';
import type { IntentSeen } from '../lab/intent.js';
import { seeIntent } from '../lab/intent.js';
import type { IntentParties } from '../lab/intent-steps.js';
import { INTENT_STEPS } from '../lab/intent-steps.js';
import type { Lab } from '../lab/lab.js';
import { raiseLab, removeLab } from '../lab/raise.js';
import { untilRedundant } from '../lab/readiness.js';
import { defaultSettings } from '../lab/settings.js';
import { NODE_NAMES, otherNode, parseLabName } from '../lab/topology.js';
import type { LabIntentAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { reportLabFailure } from './lab.js';
import type { MigratePorts } from './migrate.js';
import { renderTable } from './table.js';
import { complain, print, printJson } from './terminal.js';

export interface IntentRequest extends LabIntentAsked {
  /** Makes the lab's name this run's own. */
  readonly pid: number;
}

interface Telling {
  readonly ports: MigratePorts;
  readonly tell: (line: string) => void;
}

export async function labIntent(asked: IntentRequest, ports: MigratePorts): Promise<ExitCode> {
  const interval = parseDuration(asked.adverts);
  if (!interval.ok) {
    complain(`vipair lab intent: --adverts ${asked.adverts}: ${interval.error}`);
    return EXIT.usage;
  }
  const tell = asked.form === 'text' ? print : complain;
  const name = parseLabName(`intent-${String(asked.pid)}`);
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
    const seen = await all(raised.value, { ports, tell });
    if (!seen.ok) {
      return reportLabFailure(seen.error);
    }
    if (asked.form === 'json') {
      printJson({ steps: seen.value });
    } else {
      print(`\n${report(seen.value)}\n`);
    }
    const whole = seen.value.length === INTENT_STEPS.length;
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
): Promise<Result<readonly IntentSeen[], LabFailure>> {
  const redundant = await untilRedundant(lab, ports.clock, SETTLES_WITHIN);
  if (!redundant.ok) {
    return redundant;
  }
  const parties = await partiesOf(lab);
  if (parties === undefined) {
    return fail({ code: 'not-ready', detail: 'no node, or both, hold the address' });
  }
  const seen: IntentSeen[] = [];
  for (const step of INTENT_STEPS) {
    if (ports.signal.aborted) {
      break;
    }
    tell(`- ${step.name}: ${step.story}`);
    const outcome = await seeIntent(step, { lab, parties, clock: ports.clock });
    if (!outcome.ok) {
      return outcome;
    }
    seen.push(outcome.value);
  }
  return ok(seen);
}

async function partiesOf(lab: Lab): Promise<IntentParties | undefined> {
  const here = (await lab.owner())?.name;
  return here === undefined ? undefined : { here, there: otherNode(here) };
}

function report(seen: readonly IntentSeen[]): string {
  const table = renderTable(
    ['AFTER', ...NODE_NAMES, 'STATED ON', 'ADDRESS ON', 'WITHIN ms', ''],
    seen.map(({ step, states, by, owner, afterMs, verdict }) => [
      ...[step, ...NODE_NAMES.map((name) => states[name]), by, owner],
      ...[afterMs.toFixed(0), verdict],
    ]),
  );
  return [
    table,
    '',
    "lb1, lb2: what HAProxy's own socket says of web/web1, a second and a half after the pair was whole again.",
    'within: until both had it so. Reloading HAProxy is not built yet; killing it, so that it is started anew, comes to the same.',
  ].join('\n');
}

const SETTLES_WITHIN = millis(30_000);
