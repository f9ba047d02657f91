import { expect, it } from 'vitest';
import { fail, ok } from '../../../src/base/result.js';
import { loadsAnswers, loadsReport } from '../../../src/operator/loads-report.js';
import type { Peer } from '../../../src/operator/ports.js';
import type { Loads } from '../../../src/ports/served.js';
import type { ServerLoad } from '../../../src/wire/pair/loads-word.js';

function load(name: string, sessions: number): ServerLoad {
  const failed = { checks: 0, connects: 0, answers: 0 };
  return { name, status: 'UP', check: undefined, sessions, failed };
}

function loadsOf(...loads: readonly ServerLoad[]): Loads {
  return { loads: () => Promise.resolve(ok(loads)) };
}

function peerWith(answers: ReturnType<typeof loadsAnswers>): Peer {
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

const HERE = loadsOf(load('web/a', 2), load('web/b', 0));
const THERE = peerWith(loadsAnswers({ loads: loadsOf(load('web/a', 5), load('web/c', 1)) }));

it('tells what the servers of both nodes have to do, or one of them', async () => {
  expect(await loadsReport('lb1', { loads: HERE, peer: THERE }, undefined)).toMatchObject([
    { node: 'lb1', problem: undefined, servers: [{ name: 'web/a' }, { name: 'web/b' }] },
    { node: 'lb2', problem: undefined, servers: [{ name: 'web/a' }, { name: 'web/c' }] },
  ]);
  expect(await loadsReport('lb1', { loads: HERE, peer: THERE }, 'web/a')).toMatchObject([
    { servers: [{ name: 'web/a', sessions: 2 }] },
    { servers: [{ name: 'web/a', sessions: 5 }] },
  ]);
});

it('without a channel it tells of this node alone', async () => {
  expect(await loadsReport('lb1', { loads: HERE, peer: undefined }, 'web/b')).toMatchObject([
    { node: 'lb1', servers: [{ name: 'web/b' }] },
  ]);
});

it.each([
  ['an older version', peerWith({}), 'what is loads?'],
  ['no proxy', peerWith(loadsAnswers({ loads: undefined })), 'no proxy is configured'],
  ['nonsense', peerWith({ loads: () => Promise.resolve(ok('[{}]')) }), '0'],
])('says why the other node does not tell: %s', async (_, peer, why) => {
  const [, there] = await loadsReport('lb1', { loads: HERE, peer }, undefined);
  expect(there).toMatchObject({ node: 'lb2', servers: [] });
  expect(there?.problem).toContain(why);
});

it('says why this node cannot tell, and refuses a question that it does not understand', async () => {
  const loads: Loads = { loads: () => Promise.resolve(fail({ detail: 'no answer' })) };
  const [here] = await loadsReport('lb1', { loads, peer: undefined }, undefined);
  expect(here).toEqual({ node: 'lb1', problem: 'no answer', servers: [] });
  expect(await loadsAnswers({ loads: HERE })['loads']?.('no')).toEqual(fail('not JSON'));
});
