/** Orders of the pair: what stands afterwards, and what the other node says of it. */
import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import type { Result } from '../../../src/base/result.js';
import { fail, ok } from '../../../src/base/result.js';
import { instant, millis } from '../../../src/base/time.js';
import type { PeerState } from '../../../src/core/node-peer.js';
import { NO_PEER } from '../../../src/core/node-peer.js';
import { isOn, maintenanceKey } from '../../../src/core/orders.js';
import type { GroupView } from '../../../src/core/peer-view.js';
import { INTENT_DIGEST } from '../../../src/operator/equality.js';
import { settled } from '../engine/fakes.js';
import { deskOf, pairOf } from './given-desk.js';

const READY: GroupView = {
  group: 'web',
  role: 'backup',
  priority: 253,
  interval: millis(1000),
  address: '10.77.0.2' as Ip,
  lan: 'reachable',
  health: 100,
};

type Answer = Result<string, { code: string; detail: string }>;

const word = (orders: object | undefined): Answer =>
  ok(JSON.stringify({ node: 'lb2', release: '0.0.9', at: 0, groups: [], orders }));

it('a pause stands once it is ordered, and the other node says that it goes by it', async () => {
  const { desk, asks } = deskOf('master', () =>
    word({ paused: 'yes', maintenance: [], schedules: [] }),
  );
  const paused = await desk.pause('on');
  expect(paused).toEqual({
    ok: true,
    value: {
      node: 'lb1',
      orders: { known: 'yes', paused: { by: 'lb1', at: 42 }, maintenance: [] },
      holds: [],
      changed: 'something',
      kept: 'on disk',
      peer: { node: 'lb2', problem: undefined },
    },
  });
  expect(asks).toEqual(['status']);
  expect(await desk.pause('on')).toMatchObject({ value: { changed: 'nothing' } });
  expect(await desk.pause('off')).toMatchObject({
    value: {
      orders: { paused: undefined },
      changed: 'something',
      peer: { problem: 'it has it otherwise' },
    },
  });
});

it.each<[string, Answer, string]>([
  [
    'is silent',
    fail({ code: 'no-channel', detail: 'the pair channel is down' }),
    'channel is down',
  ],
  ['knows of no orders', word(undefined), 'its vipair 0.0.9 obeys no such orders'],
  ['answers nonsense', ok('{}'), 'its answer makes no sense'],
  [
    'has not heard of it',
    word({ paused: 'no', maintenance: [], schedules: [] }),
    'it has it otherwise',
  ],
])('it stands here although the other node %s, and that is said', async (_how, answer, problem) => {
  const paused = await deskOf('backup', () => answer).desk.pause('on');
  expect(paused).toMatchObject({
    value: {
      orders: { paused: { by: 'lb1' } },
      peer: { problem: expect.stringContaining(problem) as string },
    },
  });
});

it('without a pair channel nobody is asked', async () => {
  expect(await deskOf('backup', undefined).desk.pause('on')).toMatchObject({
    value: { orders: { paused: { by: 'lb1' } }, peer: undefined },
  });
});

describe('maintenance', () => {
  const order = { node: 'lb1', state: 'on', successor: 'ready' } as const;
  const saying = (answer: object): Answer => ok(JSON.stringify(answer));
  const PEER_READY: PeerState = {
    ...NO_PEER,
    life: { name: 'fresh', interval: millis(100), lateAt: instant(1e9) },
    views: new Map([['web', READY]]),
  };
  const here = (ask: string): Answer =>
    ask === INTENT_DIGEST
      ? fail({ code: 'refused', detail: 'it does not say' })
      : word({ paused: 'no', maintenance: ['lb1'], schedules: [] });

  it('of this node is ordered where the other could take over', async () => {
    const { desk, orders } = deskOf('backup', here, PEER_READY, 'master');
    const done = await desk.maintenance(order);
    expect(done).toMatchObject({
      value: {
        changed: 'something',
        // Nobody carries it out in this test.
        holds: ['web'],
        orders: { maintenance: [{ node: 'lb1', by: 'lb1', at: 42 }] },
        peer: { problem: undefined },
      },
    });
    expect(await desk.maintenance(order)).toMatchObject({ value: { changed: 'nothing' } });
    expect(isOn(orders.orders.own)).toBe(true);
    expect(await desk.maintenance({ ...order, state: 'off' })).toMatchObject({
      value: { changed: 'something', orders: { maintenance: [] }, holds: [] },
    });
  });

  it('waits until what is under way has moved', async () => {
    const { desk, clock } = deskOf('backup', here, PEER_READY, 'resigning');
    const done = desk.maintenance(order);
    for (let rings = 0; rings < 200; rings += 1) {
      await settled();
      if (clock.pending().length > 0) {
        clock.ringNext();
      }
    }
    expect(await done).toMatchObject({ value: { holds: ['web'] } });
  });

  it.each<[string, PeerState, string]>([
    ['is silent', NO_PEER, 'its daemon is silent'],
    [
      'is in fault',
      { ...PEER_READY, views: new Map([['web', { ...READY, role: 'fault' }]]) },
      'it is in fault',
    ],
  ])('of a master whose peer %s is refused without --force', async (_how, heard, why) => {
    const { desk, orders } = deskOf('backup', here, heard, 'master');
    expect(await desk.maintenance(order)).toMatchObject({
      error: { code: 'not-ready', detail: expect.stringContaining(why) as string },
    });
    expect(isOn(orders.orders.own)).toBe(false);
    expect(await desk.maintenance({ ...order, successor: 'any' })).toMatchObject({ ok: true });
  });

  it('of a master whose peer would serve otherwise is refused as a switchover is', async () => {
    const { desk } = deskOf('backup', () => ok('another digest'), PEER_READY, 'master');
    expect(await desk.maintenance(order)).toMatchObject({
      error: { code: 'not-ready', detail: expect.stringContaining('has not heard yet') as string },
    });
  });

  it('of a node that has nothing, or of one without a channel, needs nobody', async () => {
    expect(await deskOf('backup', here, NO_PEER).desk.maintenance(order)).toMatchObject({
      ok: true,
    });
    const alone = deskOf('backup', undefined, NO_PEER, 'master').desk;
    expect(await alone.maintenance(order)).toMatchObject({ ok: true, value: { peer: undefined } });
    expect(await alone.maintenance({ ...order, node: 'lb2' })).toMatchObject({
      error: { code: 'peer-refused' },
    });
    expect(await alone.maintenance({ ...order, node: 'lb3' })).toMatchObject({
      error: { code: 'unknown-node' },
    });
  });

  it('of the other node is its own affair, and both are not in it without --force', async () => {
    const { lb1, lb2 } = pairOf('backup', 'backup');
    expect(await lb1.desk.maintenance({ ...order, node: 'lb2' })).toMatchObject({
      value: { holds: [], orders: { maintenance: [{ node: 'lb2' }] } },
    });
    expect(isOn(lb2.orders.orders.own)).toBe(true);
    expect(await lb1.desk.maintenance(order)).toMatchObject({
      error: { code: 'both-in-maintenance' },
    });
    await lb2.orders.give(maintenanceKey('lb1'), 'on');
    await lb2.orders.give(maintenanceKey('lb2'), 'off');
    await lb1.orders.give(maintenanceKey('lb2'), 'off');
    expect(await lb1.desk.maintenance({ ...order, node: 'lb2' })).toMatchObject({
      error: { code: 'both-in-maintenance' },
    });
    const forced = { node: 'lb2', state: 'on', successor: 'any' } as const;
    expect(await lb1.desk.maintenance(forced)).toMatchObject({ ok: true });
    expect(await lb2.desk.answer('maintenance', '{}')).toMatchObject({ ok: false });
  });

  it.each<[string, Answer, object]>([
    ['is dead', fail({ code: 'no-channel', detail: 'down' }), { ok: true, value: { holds: [] } }],
    ['is too old', fail({ code: 'refused', detail: '?' }), { error: { code: 'peer-refused' } }],
    ['is older still', fail({ code: 'older', detail: '?' }), { error: { code: 'peer-refused' } }],
    ['answers nonsense', ok('{}'), { error: { code: 'peer-refused' } }],
    [
      'cannot',
      saying({ kind: 'refused', code: 'not-ready', detail: 'no' }),
      { error: { code: 'not-ready', detail: 'no' } },
    ],
  ])('of the other node that %s', async (_how, answer, expected) => {
    const { desk, orders } = deskOf('master', () => answer);
    expect(await desk.maintenance({ ...order, node: 'lb2' })).toMatchObject(expected);
    expect(isOn(orders.orders.peer)).toBe('ok' in expected);
  });

  it('of a node that does not answer is not ordered: nobody knows what it did', async () => {
    const { desk } = deskOf('backup', () => fail({ code: 'no-answer', detail: '?' }));
    expect(await desk.maintenance({ ...order, node: 'lb2' })).toMatchObject({
      error: { code: 'peer-silent' },
    });
  });

  it('of a dead node is not ordered on one that is in maintenance itself', async () => {
    const { desk, orders } = deskOf('backup', () => fail({ code: 'no-channel', detail: '?' }));
    await orders.give(maintenanceKey('lb1'), 'on');
    expect(await desk.maintenance({ ...order, node: 'lb2' })).toMatchObject({
      error: { code: 'both-in-maintenance' },
    });
  });
});
