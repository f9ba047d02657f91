/** When both kernels are said to have the same. */
import { expect, it } from 'vitest';
import { isWhole } from '../../../src/cli/flows.js';
import type { FlowsReport } from '../../../src/telemetry/flows.js';
import { FLOWS_REPORT } from '../replication/given-flows-report.js';

const NOW = 1_700_000_000_000;

function whole(sent: Partial<FlowsReport['sent']>): boolean {
  const report = {
    ...FLOWS_REPORT,
    ...{ complete: true, link: { state: 'up' as const, since: 0 } },
    sent: {
      ...{ ...FLOWS_REPORT.sent, waiting: 0, verified: { verdict: 'equal' as const, at: NOW } },
      ...sent,
    },
  };
  const replication = {
    ...{ state: 'running' as const, pid: 7, problem: undefined, restarts: 0, report },
  };
  const nodes = [{ node: 'lb1', replication, unknown: undefined }];
  return isWhole({ node: 'lb1', nodes }, NOW + 20_000);
}

it('is only where that was verified a moment ago, with nothing on its way since', () => {
  expect(whole({})).toBe(true);
  expect(whole({ waiting: 1 })).toBe(false);
  expect(whole({ verified: { verdict: 'unknown' } })).toBe(false);
  expect(whole({ verified: { verdict: 'differs', at: NOW } })).toBe(false);
  expect(whole({ verified: { verdict: 'equal', at: NOW - 10_001 } })).toBe(false);
});
