import { expect, it } from 'vitest';
import { NODE_FLOWS_WORD, readFlowsReport } from '../../../../src/wire/pair/flows-report.js';
import { FLOWS_REPORT } from '../../replication/given-flows-report.js';

it('says all that a flow replicator reports, and nothing that it does not know', () => {
  const line = JSON.stringify({ report: { ...FLOWS_REPORT, later: 1 } });
  expect(readFlowsReport(line)).toEqual({ ok: true, value: FLOWS_REPORT });
  const replication = { state: 'running', pid: 7, restarts: 0, report: FLOWS_REPORT };
  expect(NODE_FLOWS_WORD.parse({ replication })).toEqual({ replication });
});

it.each([
  ['no JSON', 'x'],
  ['no report', '{}'],
  ['a negative count', JSON.stringify({ report: { ...FLOWS_REPORT, drops: -1 } })],
  [
    'more kinds than there are',
    JSON.stringify({
      report: { ...FLOWS_REPORT, own: new Array(1025).fill(FLOWS_REPORT.own[0]) as unknown },
    }),
  ],
])('believes not: %s', (_, line) => {
  expect(readFlowsReport(line).ok).toBe(false);
});
