import { expect, it } from 'vitest';
import type { Result } from '../../../src/base/result.js';
import { fail, ok } from '../../../src/base/result.js';
import type { ServerSeen } from '../../../src/core/served.js';
import { servedAnswers, servedReport } from '../../../src/operator/served-report.js';
import type { Peer } from '../../../src/operator/ports.js';
import type { ServedFailure, Servers } from '../../../src/ports/served.js';

function serversOf(...statuses: readonly string[]): Servers {
  return answering(
    ok(
      statuses.map((status, index) => ({
        ...{ backend: 'web', name: `s${String(index)}`, status, check: undefined },
      })),
    ),
  );
}

function answering(answer: Result<readonly ServerSeen[], ServedFailure>): Servers {
  return { servers: () => Promise.resolve(answer) };
}

function peerWith(servers: Servers | undefined): Peer {
  const answers = servedAnswers({ servers });
  return {
    name: 'lb2',
    ask: async (ask, body) => {
      const answer = await answers[ask]?.(body);
      return answer?.ok === true
        ? answer
        : fail({ code: 'refused', detail: answer?.error ?? `what is ${ask}?` });
    },
  };
}

it('a server that one node calls up and the other down is shown as such', async () => {
  const report = await servedReport({
    servers: serversOf('UP', 'DOWN', 'DOWN'),
    peer: peerWith(serversOf('DOWN', 'DOWN 1/2', 'UP')),
  });
  expect(report).toMatchObject({
    here: { total: 3, up: 1 },
    there: { total: 3, up: 1 },
    differing: [
      { server: 'web/s2', here: 'DOWN', there: 'UP' },
      { server: 'web/s0', here: 'UP', there: 'DOWN' },
    ],
  });
});

it.each<[string, Servers | undefined, Peer | undefined, object | undefined]>([
  ['without a proxy', undefined, peerWith(serversOf()), undefined],
  [
    'without a channel',
    serversOf('UP'),
    undefined,
    { here: { up: 1 }, there: undefined, thereProblem: undefined },
  ],
  [
    'with a proxy that does not answer',
    answering(fail({ detail: 'no answer' })),
    peerWith(serversOf('UP')),
    { here: undefined, problem: 'no answer', there: { up: 1 }, differing: [] },
  ],
  [
    'with a peer whose proxy does not answer',
    serversOf('UP'),
    peerWith(answering(fail({ detail: 'no answer' }))),
    { thereProblem: 'no answer', differing: [] },
  ],
  [
    'with a peer that has no proxy',
    serversOf('UP'),
    peerWith(undefined),
    { thereProblem: 'no proxy is configured' },
  ],
])('%s', async (_how, servers, peer, expected) => {
  const report = await servedReport({ servers, peer });
  if (expected === undefined) {
    expect(report).toBeUndefined();
  } else {
    expect(report).toMatchObject(expected);
  }
});
