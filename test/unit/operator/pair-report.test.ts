import { expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { fail, ok } from '../../../src/base/result.js';
import { instant, later, millis } from '../../../src/base/time.js';
import type { PeerState } from '../../../src/core/node-peer.js';
import { NO_PEER } from '../../../src/core/node-peer.js';
import { deskOf, HandNode, pairOf } from './given-desk.js';

const SAID: PeerState = {
  ...NO_PEER,
  life: { name: 'fresh', interval: millis(100), lateAt: instant(250) },
  views: new Map([
    [
      'web',
      {
        group: 'web',
        role: 'backup',
        priority: 253,
        interval: millis(1000),
        address: '10.77.0.2' as Ip,
        lan: 'reachable',
        health: 90,
      },
    ],
  ]),
};

it('shows what the other node answers, and the difference of the clocks', async () => {
  const { lb1, lb2 } = pairOf('master', 'fault');
  lb2.node.groups = lb2.node.groups.map((group) => ({
    ...group,
    fault: 'the proxy is not serving',
    health: { score: 0, parts: [`check: ${'x'.repeat(300)}`] },
  }));
  const report = await lb1.desk.report();
  expect(report).toMatchObject({
    node: 'lb1',
    peer: { node: 'lb2', word: 'answer', release: '0.1.0', groups: [{ role: 'fault' }] },
    prospects: [
      {
        group: 'web',
        says: 'nobody would take over: lb2 is in fault because of the proxy is not serving',
      },
    ],
  });
  expect(report.peer?.groups[0]?.health.parts[0]).toHaveLength(240);
  expect(report.peer?.clock).toEqual({ aheadMs: 0, withinMs: 0 });
});

it('says how far off the clock of the other may be', async () => {
  const { desk, clock } = deskOf('master', () => {
    const at = clock.wallTime() + 505;
    clock.time = later(clock.time, millis(10));
    return ok(JSON.stringify({ node: 'lb2', release: '1', at, groups: [] }));
  });
  expect((await desk.report()).peer?.clock).toEqual({ aheadMs: 500, withinMs: 5 });
});

it('has no other node where there is no channel', async () => {
  const report = await deskOf('master', undefined).desk.report();
  expect(report.peer).toBeUndefined();
  expect(report.prospects[0]?.says).toContain('without a pair channel');
});

it.each([
  ['has said something before', SAID, 'last heartbeat', 'lb2 would take over if this node died'],
  ['has said nothing', NO_PEER, 'none', 'not known whether lb2 would take over'],
  [
    'has said goodbye',
    { ...SAID, life: { name: 'goodbye', why: 'stopping' } },
    'last heartbeat',
    'its daemon is silent (goodbye: stopping)',
  ],
] as const)(
  'a node that does not answer and %s is shown as that',
  async (_what, heard, word, says) => {
    const refusal = { code: 'older', detail: 'of an older version' };
    const report = await deskOf('master', () => fail(refusal), heard).desk.report();
    expect(report.peer).toMatchObject({ word, problem: 'of an older version', clock: undefined });
    expect(report.peer?.groups.map(({ health }) => health.score)).toEqual(
      word === 'none' ? [] : [90],
    );
    expect(report.prospects[0]?.says).toContain(says);
  },
);

it('an answer that makes no sense is no answer', async () => {
  const report = await deskOf('backup', () => ok('[]'), SAID).desk.report();
  expect(report.peer).toMatchObject({ word: 'last heartbeat' });
  expect(report.peer?.problem).toContain('makes no sense');
});

it('what is under way on the other node is passed on, also what only a later version knows', async () => {
  const underWay = [
    { what: 'push', says: `pushes ${'x'.repeat(300)}` },
    { what: 'juggling', says: 'juggles' },
  ];
  const word = { node: 'lb2', release: '2', at: 1, groups: [], underWay: [underWay[1]] };
  const later = await deskOf('master', () => ok(JSON.stringify(word))).desk.report();
  expect(later.peer?.underWay).toEqual([{ what: 'other', says: 'juggles' }]);
  const { lb1, lb2 } = pairOf('master', 'backup');
  const status = lb2.node.status();
  Object.assign(lb2.node, { status: () => ({ ...status, underWay }) });
  const report = await lb1.desk.report();
  expect(report.peer?.underWay?.map(({ what }) => what)).toEqual(['push', 'other']);
  expect(report.peer?.underWay?.[0]?.says).toHaveLength(240);
  expect(report.underWay).toBeUndefined();
});

it('the proxy is told with its trouble', async () => {
  const { desk, node } = deskOf('master', undefined);
  const status = node.status();
  const proxy = { state: 'waiting', pid: undefined, cause: 'refused', recentDeaths: 0 };
  Object.assign(node, { status: () => ({ ...status, proxy }) });
  const said = await desk.answer('status', '{}');
  expect(said.ok ? JSON.parse(said.value) : undefined).toMatchObject({ proxy: 'waiting: refused' });
  expect(node).toBeInstanceOf(HandNode);
});
