/** The matrix as people read it: one line a row, and for each stage how long until one router alone was owner. */
import { renderTable } from '../../src/cli/table.js';
import { STAGES } from './drill.js';
import type { Matrix } from './row.js';
import type { RowOutcome } from './run-row.js';

const HEAD = ['PEER', 'WE ARE', 'VRRP', 'FAMILY', 'AUDIENCE', 'CHECKSUM', 'AUTH', 'PEER'];

/** A row that did not run is not passed over in silence, nor one that the installed peer cannot do. */
export function renderMatrix(
  outcomes: readonly RowOutcome[],
  { rows, impossible }: Matrix,
): string {
  const lines = outcomes
    .toSorted((a, b) => order(a).localeCompare(order(b)))
    .map(({ row, took, judged, failures }) => [
      row.peer,
      row.weAre,
      `v${String(row.version)}`,
      row.family,
      row.audience,
      checksumOf(row),
      row.authentication === 'none' ? '' : row.authentication,
      row.peerPreempts,
      ...STAGES.map((stage) => took.get(stage)?.toFixed(0) ?? '-'),
      String(judged),
      failures.length === 0 ? 'pass' : 'FAIL',
    ]);
  const expected = rows.length;
  const passed = outcomes.filter(({ failures }) => failures.length === 0).length;
  return [
    'One owner after each stage; milliseconds until then. ADVERTS: of ours, judged by tshark.',
    '',
    renderTable([...HEAD, ...STAGES.map((stage) => stage.toUpperCase()), 'ADVERTS', ''], lines),
    '',
    `rows: ${String(expected)}, run: ${String(outcomes.length)}, passed: ${String(passed)}, skipped: ${String(expected - outcomes.length)}`,
    ...impossible,
  ].join('\n');
}

function order({ row }: RowOutcome): string {
  const peer = row.peer === 'keepalived' ? 0 : 1;
  const dialect = [row.version, row.family, row.checksum, row.authentication, row.audience];
  return [peer, ...dialect, row.weAre, row.peerPreempts].join();
}

/** Only VRRPv3 over IPv4 has a choice. */
function checksumOf({ version, family, checksum }: RowOutcome['row']): string {
  return version === 2 || family === 'ipv6' ? '' : checksum.replace('-pseudo-header', '');
}
