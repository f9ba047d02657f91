import { describe, expect, it } from 'vitest';
import type { Fitness, GroupFound, GroupState } from '../../../src/core/group-state.js';
import { begin, groupDeadline, refused, removed, run, settle } from '../../../src/core/group.js';
import { roleOf, unstarted } from '../../../src/core/group-state.js';
import { at, backup, lastWord, master, NOW, PARAMS, resigning, told, VIP } from './given.js';

const FIT: Fitness = { kind: 'fit' };
const PENDING: Fitness = { kind: 'pending' };
const UNFIT: Fitness = { kind: 'unfit', cause: 'the proxy is not serving' };

const INITIALIZE = { name: 'initialize' } as const;
const LEASE_TAKES_OVER = 'hold 2945, confirmation wanted';
const DROPPED = ['release', 'advert 0 every 1000', 'tell address.left-over'];
const LEFT_OVER: GroupFound = { link: 'up', leaseUntil: undefined, leftOver: 'yes' };

function group(changes: Partial<GroupState> = {}): GroupState {
  const running = { link: 'up', fault: undefined, vrrp: backup() } as const;
  return { ...unstarted, ...running, ...changes };
}

/** Looked around, and its fitness is not settled yet. */
const begun = (changes: Partial<GroupState> = {}) => ({
  ...unstarted,
  link: 'up' as const,
  ...changes,
});

describe('what a former life left behind', () => {
  it.each<[string, Partial<GroupFound>, Partial<GroupState>, readonly string[]]>([
    ['nothing', { leftOver: 'no' }, {}, []],
    [
      'addresses whose lease has ended before: given up at once',
      {},
      { lastWord: lastWord() },
      DROPPED,
    ],
    [
      'addresses whose lease ended while we looked: given up at once',
      { leaseUntil: NOW },
      { lastWord: lastWord() },
      DROPPED,
    ],
    [
      'addresses whose lease still runs: kept, to be adopted',
      { link: 'down', leaseUntil: at(0.125) },
      { link: 'down', adoptBy: at(0.125) },
      [],
    ],
  ])('%s', (_why, found, changes, effects) => {
    const step = begin(PARAMS, { ...LEFT_OVER, ...found }, NOW);
    expect(step.state).toEqual(begun(changes));
    expect(told(step.effects)).toEqual(effects);
  });
});

describe('a group joins', () => {
  it('fit and its link up, it listens first', () => {
    const step = settle(PARAMS, begun(), FIT, NOW);
    expect(step.state).toMatchObject({ fault: undefined, vrrp: { name: 'backup' } });
    expect(told(step.effects)).toEqual(['starting → backup: listening first']);
  });

  it('and comes back from a fault by name', () => {
    const step = settle(PARAMS, begun({ fault: 'link down' }), FIT, NOW);
    expect(told(step.effects)).toEqual(['fault → backup: listening first']);
  });

  it('adopts a lease that still runs', () => {
    const step = settle(PARAMS, begun({ adoptBy: at(1) }), FIT, NOW);
    expect(step.state).toMatchObject({
      fault: undefined,
      adoptBy: undefined,
      vrrp: { name: 'master', leaseUntil: at(2945) },
    });
    expect(told(step.effects)).toEqual([
      'tell address.left-over',
      LEASE_TAKES_OVER,
      'starting → master: adopted a running lease',
    ]);
  });

  it('too late to adopt, it gives up what is left as a master would, and listens', () => {
    const step = settle(PARAMS, begun({ adoptBy: NOW }), FIT, NOW);
    expect(step.state).toMatchObject({ adoptBy: undefined, vrrp: { name: 'backup' } });
    expect(told(step.effects)).toEqual([...DROPPED, 'starting → backup: listening first']);
  });

  it('while the proxy is looked for, a lease that runs is left alone', () => {
    const waiting = begun({ adoptBy: at(1) });
    expect(settle(PARAMS, waiting, PENDING, NOW)).toEqual({ state: waiting, effects: [] });
  });

  it('a lease that ends while the proxy is looked for is given up', () => {
    const step = settle(PARAMS, begun({ adoptBy: NOW }), PENDING, NOW);
    expect(step.state).toEqual(begun({ lastWord: lastWord() }));
    expect(told(step.effects)).toEqual(DROPPED);
  });

  it('while the proxy is looked for, a group with nothing to adopt waits silently', () => {
    expect(settle(PARAMS, begun(), PENDING, NOW)).toEqual({ state: begun(), effects: [] });
  });

  it.each<[string, Partial<GroupState>, Fitness]>([
    ['the proxy is missing', { adoptBy: at(500) }, UNFIT],
    ['the link is down', { adoptBy: at(500), link: 'down' }, FIT],
  ])('not at all while %s: a lease that runs is given up', (_why, changes, node) => {
    const step = settle(PARAMS, begun(changes), node, NOW);
    expect(step.state).toMatchObject({ adoptBy: undefined, vrrp: INITIALIZE });
    expect(told(step.effects).slice(0, -1)).toEqual(DROPPED);
    expect(roleOf(step.state)).toBe('fault');
  });
});

describe('a group leaves', () => {
  it.each<[string, Partial<GroupState>, Fitness, string]>([
    ['its link is down', { link: 'down' }, FIT, 'link down'],
    ['its interface is missing', { link: 'missing' }, FIT, 'link missing'],
    [
      'the kernel refused an address',
      { rest: { until: at(1), cause: 'the kernel refused an address' } },
      FIT,
      'the kernel refused an address',
    ],
    ['the node is unfit', {}, UNFIT, 'the proxy is not serving'],
    ['both link and node are bad: the link is named', { link: 'down' }, UNFIT, 'link down'],
  ])('when %s', (_why, changes, node, fault) => {
    const step = settle(PARAMS, group({ vrrp: master(), ...changes }), node, NOW);
    expect(step.state).toEqual(
      group({ ...changes, vrrp: INITIALIZE, fault, lastWord: lastWord() }),
    );
    expect(told(step.effects)).toEqual([
      'release',
      'advert 0 every 1000',
      `master → fault: ${fault}`,
    ]);
  });

  it('as backup it only falls silent', () => {
    const step = settle(PARAMS, group(), UNFIT, NOW);
    expect(told(step.effects)).toEqual(['backup → fault: the proxy is not serving']);
  });

  it('as a master that resigned it ends the switchover', () => {
    const step = settle(PARAMS, group({ vrrp: resigning() }), UNFIT, NOW);
    expect(told(step.effects)).toEqual([
      'release',
      'switchover undone: this node left the group',
      'resigning → fault: the proxy is not serving',
    ]);
  });

  it('only once: the same fault is no news, another one is', () => {
    const out = group({ vrrp: INITIALIZE, fault: 'the proxy is not serving' });
    expect(settle(PARAMS, out, UNFIT, NOW)).toEqual({ state: out, effects: [] });
    const worse = settle(PARAMS, { ...out, link: 'down' }, UNFIT, NOW);
    expect(told(worse.effects)).toEqual(['fault → fault: link down']);
  });

  it('a group that takes part and is fit goes on', () => {
    expect(settle(PARAMS, group(), FIT, NOW)).toEqual({ state: group(), effects: [] });
  });
});

describe('the kernel refuses an address', () => {
  it.each([master(), resigning()])('to a $name: it rests for a second', (vrrp) => {
    const step = refused(PARAMS, group({ vrrp }), 'not-permitted', NOW);
    expect(step.state).toEqual(
      group({ vrrp, rest: { until: at(1000), cause: 'the kernel refused an address' } }),
    );
    expect(step.effects).toEqual([
      {
        kind: 'tell',
        notice: { event: 'address.refused', group: 'web', detail: 'not-permitted' },
      },
    ]);
  });

  it.each<[string, GroupState]>([
    ['has left already', group({ vrrp: INITIALIZE, fault: 'link down' })],
    ['is backup again', group({ vrrp: backup() })],
  ])('to a group that %s: old news', (_what, holdsNothing) => {
    expect(refused(PARAMS, holdsNothing, 'late', NOW)).toEqual({
      state: holdsNothing,
      effects: [],
    });
  });

  it.each<[string, number, 'backup' | 'initialize']>([
    ['not before a second has passed', 999, 'initialize'],
    ['after a second', 1000, 'backup'],
  ])('it joins again %s', (_why, later, role) => {
    const rests = group({ vrrp: INITIALIZE, fault: 'the kernel refused an address' });
    const step = settle(
      PARAMS,
      { ...rests, rest: { until: at(1000), cause: 'the kernel refused an address' } },
      FIT,
      at(later),
    );
    expect(step.state.vrrp.name).toBe(role);
    expect(step.state.rest?.until).toBe(role === 'backup' ? undefined : at(1000));
  });

  it('rested, but the link is down: only the cause changes', () => {
    const rests = group({
      vrrp: INITIALIZE,
      fault: 'link down',
      link: 'down',
      rest: { until: NOW, cause: 'the kernel refused an address' },
    });
    const step = settle(PARAMS, rests, FIT, NOW);
    expect(step).toEqual({ state: { ...rests, rest: undefined }, effects: [] });
  });
});

describe('somebody removes an address', () => {
  const times = (count: number, ago: number) => Array.from({ length: count }, () => at(-ago));

  it('a master puts it back and announces it anew', () => {
    const step = removed(PARAMS, group({ vrrp: master() }), VIP, NOW);
    expect(step.state).toEqual(
      group({ vrrp: master({ announcements: undefined }), removals: [NOW] }),
    );
    expect(told(step.effects)).toEqual(['tell address.removed', 'hold 2345, confirmation wanted']);
  });

  it('a master that resigned puts it back for the rest of its grace', () => {
    const step = removed(PARAMS, group({ vrrp: resigning() }), VIP, NOW);
    expect(told(step.effects)).toEqual([
      'tell address.removed',
      'hold 1060, confirmation needless',
    ]);
  });

  it.each([backup(), INITIALIZE])('a $name does not hold any: it was ourselves', (vrrp) => {
    const state = group({ vrrp });
    expect(removed(PARAMS, state, VIP, NOW)).toEqual({ state, effects: [] });
  });

  it.each<[number, number, readonly string[]]>([
    [4, 1, ['tell address.removed', 'hold 2345, confirmation wanted']],
    [5, 1, ['tell address.stolen']],
    [6, 1, []],
    [5, 9999, ['tell address.stolen']],
    [5, 10_000, ['tell address.removed', 'hold 2345, confirmation wanted']],
  ])('after %i removals %d ms ago it does: %j', (count, ago, effects) => {
    const state = group({ vrrp: master(), removals: times(count, ago) });
    const step = removed(PARAMS, state, VIP, NOW);
    expect(told(step.effects)).toEqual(effects);
    expect(step.state.removals.length).toBeLessThanOrEqual(6);
  });

  it('a theft says which address and how often', () => {
    const state = group({ vrrp: master(), removals: times(5, 1) });
    expect(removed(PARAMS, state, VIP, NOW).effects[0]).toEqual({
      kind: 'tell',
      notice: { event: 'address.stolen', group: 'web', address: VIP, times: 6 },
    });
  });
});

it.each<[string, Partial<GroupState>, ReturnType<typeof at> | undefined]>([
  ['before it has looked around it waits for nothing', unstarted, undefined],
  ['a lease to adopt', begun({ adoptBy: at(5) }), at(5)],
  [
    'a rest',
    { vrrp: INITIALIZE, rest: { until: at(6), cause: 'the kernel refused an address' } },
    at(6),
  ],
  ['its virtual router', {}, at(2000)],
  [
    'the first of several',
    { rest: { until: at(6), cause: 'the kernel refused an address' } },
    at(6),
  ],
])('a group waits for: %s', (_why, changes, expected) => {
  expect(groupDeadline(group(changes))).toBe(expected);
});

it('what happens to the virtual router leaves the rest of the group alone', () => {
  const state = group({
    removals: [NOW],
    rest: { until: at(9), cause: 'the kernel refused an address' },
  });
  const step = run(PARAMS, state, { kind: 'shutdown' }, NOW);
  expect(step.state).toEqual({ ...state, vrrp: INITIALIZE });
});
