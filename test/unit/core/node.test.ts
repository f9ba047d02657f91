import { millis } from '../../../src/base/time.js';
import { NO_PEER } from '../../../src/core/node-peer.js';
import { describe, expect, it } from 'vitest';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type { GroupParams } from '../../../src/core/group-params.js';
import { unstarted } from '../../../src/core/group-state.js';
import type { NodeEvent, NodeState } from '../../../src/core/node.js';
import { SEEKING } from '../../../src/core/proxy-life.js';
import { newNode, nodeDeadline, stepNode } from '../../../src/core/node.js';
import { at, backup, HIGHER, lastWord, master, NOW, resigning, STRANGER, VIP } from './given.js';
import { NO_ORDERS } from '../../../src/core/orders.js';
import type { Orders } from '../../../src/core/orders.js';
import { arrived, GROUP, PAUSED } from './given-group.js';
import { after, BARE, BUSY, does, node, NOTHING_FOUND, taking, WITH_PROXY } from './given-node.js';
import { CHECKING, SERVING, WAITING } from './given-proxy.js';

const FOUND = [NOTHING_FOUND, { ...NOTHING_FOUND, links: ['down' as const] }];
const STARTED: NodeEvent = { kind: 'started', found: FOUND };
const ALARM: NodeEvent = { kind: 'alarm' };
const PROXY_CONNECTED: NodeEvent = { kind: 'proxy', event: { kind: 'connected', pid: 8 } };
const PROXY_DIED: NodeEvent = { kind: 'proxy', event: { kind: 'exited', how: 'signal 11' } };
const LEFT_OVER = { links: ['up'], leaseUntil: at(700), leftOver: 'yes' } as const;

const rolesOf = (state: NodeState) => state.groups.map((group) => group.vrrp.name);

describe('the stick tables of the other node', () => {
  const hears = (word: 'in' | 'awaited'): NodeEvent => ({ kind: 'tables', word });

  const heartbeat: NodeEvent = {
    ...{ kind: 'peer-heartbeat', interval: millis(60_000), age: millis(0), views: [] },
  };

  it('are waited for, by every group, for a minute at the most', () => {
    const events = [heartbeat, hears('awaited'), hears('awaited')];
    const awaited = after(BARE, node(backup()), events, NOW);
    expect(awaited.does).toEqual(['tell pair.peer', 'tell tables.awaited']);
    expect(awaited.state.groups.map(({ tables }) => tables)).toEqual([
      { kind: 'awaited', until: at(60_000) },
      { kind: 'awaited', until: at(60_000) },
    ]);
    const late = stepNode(BARE, awaited.state, ALARM, at(60_000));
    expect(does(late.effects)).toContain('tell tables.given-up');
    expect(late.state.groups.map(({ tables }) => tables.kind)).toEqual(['given-up', 'given-up']);
    expect(after(BARE, late.state, [hears('awaited')], at(60_001)).does).toEqual([]);
    expect(after(BARE, late.state, [hears('in'), hears('in')], at(60_001)).does).toEqual([
      'tell tables.in',
    ]);
  });

  it('are not given up where the other daemon is not there: they are awaited anew when it is', () => {
    const awaited = after(BARE, node(backup()), [hears('awaited')], NOW);
    const late = stepNode(BARE, awaited.state, ALARM, at(60_000));
    expect(does(late.effects).filter((each) => each.startsWith('tell tables'))).toEqual([]);
    expect(late.state.groups.map(({ tables }) => tables.kind)).toEqual(['alone', 'alone']);
    const met = stepNode(BARE, late.state, heartbeat, at(70_000));
    expect(does(met.effects)).toEqual(['tell tables.awaited', 'tell pair.peer']);
    expect(met.state.groups.map(({ tables }) => tables)).toEqual([
      { kind: 'awaited', until: at(130_000) },
      { kind: 'awaited', until: at(130_000) },
    ]);
  });

  it('are no matter to a node without groups', () => {
    const bare = { groups: [], proxy: undefined };
    const state = node(backup(), { groups: [], proxy: { name: 'none' } });
    expect(stepNode(bare, state, hears('awaited'), NOW).state).toBe(state);
  });

  it('wake the node when it has waited long enough', () => {
    const idle = node({ name: 'initialize' });
    const waits = after(BARE, idle, [hears('awaited')], NOW).state;
    const groups = waits.groups.map((each) => ({ ...each, vrrp: { name: 'initialize' } as const }));
    expect(nodeDeadline(BARE, { ...waits, groups })).toBeLessThanOrEqual(at(60_000));
  });
});

describe('a node starts', () => {
  it('knowing nothing and waiting for nothing', () => {
    const state = newNode(WITH_PROXY);
    expect(state).toEqual({
      phase: 'looking-around',
      peer: NO_PEER,
      groups: WITH_PROXY.groups.map(unstarted),
      proxy: SEEKING,
    });
    expect(newNode(BARE).proxy).toEqual({ name: 'none' });
    expect(nodeDeadline(WITH_PROXY, state)).toBeUndefined();
  });

  it.each<NodeEvent>([
    { kind: 'link', group: 0, instance: 0, state: 'up' },
    { kind: 'advert', group: 0, ...arrived(254) },
    { kind: 'address-removed', group: 0, address: VIP },
    { kind: 'address-refused', group: 0, detail: 'no' },
    { kind: 'addresses-held', group: 0 },
    { kind: 'send-failed', group: 0, detail: 'ENOBUFS' },
    { kind: 'probe-failed', group: 0, detail: 'ENOBUFS' },
    { kind: 'switchover', group: 0 },
    { kind: 'failback', group: 0 },
    { kind: 'address-claimed', group: 0, claim: { address: VIP, mac: STRANGER } },
  ])('%j before it has looked around moves nothing', (event) => {
    const { state, effects } = stepNode(WITH_PROXY, newNode(WITH_PROXY), event, NOW);
    expect(rolesOf(state)).toEqual(['initialize', 'initialize']);
    expect(does(effects).filter((each) => !each.endsWith('link.state'))).toEqual([]);
  });

  it.each(['running', 'stopping', 'stopped'] as const)('only once: not when it is %s', (phase) => {
    const state = node({ name: 'initialize' }, { phase, groups: [], proxy: { name: 'none' } });
    const bare = { groups: [], proxy: undefined };
    expect(stepNode(bare, state, { kind: 'started', found: [] }, NOW).effects).not.toContainEqual(
      expect.objectContaining({ kind: 'group' }),
    );
  });

  it('without a proxy, every group whose link is up joins at once', () => {
    const next = after(BARE, newNode(BARE), [STARTED], NOW);
    expect(next.state.phase).toBe('running');
    expect(next.does).toEqual([
      'web: starting → backup: listening first',
      'mail: starting → fault: link eth0 down',
    ]);
  });

  it('with a proxy, it looks for that first', () => {
    const next = after(WITH_PROXY, newNode(WITH_PROXY), [STARTED], NOW);
    expect(rolesOf(next.state)).toEqual(['initialize', 'initialize']);
    expect(next.does).toEqual(['mail: starting → fault: link eth0 down', 'proxy-connect']);
  });

  it('and adopts what its former life left, if that proxy still runs', () => {
    const found: NodeEvent = { kind: 'started', found: [LEFT_OVER, NOTHING_FOUND] };
    const next = after(WITH_PROXY, newNode(WITH_PROXY), [found, PROXY_CONNECTED], NOW);
    expect(rolesOf(next.state)).toEqual(['master', 'backup']);
  });

  it('unless a master is heard while that proxy is looked for', () => {
    const found: NodeEvent = { kind: 'started', found: [LEFT_OVER, NOTHING_FOUND] };
    const master: NodeEvent = { kind: 'advert', group: 0, ...arrived(1) };
    const next = after(WITH_PROXY, newNode(WITH_PROXY), [found, master, PROXY_CONNECTED], NOW);
    expect(next.does).toEqual([
      'proxy-connect',
      'web: release',
      'web: tell address.left-over',
      'web: starting → backup: listening first',
      'mail: starting → backup: listening first',
      'seeking → serving: found running',
    ]);
  });

  it('or gives it up, if no proxy answers', () => {
    const found: NodeEvent = { kind: 'started', found: [LEFT_OVER, NOTHING_FOUND] };
    const missing = { kind: 'connect-refused', found: 'nothing', detail: 'nobody there' } as const;
    const next = after(
      WITH_PROXY,
      newNode(WITH_PROXY),
      [found, { kind: 'proxy', event: missing }],
      NOW,
    );
    expect(next.does).toContain('web: release');
    expect(next.does).toContain('mail: starting → fault: the proxy is not serving');
  });

  it('a group nobody looked at, or that does not exist, is our mistake', () => {
    const short: NodeEvent = { kind: 'started', found: [NOTHING_FOUND] };
    expect(() => stepNode(BARE, newNode(BARE), short, NOW)).toThrow(BrokenAssumption);
    const wrong: NodeEvent = { kind: 'switchover', group: 2 };
    expect(() => stepNode(BARE, newNode(BARE), wrong, NOW)).toThrow(BrokenAssumption);
    for (const impossible of [{ kind: 'new' }, { kind: 'new', group: 0 }] as unknown[]) {
      const event = impossible as NodeEvent;
      expect(() => stepNode(BARE, newNode(BARE), event, NOW)).toThrow(BrokenAssumption);
    }
  });
});

describe('a node whose proxy dies', () => {
  it('gives its groups up in the same step, and asks for the proxy’s end', () => {
    const next = after(WITH_PROXY, node(master()), [PROXY_DIED], NOW);
    expect(next.state.proxy.name).toBe('ending');
    expect(next.does).toEqual([
      'web: release',
      'web: advert 0 every 1000',
      'web: master → fault: the proxy is not serving',
      'proxy-disconnect',
      'proxy-kill',
      'serving → ending: signal 11',
    ]);
  });

  it('takes part again, listening, when it serves again', () => {
    const starting = { name: 'starting', deaths: [], connectAt: at(1), giveUpAt: at(9) } as const;
    const out = taking({ name: 'initialize' }, { fault: 'the proxy is not serving' });
    const state = node(out.vrrp, { groups: [out, out], proxy: starting });
    const next = after(WITH_PROXY, state, [PROXY_CONNECTED], NOW);
    expect(next.does).toEqual([
      'web: fault → backup: listening first',
      'mail: fault → backup: listening first',
      'starting → serving: started',
    ]);
  });

  it('is not configured: nothing that concerns one changes anything', () => {
    const state = node(master(), { proxy: { name: 'none' } });
    expect(stepNode(BARE, state, PROXY_DIED, NOW)).toEqual({ state, effects: [] });
  });
});

describe('a node passes on what happens to the group it concerns', () => {
  it.each<[string, NodeEvent, readonly string[]]>([
    [
      'an advert',
      { kind: 'advert', group: 0, ...arrived(254) },
      [
        'web: release',
        'web: advert 200 every 1000',
        `web: master → backup: ${HIGHER} advertises priority 254`,
      ],
    ],
    [
      'the end of its link: told, then acted upon',
      { kind: 'link', group: 0, instance: 0, state: 'down' },
      [
        'web: tell link.state',
        'web: release',
        'web: advert 0 every 1000',
        'web: master → fault: link eth0 down',
      ],
    ],
    ['a link that was up already', { kind: 'link', group: 0, instance: 0, state: 'up' }, []],
    [
      'the link of the other group',
      { kind: 'link', group: 1, instance: 0, state: 'up' },
      ['mail: tell link.state', 'mail: fault → backup: listening first'],
    ],
    [
      'a removed address',
      { kind: 'address-removed', group: 0, address: VIP },
      ['web: tell address.removed', 'web: hold 2345, confirmation wanted'],
    ],
    ['a confirmation', { kind: 'addresses-held', group: 0 }, []],
    [
      'a refusal: another node must hold the addresses',
      { kind: 'address-refused', group: 0, detail: 'no' },
      [
        'web: tell address.refused',
        'web: release',
        'web: advert 0 every 1000',
        'web: master → fault: the kernel refused an address',
      ],
    ],
    [
      'an advert that could not be sent: one is no reason to leave',
      { kind: 'send-failed', group: 0, detail: 'ENOBUFS' },
      [],
    ],
    [
      'a switchover',
      { kind: 'switchover', group: 0 },
      [
        'web: tell switchover.started',
        'web: hold 1100, confirmation needless',
        'web: advert 0 every 1000',
        'web: master → resigning: switchover',
      ],
    ],
    ['a switchover of what it does not hold', { kind: 'switchover', group: 1 }, []],
    ['a failback of what it holds', { kind: 'failback', group: 0 }, []],
  ])('%s', (_why, event, expected) => {
    expect(after(WITH_PROXY, node(master()), [event], NOW).does).toEqual(expected);
  });

  it('a machine that has an address as well', () => {
    const claim = { address: VIP, mac: STRANGER };
    const event = { kind: 'address-claimed', group: 0, claim } as const;
    const next = after(WITH_PROXY, node(master()), [event], NOW);
    expect(next.state.groups[0]?.vrrp).toMatchObject({ name: 'master', claim });
  });

  it('a failback that an operator asks for, where it outranks the master', () => {
    const groups = [{ ...GROUP, failback: { kind: 'manual' } as const }];
    const outranks = taking(backup(), { failback: { kind: 'outranks', since: NOW } });
    const state = node(backup(), { groups: [outranks] });
    const next = after({ groups, proxy: undefined }, state, [{ kind: 'failback', group: 0 }], NOW);
    expect(next.does).toEqual(['web: tell failback.asked']);
  });

  it.each([0, 1])('the link of instance %i, by the name of its interface', (instance) => {
    const state = newNode(BUSY);
    const event: NodeEvent = { kind: 'link', group: 1, instance, state: 'down' };
    const next = stepNode(BUSY, state, event, NOW);
    const notice = {
      event: 'link.state',
      group: 'mail',
      interface: `eth${String(instance)}`,
      state: 'down',
    };
    expect(next.effects).toEqual([{ kind: 'group', group: 1, effect: { kind: 'tell', notice } }]);
    expect(next.state.groups[1]?.links[instance]).toBe('down');
  });

  it('a link of an instance that does not exist is our mistake', () => {
    const wrong: NodeEvent = { kind: 'link', group: 0, instance: 1, state: 'up' };
    expect(() => stepNode(BARE, newNode(BARE), wrong, NOW)).toThrow(BrokenAssumption);
  });

  it('and an alarm to all groups and the proxy', () => {
    const due = node(backup({ masterDownAt: NOW }), { proxy: { ...WAITING, retryAt: NOW } });
    const { does } = after(WITH_PROXY, due, [ALARM], NOW);
    expect(does).toContain('web: hold 2945, confirmation wanted');
    expect(does).toContain('proxy-check');
  });
});

describe('a node with a group that tracks its proxy', () => {
  const LOOKED: NodeEvent = {
    kind: 'started',
    found: [NOTHING_FOUND, { links: ['up', 'up'], leaseUntil: at(700), leftOver: 'yes' }],
  };
  const WELL: readonly NodeEvent[] = [0, 1].map((index) => ({
    kind: 'sampled',
    group: 1,
    index,
    seen: { kind: 'well' },
  }));
  const started = (...events: readonly NodeEvent[]) =>
    after(BUSY, newNode(BUSY), [LOOKED, ...events], NOW);

  it('looks for it before it adopts what a former life left', () => {
    expect(started(...WELL).does).toEqual([
      'proxy-connect',
      'mail: tell track.state',
      'mail: tell track.state',
    ]);
    expect(rolesOf(started(...WELL, PROXY_CONNECTED).state)).toEqual(['backup', 'master']);
  });

  it('gives it up when its lease ends meanwhile', () => {
    const { state } = started(...WELL);
    expect(nodeDeadline(BUSY, state)).toBe(at(700));
    const next = after(BUSY, state, [ALARM], at(700));
    expect(next.does).toEqual([
      'mail: release',
      'mail: advert 0 every 100',
      'mail: tell address.left-over',
    ]);
  });

  it('leaves with it, and by its name', () => {
    const { state } = started(...WELL, PROXY_CONNECTED);
    const next = after(BUSY, state, [PROXY_DIED], NOW);
    expect(next.does).toContain('mail: master → fault: proxy: the proxy is not serving');
    expect(next.does).toContain('web: backup → fault: the proxy is not serving');
  });

  it('stays where only its weight is lost', () => {
    const [web] = BUSY.groups;
    const weighed: GroupParams = {
      ...web!,
      things: [
        { name: 'proxy', thing: { kind: 'proxy' }, consequence: { kind: 'weight', weight: -20 } },
      ],
    };
    const params = { ...BUSY, groups: [weighed] };
    const found: NodeEvent = { kind: 'started', found: [NOTHING_FOUND] };
    const next = after(params, newNode(params), [found, PROXY_CONNECTED, PROXY_DIED], NOW);
    expect(rolesOf(next.state)).toEqual(['backup']);
    expect(next.state.groups[0]?.priority).toBe(180);
  });
});

describe('a node whose adverts cannot be sent', () => {
  const FAILED: NodeEvent = { kind: 'send-failed', group: 0, detail: 'ENOBUFS' };

  it('leaves at the third in a row, and its last word failing too changes nothing more', () => {
    const first = after(WITH_PROXY, node(master()), [FAILED], NOW);
    const second = after(WITH_PROXY, first.state, [FAILED], at(10));
    expect([...first.does, ...second.does]).toEqual([]);
    const next = after(WITH_PROXY, second.state, [FAILED], at(20));
    expect(next.does).toEqual([
      'web: tell vrrp.mute',
      'web: release',
      'web: advert 0 every 1000',
      'web: master → fault: adverts cannot be sent',
    ]);
    expect(after(WITH_PROXY, next.state, [FAILED, FAILED, FAILED], at(20)).does).toEqual([]);
  });
});

describe('addresses and adverts come before the proxy', () => {
  const kinds = (state: NodeState, event: NodeEvent) =>
    stepNode(WITH_PROXY, state, event, NOW).effects.map((effect) => effect.kind);

  it.each<[string, NodeState, NodeEvent, readonly string[]]>([
    [
      'as it dies',
      node(master()),
      PROXY_DIED,
      ['group', 'group', 'group', ...Array<string>(3).fill('proxy')],
    ],
    [
      'as both have an alarm',
      node(backup({ masterDownAt: NOW }), {
        proxy: { ...SERVING, probe: { kind: 'due', at: NOW } },
      }),
      ALARM,
      ['group', 'group', 'proxy'],
    ],
    ['at the start', newNode(WITH_PROXY), STARTED, ['group', 'proxy']],
    [
      'and the end of a stop after everything',
      node(backup()),
      { kind: 'stop', mode: 'release' },
      ['group', 'stopped'],
    ],
  ])('%s', (_why, state, event, expected) => {
    expect(kinds(state, event)).toEqual(expected);
  });
});

it.each<[string, Partial<NodeState>, number | undefined]>([
  [
    'a last word, while it stops',
    { phase: 'stopping', groups: [taking(master(), { lastWord: lastWord() })] },
    at(10),
  ],
  [
    'no rest, while it stops',
    { phase: 'stopping', groups: [taking(backup(), { rest: { until: at(1), cause: 'tired' } })] },
    at(2000),
  ],
  ['the proxy', { proxy: { ...WAITING, retryAt: at(3) } }, at(3)],
  ['a group', { proxy: CHECKING }, at(400)],
  ['neither', { proxy: CHECKING, groups: WITH_PROXY.groups.map(unstarted) }, undefined],
  ['its groups alone, while it stops', { phase: 'stopping', proxy: SERVING }, at(400)],
])('a node waits for %s', (_why, changes, expected) => {
  expect(nodeDeadline(WITH_PROXY, node(master(), changes))).toBe(expected);
});

describe('a node that stops waits for no rest and no adoption', () => {
  it('a refusal while it resigns ends its part at once', () => {
    const stopping = node(resigning({ purpose: 'stop' }), { phase: 'stopping' });
    const refusal: NodeEvent = { kind: 'address-refused', group: 0, detail: 'no' };
    const next = after(WITH_PROXY, stopping, [refusal], NOW);
    expect(next.state.phase).toBe('stopped');
    expect(next.does).toEqual(['web: release', 'web: resigning → stopped: shutdown', 'stopped']);
  });
});

it('the two groups of this test differ in name and interval only', () => {
  expect(BARE.groups[1]).toEqual({ ...GROUP, group: 'mail', interval: 100 });
});

describe('the other daemon', () => {
  const HEARTBEAT: NodeEvent = {
    kind: 'peer-heartbeat',
    interval: millis(100),
    age: millis(0),
    views: [],
  };

  it('is heard, is told of once, and moves nothing where it says nothing of the groups', () => {
    const first = after(WITH_PROXY, node(backup()), [HEARTBEAT, HEARTBEAT], NOW);
    expect(first.does).toEqual(['tell pair.peer']);
    expect(nodeDeadline(WITH_PROXY, first.state)).toBeLessThanOrEqual(at(250));
    const late = after(WITH_PROXY, first.state, [{ kind: 'alarm' }], at(250));
    const gone = after(WITH_PROXY, late.state, [{ kind: 'alarm' }], at(500));
    expect(gone.state.peer.life.name).toBe('gone');
    expect(gone.does).toContain('tell pair.peer');
  });

  it('is not heard by a heartbeat that was long under way', () => {
    const first = node(backup());
    const next = after(WITH_PROXY, first, [{ ...HEARTBEAT, age: millis(1000) }], NOW);
    expect(next.state.peer.life.name).toBe('unheard');
    expect(next.does).toEqual([]);
  });

  it('is heard while this one stops, and changes nothing of that', () => {
    const stopping = node(backup(), { phase: 'stopping' });
    const next = after(WITH_PROXY, stopping, [{ kind: 'peer-goodbye', why: 'stopping' }], NOW);
    expect(next.state.groups).toBe(stopping.groups);
  });
});

describe('what operators order', () => {
  const orders = (what: Orders): NodeEvent => ({ kind: 'orders', orders: what });

  it('is known to every group from then on, and told when it changes', () => {
    const paused = after(BARE, node(backup()), [orders(PAUSED)], NOW);
    expect(paused.state.groups.map((each) => each.orders)).toEqual([PAUSED, PAUSED]);
    expect(paused.does).toEqual(['tell orders.paused']);
    const again = after(BARE, paused.state, [orders({ ...PAUSED, known: 'awaited' })], NOW);
    expect(again.does).toEqual([]);
    expect(after(BARE, again.state, [orders(NO_ORDERS)], NOW).does).toEqual([
      'tell orders.resumed',
    ]);
  });

  it('a pause over an unfit master that kept the addresses ends with its release', () => {
    const kept = after(WITH_PROXY, node(master(), { proxy: SERVING }), [orders(PAUSED)], NOW);
    const unfit = after(WITH_PROXY, { ...kept.state, proxy: WAITING }, [orders(PAUSED)], NOW);
    expect(unfit.does).toEqual(['web: tell vrrp.kept']);
    const resumed = after(WITH_PROXY, unfit.state, [orders(NO_ORDERS)], NOW);
    expect(resumed.does).toContain('web: release');
  });
});
