import { describe, expect, it } from 'vitest';
import { muted, refused, removed } from '../../../src/core/group-mishaps.js';
import type { Fitness, GroupState } from '../../../src/core/group-state.js';
import { settle } from '../../../src/core/group-joining.js';
import { at, backup, master, NOW, resigning, told, VIP } from './given.js';
import { GROUP, group, INITIALIZE } from './given-group.js';

const FIT: Fitness = { kind: 'fit' };

describe('the kernel refuses an address', () => {
  it.each([master(), resigning()])('to a $name: it rests for a second', (vrrp) => {
    const step = refused(GROUP, group({ vrrp }), 'not-permitted', NOW);
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
    ['has left already', group({ vrrp: INITIALIZE, fault: 'link eth0 down' })],
    ['is backup again', group({ vrrp: backup() })],
  ])('to a group that %s: old news', (_what, holdsNothing) => {
    expect(refused(GROUP, holdsNothing, 'late', NOW)).toEqual({
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
      GROUP,
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
      fault: 'link eth0 down',
      links: ['down'],
      rest: { until: NOW, cause: 'the kernel refused an address' },
    });
    const step = settle(GROUP, rests, FIT, NOW);
    expect(step).toEqual({ state: { ...rests, rest: undefined }, effects: [] });
  });
});

describe('somebody removes an address', () => {
  const times = (count: number, ago: number) => Array.from({ length: count }, () => at(-ago));

  it('a master puts it back and announces it anew', () => {
    const step = removed(GROUP, group({ vrrp: master() }), VIP, NOW);
    expect(step.state).toEqual(
      group({ vrrp: master({ announcements: undefined }), removals: [NOW] }),
    );
    expect(told(step.effects)).toEqual(['tell address.removed', 'hold 2345, confirmation wanted']);
  });

  it('a master that resigned puts it back for the rest of its grace', () => {
    const step = removed(GROUP, group({ vrrp: resigning() }), VIP, NOW);
    expect(told(step.effects)).toEqual([
      'tell address.removed',
      'hold 1060, confirmation needless',
    ]);
  });

  it.each([backup(), INITIALIZE])('a $name does not hold any: it was ourselves', (vrrp) => {
    const state = group({ vrrp });
    expect(removed(GROUP, state, VIP, NOW)).toEqual({ state, effects: [] });
  });

  it.each<[number, number, readonly string[]]>([
    [4, 1, ['tell address.removed', 'hold 2345, confirmation wanted']],
    [5, 1, ['tell address.stolen']],
    [6, 1, []],
    [5, 9999, ['tell address.stolen']],
    [5, 10_000, ['tell address.removed', 'hold 2345, confirmation wanted']],
  ])('after %i removals %d ms ago it does: %j', (count, ago, effects) => {
    const state = group({ vrrp: master(), removals: times(count, ago) });
    const step = removed(GROUP, state, VIP, NOW);
    expect(told(step.effects)).toEqual(effects);
    expect(step.state.removals.length).toBeLessThanOrEqual(6);
  });

  it('a theft says which address and how often', () => {
    const state = group({ vrrp: master(), removals: times(5, 1) });
    expect(removed(GROUP, state, VIP, NOW).effects[0]).toEqual({
      kind: 'tell',
      notice: { event: 'address.stolen', group: 'web', address: VIP, times: 6 },
    });
  });
});

describe('adverts that cannot be sent', () => {
  /** A master that failed so many milliseconds ago, and fails now. */
  const mute = (...ago: readonly number[]) =>
    muted(
      GROUP,
      group({ vrrp: master(), sendFailures: ago.map((each) => at(-each)) }),
      'ENOBUFS',
      NOW,
    );

  it.each<[string, readonly number[], readonly number[]]>([
    ['one', [], [0]],
    ['two', [10], [10, 0]],
    ['a third after four intervals', [4000, 10], [10, 0]],
    ['a third long after', [9000, 8000], [0]],
    ['the same advert’s, on a second instance and a third', [4.875], [4.875]],
    ['a second advert’s, on two instances', [1000, 4], [1000, 4]],
  ])('%s: the master goes on', (_why, ago, remembered) => {
    const next = mute(...ago);
    const sendFailures = remembered.map((each) => at(-each));
    expect(next).toEqual({ state: group({ vrrp: master(), sendFailures }), effects: [] });
  });

  it.each([[[2000, 1000]], [[3999, 3994]], [[10, 5]]])(
    'a third within four intervals (%j ms ago): it leaves for a second, and begins to count anew',
    (ago) => {
      const next = mute(...ago);
      expect(next.state).toEqual(
        group({ vrrp: master(), rest: { until: at(1000), cause: 'adverts cannot be sent' } }),
      );
      expect(next.effects).toEqual([
        {
          kind: 'tell',
          notice: { event: 'vrrp.mute', group: 'web', detail: 'ENOBUFS' },
        },
      ]);
      const left = settle(GROUP, next.state, { kind: 'fit' }, NOW);
      expect(told(left.effects).slice(0, 2)).toEqual(['release', 'advert 0 every 1000']);
      const back = settle(GROUP, left.state, { kind: 'fit' }, at(1000));
      expect(back.state.vrrp.name).toBe('backup');
    },
  );

  it('a resigning group leaves at once: its last words are not heard', () => {
    const sendFailures = [at(-20), at(-10)];
    const next = muted(GROUP, group({ vrrp: resigning(), sendFailures }), 'ENOBUFS', NOW);
    expect(next.state).toEqual(
      group({ vrrp: resigning(), rest: { until: at(1000), cause: 'adverts cannot be sent' } }),
    );
  });

  it.each([backup(), INITIALIZE])('a $name has nothing to leave', (vrrp) => {
    const sendFailures = [at(-20), at(-10)];
    const next = muted(GROUP, group({ vrrp, sendFailures }), 'ENOBUFS', NOW);
    expect(next).toEqual({ state: group({ vrrp }), effects: [] });
    expect(refused(GROUP, group({ vrrp }), 'ENOBUFS', NOW).effects).toEqual([]);
  });
});
