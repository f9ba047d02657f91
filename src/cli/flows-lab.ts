/** `vipair lab flows`: long flows through a pair that forwards them, and the master's power is lost. */
import type { Result } from '../base/result.js';
import { millisToCentis } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import { parseDuration } from '../config/duration.js';
import type { LabFailure } from '../lab/failure.js';
import type { FlowsOutcome } from '../lab/flows/flows.js';
import { MESSAGE_EVERY, seeFlows } from '../lab/flows/flows.js';
import type { FlowArm, FlowsPlan, FlowsRun } from '../lab/flows/flows-run.js';
import { FLOW_ARMS, flowsRuns, flowsSettings } from '../lab/flows/flows-run.js';
import { STALLED_MS } from '../lab/flows/traffic-report.js';
import { raiseLab, removeLab } from '../lab/raise.js';
import type { LabSettings } from '../lab/settings.js';
import { parseLabName } from '../lab/topology.js';
import type { LabFlowsAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { reportLabFailure } from './lab.js';
import type { MigratePorts } from './migrate.js';
import type { Telling } from './pair-lab.js';
import { renderTable } from './table.js';
import { complain, print, printJson } from './terminal.js';

export interface FlowsRequest extends LabFlowsAsked {
  /** Makes the labs' names this run's own. */
  readonly pid: number;
}

export async function labFlows(asked: FlowsRequest, ports: MigratePorts): Promise<ExitCode> {
  const interval = parseDuration(asked.adverts);
  if (!interval.ok || !(asked.count >= 1 && asked.count <= MOST_FLOWS)) {
    complain(
      interval.ok
        ? `vipair lab flows: --count ${String(asked.count)}: expected 1 to ${String(MOST_FLOWS)}`
        : `vipair lab flows: --adverts ${asked.adverts}: ${interval.error}`,
    );
    return EXIT.usage;
  }
  const tell = asked.form === 'text' ? print : complain;
  const runs = flowsRuns(planOf(asked));
  const outcomes: FlowsOutcome[] = [];
  for (const run of runs) {
    if (ports.signal.aborted) {
      break;
    }
    const name = parseLabName(`flows-${run.name}-${String(asked.pid)}`);
    invariant(name.ok, 'the labs of this command are named well');
    const settings = flowsSettings(run, name.value, millisToCentis(interval.value));
    const outcome = await inLab(run, settings, { ports, tell });
    if (!outcome.ok) {
      return reportLabFailure(outcome.error);
    }
    outcomes.push(outcome.value);
  }
  const seen = outcomes.flatMap((outcome) => outcome.seen);
  if (asked.form === 'json') {
    printJson({ advertIntervalMs: interval.value, runs: outcomes });
  } else {
    print(`\n${report(outcomes)}\n`);
  }
  const isWhole = outcomes.length === runs.length;
  return isWhole && seen.every(({ verdict }) => verdict === 'as expected') ? EXIT.ok : EXIT.failed;
}

/** Each client flow costs descriptors and time: of both protocols together the traffic maker takes no more than twice this. */
const MOST_FLOWS = 400;

const OURS: readonly FlowArm[] = ['vipair', 'nobody'];

function planOf({ only, count, extent }: FlowsRequest): FlowsPlan {
  const isChosen = (arm: FlowArm): boolean => only.length === 0 || only.includes(arm);
  return extent === 'short'
    ? {
        ...{ families: ['ipv4'], count, apart: 'one lab' },
        arms: OURS.filter(isChosen),
      }
    : {
        ...{ families: ['ipv4', 'ipv6'], count, apart: 'a lab each' },
        arms: FLOW_ARMS.filter(isChosen),
      };
}

async function inLab(
  run: FlowsRun,
  settings: LabSettings,
  { ports, tell }: Telling,
): Promise<Result<FlowsOutcome, LabFailure>> {
  tell(`- ${run.story}: long flows begin, and the master loses its power`);
  const raised = await raiseLab(settings, ports);
  if (!raised.ok) {
    return raised;
  }
  try {
    return await seeFlows(run, raised.value, ports);
  } finally {
    const removed = await removeLab(settings.name, ports);
    tell(removed.ok ? 'Nothing of the lab is left.' : `Not all gone: ${removed.error.detail}`);
  }
}

function report(outcomes: readonly FlowsOutcome[]): string {
  const seen = outcomes.flatMap((outcome) => outcome.seen);
  const stalledMs = Math.max(0, ...outcomes.map(({ clientStalledMs }) => clientStalledMs));
  const table = renderTable(
    [
      'REPLICATED BY',
      'FLOWS',
      '',
      'WAY',
      'BROKEN',
      'BEFORE',
      'CORRUPT BYTES',
      'LONGEST GAP ms',
      'LOST',
      '',
    ],
    seen.map((each) => [
      ...[TITLES[each.by], `${String(each.flows)} ${each.protocol}`, each.family, each.way],
      ...[String(each.broken), String(each.before), String(each.corruptBytes)],
      ...(each.broken === each.flows
        ? ['–', '–']
        : [each.longestGapMs.toFixed(0), each.protocol === 'udp' ? String(each.lost) : '–']),
      each.verdict,
    ]),
  );
  const examples = FLOW_ARMS.flatMap((arm) => {
    const broken = seen.find(({ by, example }) => by === arm && example !== undefined);
    return broken === undefined ? [] : [`${TITLES[arm]}, ${broken.name}: ${broken.example ?? ''}`];
  });
  return [
    table,
    '',
    ...examples,
    `The client itself stood still for ${stalledMs.toFixed(0)} ms at the most, which counts as a gap too.`,
    `Each flow says 256 bytes every ${String(MESSAGE_EVERY)} ms, both ways; each byte is checked. Broken: ended, silent for ${String(STALLED_MS)} ms at the`,
    'end, or answered by another server; before: already when the power was lost. Longest gap: of those that went on, the longest',
    'time without a message. Lost: questions of theirs without an answer. source NAT: servers see an address of the pair; routed: they see the client.',
    'Firewalls on both nodes admit only what begins (SYN, or a hello) and what is known: no flow is picked up midway.',
  ].join('\n');
}

const TITLES: Readonly<Record<FlowArm, string>> = {
  vipair: 'vipair',
  nobody: 'nobody',
  conntrackd: 'conntrackd',
  'conntrackd-direct': 'conntrackd, no cache',
};
