import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type { FailbackState } from '../../../src/core/failback.js';
import { failbackAt, NO_FAILBACK, preemption } from '../../../src/core/failback.js';
import { AWAITED, PAUSED } from './given-group.js';
import type { Orders } from '../../../src/core/orders.js';
import { NO_ORDERS } from '../../../src/core/orders.js';
import type { Failback, GroupParams } from '../../../src/core/group-params.js';
import type { Consequence, Thing, TrackedThing } from '../../../src/core/tracking.js';
import type { TablesWait } from '../../../src/core/tables-wait.js';
import { TABLES_IN } from '../../../src/core/tables-wait.js';
import { at, heard, HIGHER, LOWER, NOW } from './given.js';
import { GROUP } from './given-group.js';

const NEVER: Failback = { kind: 'never' };
const MANUAL: Failback = { kind: 'manual' };
const AFTER: Failback = { kind: 'after', stableFor: millis(5000) };

const NONE = NO_FAILBACK;
const orders = NO_ORDERS;
const tables = TABLES_IN;
const ASKED: FailbackState = { kind: 'asked' };
const GIVEN: FailbackState = { kind: 'given-away' };
const since = (ago: number): FailbackState => ({ kind: 'outranks', since: at(-ago) });

const SCRIPT: Thing = { kind: 'script', rise: 1, fall: 1 };
const FAULT: Consequence = { kind: 'fault' };

function tracked(consequence: Consequence | number, thing: Thing = SCRIPT): TrackedThing {
  return {
    name: 'thing',
    thing,
    consequence: typeof consequence === 'number' ? weighing(consequence) : consequence,
  };
}

function weighing(weight: number): Consequence {
  return { kind: 'weight', weight };
}

describe('RFC 9568 §6.1 Preempt_Mode: a backup of priority 200 hears', () => {
  it.each<[string, Failback, FailbackState, number, 'allowed' | 'forbidden', FailbackState]>([
    ['a greater priority', AFTER, since(9000), 201, 'forbidden', NONE],
    ['an equal one, though asked: no tie is preempted', MANUAL, ASKED, 200, 'forbidden', NONE],
    ['a lower one, and never takes over', NEVER, since(90_000), 199, 'forbidden', since(90_000)],
    ['a lower one: remembered from then on', NEVER, NONE, 199, 'forbidden', since(0)],
    ['a lower one, unasked', MANUAL, since(90_000), 199, 'forbidden', since(90_000)],
    ['a lower one, having been asked', MANUAL, ASKED, 199, 'allowed', ASKED],
    ['a lower one for the first time', AFTER, NONE, 199, 'forbidden', since(0)],
    ['a lower one, not for long enough', AFTER, since(4999), 199, 'forbidden', since(4999)],
    ['a lower one for as long as it takes', AFTER, since(5000), 199, 'allowed', since(5000)],
    ['a lower one, asked before its time', AFTER, ASKED, 199, 'allowed', ASKED],
    ['a lower one, to which an operator gave the group', AFTER, GIVEN, 199, 'forbidden', GIVEN],
    ['a greater one, to which an operator gave the group', AFTER, GIVEN, 201, 'forbidden', NONE],
  ])('%s', (_why, failback, before, priority, preempt, state) => {
    const now = { priority: 200, failback: before, orders, tables };
    expect(preemption({ ...GROUP, failback }, now, heard(priority), NOW)).toEqual({
      preempt,
      failback: state,
    });
  });

  it('a lower one at once, where no stability is asked for', () => {
    const params = { ...GROUP, failback: { kind: 'after', stableFor: millis(0) } } as const;
    const now = { priority: 200, failback: NONE, orders, tables };
    expect(preemption(params, now, heard(199), NOW).preempt).toBe('allowed');
  });

  it('its own priority of the moment counts, not the one it began with', () => {
    const now = { priority: 150, failback: ASKED, orders, tables };
    const params = { ...GROUP, failback: MANUAL };
    expect(preemption(params, now, heard(199), NOW)).toEqual({
      preempt: 'forbidden',
      failback: NONE,
    });
  });
});

describe('while operators want nothing to move, or may want it, a backup leaves a master alone', () => {
  const AFTER_DUE = { priority: 200, failback: since(9000), tables };
  const HEALTHIER = { ...GROUP, things: [tracked(-60)], peerPriority: 250 };

  it.each<[string, GroupParams, number, FailbackState]>([
    ['that it is to fail back from by now', { ...GROUP, failback: AFTER }, 199, since(9000)],
    ['that it is healthier than', HEALTHIER, 190, NONE],
    ['that is unfit', GROUP, 1, NONE],
  ])('%s', (_why, params, priority, failback) => {
    const now = { ...AFTER_DUE, failback };
    const takes = (what: Orders): string =>
      preemption(params, { ...now, orders: what }, heard(priority), NOW).preempt;
    expect([NO_ORDERS, PAUSED, AWAITED].map(takes)).toEqual(['allowed', 'forbidden', 'forbidden']);
  });

  it('but for one that is to be relieved, because it is in maintenance', () => {
    const now = { ...AFTER_DUE, orders: { ...PAUSED, peer: PAUSED.pause } };
    expect(preemption(GROUP, now, heard(1), NOW).preempt).toBe('allowed');
  });

  it('unless an operator asks for it', () => {
    const now = { priority: 200, failback: ASKED, orders: PAUSED, tables };
    expect(preemption({ ...GROUP, failback: MANUAL }, now, heard(199), NOW).preempt).toBe(
      'allowed',
    );
  });
});

/** This node 200 in full health, its peer 250: who is healthier is another question than who is preferred. */
describe('with failback: never a backup takes over only because it is healthier', () => {
  const allow = (
    things: readonly TrackedThing[],
    [own, theirs]: readonly [number, number],
    changes: Partial<GroupParams> = {},
    source = HIGHER,
  ) =>
    preemption(
      { ...GROUP, things, ...changes },
      { priority: own, failback: NONE, orders, tables },
      heard(theirs, source),
      NOW,
    ).preempt;

  it.each<[string, readonly TrackedThing[], readonly [number, number], 'allowed' | 'forbidden']>([
    ['the peer’s failure explains what it advertises', [tracked(-60)], [200, 190], 'allowed'],
    ['both fail alike, so neither is healthier', [tracked(-60)], [140, 130], 'forbidden'],
    [
      'this node fails a little, the peer more',
      [-10, -60].map((w) => tracked(w)),
      [190, 180],
      'allowed',
    ],
    [
      'this node fails more, but has more to lose',
      [-10, -60].map((w) => tracked(w)),
      [140, 139],
      'forbidden',
    ],
    ['a bonus lost is a failure as well', [tracked(60)], [250, 190], 'allowed'],
    [
      'no weight is that heavy: the peer is configured otherwise',
      [tracked(-60)],
      [200, 189],
      'forbidden',
    ],
    ['nothing has a weight', [], [200, 199], 'forbidden'],
    ['a fault is no weight', [tracked(FAULT)], [200, 199], 'forbidden'],
    ['a file’s weight explains anything', [tracked(-1, { kind: 'file' })], [200, 100], 'allowed'],
    [
      'a file that is a fault explains nothing',
      [tracked(FAULT, { kind: 'file' })],
      [200, 100],
      'forbidden',
    ],
  ])('%s', (_why, things, priorities, preempt) => {
    const bonus = things.some(
      ({ consequence }) => consequence.kind === 'weight' && consequence.weight > 0,
    );
    // A bonus lifts the full health of both.
    const priority = bonus ? 190 : 200;
    expect(allow(things, priorities, { priority })).toBe(preempt);
  });

  it('a router that is not of this pair is not judged by its health', () => {
    const things = [tracked(-60)];
    expect(allow(things, [200, 190], { foreignPeers: [LOWER] }, LOWER)).toBe('forbidden');
    expect(allow(things, [200, 190], { foreignPeers: [LOWER] }, HIGHER)).toBe('allowed');
  });

  it('and so does one that waits to be asked, or for its time', () => {
    for (const failback of [MANUAL, AFTER]) {
      expect(allow([tracked(-60)], [200, 190], { failback })).toBe('allowed');
    }
  });

  it('of two nodes never both are allowed to, whatever fails on each', () => {
    const things = [tracked(-60), tracked(-25), tracked(-25)];
    const demotions = [0, 25, 50, 60, 85, 110];
    const params = {
      a: { ...GROUP, things },
      b: { ...GROUP, priority: 250, peerPriority: 200, things },
    };
    for (const own of demotions) {
      for (const theirs of demotions) {
        const [a, b] = [200 - own, 250 - theirs];
        const judged = [
          preemption(params.a, { priority: a, failback: NONE, orders, tables }, heard(b), NOW),
          preemption(params.b, { priority: b, failback: NONE, orders, tables }, heard(a), NOW),
        ].filter(({ preempt }) => preempt === 'allowed');
        expect(judged.length).toBeLessThanOrEqual(1);
      }
    }
  });
});

it.each<[string, Failback, FailbackState, number | undefined]>([
  ['by itself, once it was stable for so long', AFTER, since(1000), at(4000)],
  ['not by itself while it outranks nobody', AFTER, NONE, undefined],
  ['as soon as it hears the master, having been asked', AFTER, ASKED, undefined],
  ['not by itself where it waits for an operator', MANUAL, since(1000), undefined],
  ['never', NEVER, since(1000), undefined],
])('a group fails back %s', (_why, failback, state, expected) => {
  expect(failbackAt({ ...GROUP, failback }, state)).toBe(expected);
});

it('a failback nobody thought of is our mistake', () => {
  const impossible = { ...GROUP, failback: { kind: 'new' } } as unknown as GroupParams;
  const now = { priority: 200, failback: NONE, orders, tables };
  expect(() => preemption(impossible, now, heard(2), NOW)).toThrow(BrokenAssumption);
});

describe('a master that advertises the least priority there is says that it is unfit', () => {
  const allowed = (
    changes: Partial<GroupParams>,
    own = 200,
    failback: FailbackState = NONE,
  ): string =>
    preemption({ ...GROUP, ...changes }, { priority: own, failback, orders, tables }, heard(1), NOW)
      .preempt;

  it('and whoever is fit takes over, whatever is said of failing back', () => {
    expect(allowed({})).toBe('allowed');
    expect(allowed({}, 200, GIVEN)).toBe('allowed');
  });

  it.each<[string, Partial<GroupParams>, number]>([
    ['another unfit node', {}, 1],
    ['where it was given that priority', { peerPriority: 1 }, 200],
    ['where it is a router of somebody else', { foreignPeers: [HIGHER] }, 200],
  ])('but not %s', (_who, changes, own) => {
    expect(allowed(changes, own)).toBe('forbidden');
  });
});

describe('while the stick tables of the other node are awaited', () => {
  const awaited: TablesWait = { kind: 'awaited', until: at(60_000) };
  const heardBy = (failback: FailbackState, wait: TablesWait, changes: Partial<GroupParams> = {}) =>
    preemption(
      { ...GROUP, failback: AFTER, ...changes },
      { priority: 200, failback, orders, tables: wait },
      heard(changes.things === undefined ? 199 : 150),
      NOW,
    ).preempt;

  it.each<[string, FailbackState]>([
    ['that is due', since(5000)],
    ['that was asked for', ASKED],
  ])('a failback %s waits', (_which, failback) => {
    expect(heardBy(failback, awaited)).toBe('forbidden');
    expect(heardBy(failback, { kind: 'given-up' })).toBe('allowed');
    expect(heardBy(failback, tables)).toBe('allowed');
  });

  it('a node that is healthier does not', () => {
    const things = [tracked(-60)];
    expect(heardBy(NONE, awaited, { things, peerPriority: 200 })).toBe('allowed');
  });
});
