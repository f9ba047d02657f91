/** `vipair flows`: connections through the kernel on both nodes, and whether both have the same. */
import { askFlows } from '../api/client.js';
import type { Clock } from '../ports/clock.js';
import type {
  FlowReplicationStatus,
  FlowsAnswer,
  FlowsOfKind,
  FlowsReport,
  NodeFlows,
} from '../telemetry/flows.js';
import { FULL, flowsAmiss, fullnessOf } from '../telemetry/flows.js';
import { reportFailure, socketOf } from './asking.js';
import type { Asked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { bad, doubtful, good, strong } from './paint.js';
import { renderTable } from './table.js';
import { print, printJson } from './terminal.js';
import { verdictText } from './verdict-text.js';

/** Whether both kernels have all of it is what is asked for: anything else is a failure. */
export async function flows(asked: Asked, clock: Pick<Clock, 'wallTime'>): Promise<ExitCode> {
  const answer = await askFlows(socketOf(asked));
  if (!answer.ok) {
    return reportFailure(answer.error, asked.form);
  }
  if (asked.form === 'json') {
    printJson(answer.value);
  } else {
    print(answer.value.nodes.map(nodeText).join('\n\n'));
  }
  return isWhole(answer.value, clock.wallTime()) ? EXIT.ok : EXIT.failed;
}

/** On both nodes. What a node says of time is by its own clock; of one that does not tell its clock, it is taken for ours. */
export function isWhole({ nodes }: FlowsAnswer, now: number): boolean {
  return nodes.every(
    ({ replication, at }) =>
      replication?.report !== undefined && flowsAmiss(replication.report, at ?? now) === undefined,
  );
}

function nodeText({ node, replication, unknown, at }: NodeFlows): string {
  if (replication === undefined) {
    return `${strong(node)}: ${doubtful(`not known (${unknown ?? 'no answer'})`)}`;
  }
  const { report } = replication;
  return [
    `${strong(node)}: ${flowsText(replication, at)}`,
    ...(report === undefined ? [] : reportLines(report)),
  ].join('\n');
}

/** One line, as the status has it, too. `now`: by the clock of that node; undefined: no age is told. */
export function flowsText(
  { state, problem, report, restarts }: FlowReplicationStatus,
  now?: number,
): string {
  const again = restarts === 0 ? '' : `, started again ${String(restarts)} times`;
  if (state !== 'running' || report === undefined) {
    const why = problem === undefined ? '' : `: ${problem}`;
    const what =
      state === 'running' ? 'the flow replicator is starting' : 'the flow replicator does not run';
    return `${bad(what)}${why}${again}`;
  }
  const { link, complete, sent } = report;
  const why = link.problem === undefined ? '' : ` (${link.problem})`;
  const parts = [
    link.state === 'up' ? good('link up') : bad(`link down${why}`),
    complete ? good('complete') : doubtful('not complete'),
    verdictText(sent.verified, 'not compared yet', now),
    ...roomText(report),
  ];
  return `${parts.join(', ')}${again}`;
}

function reportLines(report: FlowsReport): readonly string[] {
  const { sent, received, refused, drops, looks, memoryBytes } = report;
  const lag =
    received.lag === undefined
      ? 'nothing came in the last minute'
      : `p50 ${String(received.lag.p50Ms)} ms, p99 ${String(received.lag.p99Ms)} ms in the last minute`;
  const counts = countsOf(report);
  return [
    ...(counts.length === 0 ? ['  no flows'] : [renderTable(HEAD, counts)]),
    `  sent: ${String(sent.flows)} changes, ${String(sent.waiting)} wait, ${String(sent.unacknowledged)} on the way (${String(sent.lagMs)} ms)${overflowText(sent.overflows)}`,
    `  received: ${String(received.flows)} changes; ${lag}`,
    `  kernel: ${tableText(report)}; events lost ${String(drops)}; the whole table was read ${String(looks)} times; ${String(Math.round(memoryBytes / 1e6))} MB`,
    ...(sent.refused === 0
      ? []
      : [doubtful(`  the other node has not taken ${String(sent.refused)} of them`)]),
    ...refused.map(({ code, detail, count }) =>
      doubtful(`  refused ${String(count)} times: ${code}: ${detail}`),
    ),
  ];
}

const HEAD = ['PROTOCOL', 'FAMILY', 'OWN', 'OF THE OTHER NODE'];

function countsOf({ own, mirrored }: FlowsReport): readonly (readonly string[])[] {
  const nameOf = ({ protocol, family }: FlowsOfKind): string => `${protocol} ${family}`;
  const of = (all: readonly FlowsOfKind[], name: string): string =>
    String(all.find((each) => nameOf(each) === name)?.flows ?? 0);
  const names = new Set([...own, ...mirrored].map(nameOf));
  return [...names]
    .toSorted()
    .map((name) => [...name.split(' '), of(own, name), of(mirrored, name)]);
}

function roomText(report: FlowsReport): readonly string[] {
  const room = fullnessOf(report);
  if (room < NEARLY_FULL) {
    return [];
  }
  const text = `the table of flows is ${String(Math.round(room * 100))} % full`;
  return [room < FULL ? doubtful(text) : bad(text)];
}

function tableText({ table }: FlowsReport): string {
  return table === undefined
    ? 'how many flows there are is not known'
    : `${String(table.flows)} of ${String(table.most)} flows`;
}

function overflowText(overflows: number): string {
  return overflows === 0 ? '' : `, ${String(overflows)} times too many`;
}

/** As the log tells it. */
const NEARLY_FULL = 0.8;
