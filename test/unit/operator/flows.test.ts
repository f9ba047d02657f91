/** Flows of both nodes, asked on one. */
import { expect, it } from 'vitest';
import { fail } from '../../../src/base/result.js';
import { wallTime } from '../../../src/base/time.js';
import type { FlowsPorts } from '../../../src/operator/flows.js';
import { Flows } from '../../../src/operator/flows.js';
import type { FlowReplicationStatus } from '../../../src/telemetry/flows.js';
import { FLOWS_REPORT } from '../replication/given-flows-report.js';

const NAMES = { names: ['lb1', 'lb2'] };
const STATUS: FlowReplicationStatus = {
  ...{ state: 'running', pid: 7, problem: undefined, restarts: 0, report: FLOWS_REPORT },
};
const RUNNING = { status: () => STATUS };

type Running = ReturnType<FlowsPorts['flows']>;

const clockAt = (at: number) => ({ wallTime: () => wallTime(at) });

function pair(here: Running, there: Running | 'no such question') {
  const other = there === 'no such question' ? undefined : there;
  const lb2 = new Flows(
    { ...NAMES, node: 'lb2' },
    { clock: clockAt(2), flows: () => other, peer: undefined },
  );
  const peer = {
    name: 'lb2',
    ask: async (ask: string, body: string) => {
      const answer =
        there === 'no such question' || ask !== 'flows'
          ? fail(`this version does not know what ${ask} asks`)
          : await lb2.answers()['flows']!(body);
      return answer.ok ? answer : fail({ code: 'refused' as const, detail: answer.error });
    },
  };
  return {
    lb1: new Flows({ ...NAMES, node: 'lb1' }, { clock: clockAt(1), flows: () => here, peer }),
    lb2,
  };
}

it('are told of both, each by its own clock', async () => {
  expect(await pair(RUNNING, RUNNING).lb1.flows()).toEqual({
    ok: true,
    value: {
      node: 'lb1',
      nodes: [
        { node: 'lb1', replication: STATUS, unknown: undefined, at: 1 },
        { node: 'lb2', replication: STATUS, unknown: undefined, at: 2 },
      ],
    },
  });
});

it.each([
  [undefined, 'it copies no flows'],
  ['no such question' as const, 'this version does not know what flows asks'],
])('of a node that cannot say it, that is said: %#', async (there, unknown) => {
  const answer = await pair(RUNNING, there).lb1.flows();
  expect(answer.ok && answer.value.nodes[1]).toEqual({
    ...{ node: 'lb2', replication: undefined, unknown },
  });
});

it('need a channel to the other node, and something to copy', async () => {
  const alone = await pair(RUNNING, RUNNING).lb2.flows();
  expect(alone.ok && alone.value.nodes[0]?.unknown).toBe('there is no pair channel');
  expect(await pair(undefined, RUNNING).lb1.flows()).toMatchObject({
    error: { code: 'not-replicated' },
  });
});
