/** The connections through the kernel on the screen of `vipair top`: the line that the status has, and one of figures. */
import type { FlowReplicationStatus, FlowsOfKind } from '../../telemetry/flows.js';
import { doubtful } from '../paint.js';
import { flowsLine } from '../status/flows.js';
import { renderTable } from '../table.js';
import { flowCells } from './cells.js';
import type { TopRates } from './rates.js';

/** Nothing where none are copied. */
export function flowsSection(
  replication: FlowReplicationStatus | undefined,
  { flows }: TopRates,
): string {
  const { report } = replication ?? {};
  if (report === undefined) {
    return flowsLine(replication);
  }
  const { own, mirrored, sent, received, drops, refused } = report;
  const notTaken = refused.reduce((all, { count }) => all + count, sent.refused);
  const head = [
    '  OWN',
    'OF THE OTHER',
    'OUT/S',
    'IN/S',
    'WAIT',
    'ON THE WAY',
    'LAG',
    'LAG IN P99',
  ];
  const row = [
    ...[`  ${String(countOf(own))}`, String(countOf(mirrored)), ...flowCells(flows)],
    ...[String(sent.waiting), String(sent.unacknowledged), lagText(sent.lagMs)],
    ...[lagText(received.lag?.p99Ms), countText(drops), countText(notTaken)],
  ];
  return [flowsLine(replication), renderTable([...head, 'EVENTS LOST', 'REFUSED'], [row])].join(
    '\n',
  );
}

function countOf(kinds: readonly FlowsOfKind[]): number {
  return kinds.reduce((all, { flows }) => all + flows, 0);
}

/** Undefined: nothing came in the last minute. */
function lagText(ms: number | undefined): string {
  return ms === undefined ? '–' : `${String(Math.round(ms))} ms`;
}

/** Of what there should be none. */
function countText(count: number): string {
  return count === 0 ? '0' : doubtful(String(count));
}
