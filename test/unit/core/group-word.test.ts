import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import type { GroupState, GroupStep } from '../../../src/core/group-state.js';
import { unstarted } from '../../../src/core/group-state.js';
import {
  alarmed,
  begin,
  groupDeadline,
  heard as hear,
  muted,
  refused,
  run,
  settle,
  stopGroup,
} from '../../../src/core/group.js';
import type { VrrpEvent } from '../../../src/core/vrrp-state.js';
import {
  at,
  backup,
  heard,
  lastWord,
  LOWER,
  master,
  NOW,
  PARAMS,
  resigning,
  told,
} from './given.js';

const INITIALIZE = { name: 'initialize' } as const;
const DROPPED = ['release', 'advert 0 every 1000', 'tell address.left-over'];
const PATIENT = { kind: 'send-advert', priority: 200, interval: millis(1000) } as const;

function group(changes: Partial<GroupState> = {}): GroupState {
  return { ...unstarted, link: 'up', fault: undefined, vrrp: backup(), ...changes };
}

/** Waits to adopt what a former life left. */
const adopting = (changes: Partial<GroupState> = {}) =>
  group({ vrrp: INITIALIZE, fault: 'starting', adoptBy: at(500), ...changes });

const does = (vrrp: GroupState['vrrp'], event: VrrpEvent) =>
  run(PARAMS, group({ vrrp }), event, NOW);

describe('a last word is remembered, to be said twice more', () => {
  it.each<[string, GroupStep, GroupState['lastWord']]>([
    ['priority 0 of a shutdown', does(master(), { kind: 'shutdown' }), lastWord()],
    [
      'priority 0 of a resignation',
      does(master(), { kind: 'resign', purpose: 'switchover' }),
      lastWord(),
    ],
    ['a hand-over', does(master(), { kind: 'hand-over' }), lastWord({ advert: PATIENT })],
    [
      'the last advert of one that yields',
      does(master(), heard(254)),
      lastWord({ advert: PATIENT }),
    ],
    [
      'priority 0 for what a former life left',
      begin(PARAMS, { link: 'up', leaseUntil: undefined, leftOver: 'yes' }, NOW),
      lastWord(),
    ],
    ['an advert of one that stays master', does(master(), heard(0)), undefined],
    ['the silence of a backup', does(backup(), { kind: 'shutdown' }), undefined],
    [
      'the silence of one that lost its lease',
      does(master({ leaseUntil: NOW }), { kind: 'alarm' }),
      undefined,
    ],
  ])('%s', (_why, { state }, expected) => {
    expect(state.lastWord).toEqual(expected);
  });

  it('a later last word takes the place of an earlier one', () => {
    const state = group({ vrrp: master(), lastWord: lastWord({ copiesLeft: 1, nextAt: at(3) }) });
    const stays = run(PARAMS, { ...state, vrrp: backup() }, { kind: 'held' }, NOW);
    expect(stays.state.lastWord).toEqual(state.lastWord);
    const next = run(PARAMS, state, { kind: 'hand-over' }, NOW);
    expect(next.state.lastWord).toEqual(lastWord({ advert: PATIENT }));
  });

  it.each<[string, GroupState['vrrp'], VrrpEvent]>([
    ['of a silence', backup({ masterDownAt: NOW }), { kind: 'alarm' }],
    ['of a lease that it adopts', INITIALIZE, { kind: 'adopt' }],
    ['of a switchover to nobody', resigning({ until: NOW }), { kind: 'alarm' }],
  ])(
    'a group that becomes master because %s has nothing more to take back',
    (_why, vrrp, event) => {
      const next = run(PARAMS, group({ vrrp, lastWord: lastWord() }), event, NOW);
      expect(next.state).toMatchObject({ vrrp: { name: 'master' }, lastWord: undefined });
    },
  );
});

describe('the alarm of a last word', () => {
  const once = lastWord({ nextAt: NOW });

  it('says it again, and once more 10 ms later', () => {
    const next = alarmed(PARAMS, group({ lastWord: once }), NOW);
    expect(told(next.effects)).toEqual(['advert 0 every 1000']);
    expect(next.state).toEqual(group({ lastWord: lastWord({ copiesLeft: 1 }) }));
    const last = alarmed(PARAMS, next.state, at(10));
    expect(told(last.effects)).toEqual(['advert 0 every 1000']);
    expect(last.state).toEqual(group());
    expect(alarmed(PARAMS, last.state, at(20)).effects).toEqual([]);
  });

  it('that rings early says nothing', () => {
    const early = group({ lastWord: lastWord({ nextAt: at(0.125) }) });
    expect(alarmed(PARAMS, early, NOW)).toEqual({ state: early, effects: [] });
  });

  it('that rings far too late, after a freeze, is not said any more', () => {
    const stale = alarmed(PARAMS, group({ lastWord: lastWord() }), at(100));
    expect(stale.state.lastWord).toBeUndefined();
    expect(stale.effects).toEqual([]);
  });

  it('that rings late keeps its distance to the next', () => {
    const late = alarmed(PARAMS, group({ lastWord: once }), at(7));
    expect(late.state.lastWord).toEqual(lastWord({ copiesLeft: 1, nextAt: at(17) }));
  });

  it('that makes the group master says nothing', () => {
    const due = group({ vrrp: backup({ masterDownAt: NOW }), lastWord: once });
    const next = alarmed(PARAMS, due, NOW);
    expect(next.state.lastWord).toBeUndefined();
    expect(told(next.effects).filter((each) => each.startsWith('advert'))).toEqual([]);
  });

  it('is the group’s deadline where nothing comes before', () => {
    expect(groupDeadline(group({ lastWord: lastWord() }))).toBe(at(10));
    expect(
      groupDeadline(
        group({
          rest: { until: at(9), cause: 'the kernel refused an address' },
          lastWord: lastWord(),
        }),
      ),
    ).toBe(at(9));
  });
});

describe('a group that waits to adopt hears', () => {
  const advert = (priority: number) =>
    heard(priority, LOWER) as Extract<VrrpEvent, { kind: 'advert' }>;

  it.each([1, 100, 254])(
    'a living master of priority %i: it lets go, and waits no more',
    (priority) => {
      const next = hear(PARAMS, adopting(), advert(priority), NOW);
      expect(next.state).toEqual(adopting({ adoptBy: undefined }));
      // No advert: the master that was heard does not wait for us.
      expect(told(next.effects)).toEqual(['release', 'tell address.left-over']);
      expect(next.effects[1]).toMatchObject({ notice: { outcome: 'released' } });
    },
  );

  it('and then listens, once it is fit', () => {
    const { state } = hear(PARAMS, adopting(), advert(254), NOW);
    const joined = settle(PARAMS, state, { kind: 'fit' }, NOW);
    expect(told(joined.effects)).toEqual(['starting → backup: listening first']);
  });

  it('priority 0: nobody is master, so it goes on waiting', () => {
    expect(hear(PARAMS, adopting(), advert(0), NOW)).toEqual({ state: adopting(), effects: [] });
  });

  it('nothing to adopt: the virtual router hears it', () => {
    const next = hear(PARAMS, group(), advert(254), NOW);
    expect(next).toEqual(run(PARAMS, group(), advert(254), NOW));
    expect(next.state.vrrp).toMatchObject({ master: { address: LOWER } });
  });
});

describe('a group stops', () => {
  it.each<[string, GroupState, 'release' | 'hand-over', Partial<GroupState>, readonly string[]]>([
    [
      'for good, giving up what it waited to adopt',
      adopting(),
      'release',
      { lastWord: lastWord() },
      DROPPED,
    ],
    ['for the next daemon, which may adopt it', adopting(), 'hand-over', {}, []],
    [
      'for good as backup, resting or not',
      group({ rest: { until: at(9), cause: 'the kernel refused an address' } }),
      'release',
      {},
      ['backup → stopped: stopping'],
    ],
    [
      'for good as master: it resigns',
      group({ vrrp: master() }),
      'release',
      { vrrp: resigning({ since: NOW, until: at(1050), purpose: 'stop' }), lastWord: lastWord() },
      ['hold 1100, confirmation needless', 'advert 0 every 1000', 'master → resigning: stop'],
    ],
    [
      'for the next daemon as master: everything stays',
      group({ vrrp: master() }),
      'hand-over',
      { lastWord: lastWord({ advert: PATIENT }) },
      [
        'hold 2945, confirmation needless',
        'advert 200 every 1000',
        'master → stopped: handing over to the next daemon',
      ],
    ],
  ])('%s', (_why, state, mode, changes, effects) => {
    const next = stopGroup(PARAMS, state, mode, NOW);
    const calm = { adoptBy: undefined, rest: undefined, vrrp: INITIALIZE };
    expect(next.state).toEqual({ ...state, ...calm, ...changes });
    expect(told(next.effects)).toEqual(effects);
  });
});

describe('adverts that cannot be sent', () => {
  /** A master that failed so many milliseconds ago, and fails now. */
  const mute = (...ago: readonly number[]) =>
    muted(
      PARAMS,
      group({ vrrp: master(), sendFailures: ago.map((each) => at(-each)) }),
      'ENOBUFS',
      NOW,
    );

  it.each<[string, readonly number[], readonly number[]]>([
    ['one', [], [0]],
    ['two', [10], [10, 0]],
    ['a third after four intervals', [4000, 10], [10, 0]],
    ['a third long after', [9000, 8000], [0]],
  ])('%s: the master goes on', (_why, ago, remembered) => {
    const next = mute(...ago);
    const sendFailures = remembered.map((each) => at(-each));
    expect(next).toEqual({ state: group({ vrrp: master(), sendFailures }), effects: [] });
  });

  it.each([[[2000, 1000]], [[3999, 3998]], [[0, 0]]])(
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
      const left = settle(PARAMS, next.state, { kind: 'fit' }, NOW);
      expect(told(left.effects).slice(0, 2)).toEqual(['release', 'advert 0 every 1000']);
      const back = settle(PARAMS, left.state, { kind: 'fit' }, at(1000));
      expect(back.state.vrrp.name).toBe('backup');
    },
  );

  it('a resigning group leaves at once: its last words are not heard', () => {
    const sendFailures = [at(-20), at(-10)];
    const next = muted(PARAMS, group({ vrrp: resigning(), sendFailures }), 'ENOBUFS', NOW);
    expect(next.state).toEqual(
      group({ vrrp: resigning(), rest: { until: at(1000), cause: 'adverts cannot be sent' } }),
    );
  });

  it.each([backup(), INITIALIZE])('a $name has nothing to leave', (vrrp) => {
    const sendFailures = [at(-20), at(-10)];
    const next = muted(PARAMS, group({ vrrp, sendFailures }), 'ENOBUFS', NOW);
    expect(next).toEqual({ state: group({ vrrp }), effects: [] });
    expect(refused(PARAMS, group({ vrrp }), 'ENOBUFS', NOW).effects).toEqual([]);
  });
});
