/** When both kernels are said to have the same. */
import { expect, it } from 'vitest';
import { isWhole } from '../../../src/cli/flows.js';
import { verdictText } from '../../../src/cli/verdict-text.js';
import type { FlowsReport } from '../../../src/telemetry/flows.js';
import { FLOWS_REPORT } from '../replication/given-flows-report.js';

const NOW = 1_700_000_000_000;

function whole(sent: Partial<FlowsReport['sent']>, at?: number): boolean {
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
  const nodes = [{ node: 'lb1', replication, unknown: undefined, at }];
  return isWhole({ node: 'lb1', nodes }, NOW + 20_000);
}

it('is only where that was verified a moment ago, with nothing on its way since', () => {
  expect(whole({})).toBe(true);
  expect(whole({ waiting: 1 })).toBe(false);
  expect(whole({ verified: { verdict: 'unknown' } })).toBe(false);
  expect(whole({ verified: { verdict: 'differs', at: NOW } })).toBe(false);
  expect(whole({ verified: { verdict: 'equal', at: NOW - 10_001 } })).toBe(false);
});

it('is judged by the clock of the node that says it, where it tells its clock', () => {
  const verified = { verdict: 'equal' as const, at: NOW - 3_600_000 };
  expect(whole({ verified })).toBe(false);
  expect(whole({ verified }, NOW - 3_590_000)).toBe(true);
  expect(whole({}, NOW + 3_600_000)).toBe(false);
  expect(whole({}, NOW - 3_600_000)).toBe(false);
});

const EQUAL = { verdict: 'equal' as const, at: NOW };

// Without a terminal there are no colours.
it.each([
  ['a moment ago', EQUAL, NOW + 1_240, 'equal 1.2 s ago'],
  ['by a clock that nobody knows', EQUAL, undefined, 'equal at 2023-11-14 22:13:20.000'],
  ['by one that was set back', EQUAL, NOW - 1, 'equal at 2023-11-14 22:13:20.000'],
  ['otherwise', { verdict: 'differs' as const, at: NOW }, NOW, 'differs 0.0 s ago'],
  ['never', { verdict: 'unknown' as const }, NOW, 'not yet'],
])('what was compared %s is told so', (_when, verdict, now, text) => {
  expect(verdictText(verdict, 'not yet', now)).toBe(text);
});
