import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import { settle } from '../../../src/core/group-joining.js';
import { run } from '../../../src/core/group-router.js';
import type { GroupState } from '../../../src/core/group-state.js';
import { unstarted } from '../../../src/core/group-state.js';
import { alarmed, groupDeadline, heard as hear, stopGroup } from '../../../src/core/group.js';
import { at, backup, heard, lastWord, LOWER, master, NOW, resigning, told } from './given.js';
import { arrived, begun, GROUP, group, INITIALIZE } from './given-group.js';

const DROPPED = ['release', 'advert 0 every 1000', 'tell address.left-over'];
const PATIENT = { kind: 'send-advert', priority: 200, interval: millis(1000) } as const;

/** Waits to adopt what a former life left. */
const adopting = (changes: Partial<GroupState> = {}) =>
  group({ vrrp: INITIALIZE, fault: 'starting', adoptBy: at(500), ...changes });

describe('the alarm of a last word', () => {
  const once = lastWord({ nextAt: NOW });

  it('says it again, and once more 10 ms later', () => {
    const next = alarmed(GROUP, group({ lastWord: once }), NOW);
    expect(told(next.effects)).toEqual(['advert 0 every 1000']);
    expect(next.state).toEqual(group({ lastWord: lastWord({ copiesLeft: 1 }) }));
    const last = alarmed(GROUP, next.state, at(10));
    expect(told(last.effects)).toEqual(['advert 0 every 1000']);
    expect(last.state).toEqual(group());
    expect(alarmed(GROUP, last.state, at(20)).effects).toEqual([]);
  });

  it('that rings early says nothing', () => {
    const early = group({ lastWord: lastWord({ nextAt: at(0.125) }) });
    expect(alarmed(GROUP, early, NOW)).toEqual({ state: early, effects: [] });
  });

  it('that rings far too late, after a freeze, is not said any more', () => {
    const stale = alarmed(GROUP, group({ lastWord: lastWord() }), at(100));
    expect(stale.state.lastWord).toBeUndefined();
    expect(stale.effects).toEqual([]);
  });

  it('that rings late keeps its distance to the next', () => {
    const late = alarmed(GROUP, group({ lastWord: once }), at(7));
    expect(late.state.lastWord).toEqual(lastWord({ copiesLeft: 1, nextAt: at(17) }));
  });

  it('that makes the group master says nothing', () => {
    const due = group({ vrrp: backup({ masterDownAt: NOW }), lastWord: once });
    const next = alarmed(GROUP, due, NOW);
    expect(next.state.lastWord).toBeUndefined();
    expect(told(next.effects).filter((each) => each.startsWith('advert'))).toEqual([]);
  });

  it('is the group’s deadline where nothing comes before', () => {
    expect(groupDeadline(GROUP, group({ lastWord: lastWord() }))).toBe(at(10));
    expect(
      groupDeadline(
        GROUP,
        group({
          rest: { until: at(9), cause: 'the kernel refused an address' },
          lastWord: lastWord(),
        }),
      ),
    ).toBe(at(9));
  });
});

describe('a group that waits to adopt hears', () => {
  const advert = (priority: number) => arrived(priority, LOWER);

  it.each([1, 100, 254])(
    'a living master of priority %i: it lets go, and waits no more',
    (priority) => {
      const next = hear(GROUP, adopting(), advert(priority), NOW);
      expect(next.state).toEqual(adopting({ adoptBy: undefined }));
      // No advert: the master that was heard does not wait for us.
      expect(told(next.effects)).toEqual(['release', 'tell address.left-over']);
      expect(next.effects[1]).toMatchObject({ notice: { outcome: 'released' } });
    },
  );

  it('and then listens, once it is fit', () => {
    const { state } = hear(GROUP, adopting(), advert(254), NOW);
    const joined = settle(GROUP, state, { kind: 'fit' }, NOW);
    expect(told(joined.effects)).toEqual(['starting → backup: listening first']);
  });

  it('priority 0: nobody is master, so it goes on waiting', () => {
    expect(hear(GROUP, adopting(), advert(0), NOW)).toEqual({ state: adopting(), effects: [] });
  });

  it('nothing to adopt: the virtual router hears it', () => {
    const next = hear(GROUP, group(), advert(254), NOW);
    expect(next).toEqual(run(GROUP, group(), heard(254, LOWER), NOW));
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
    const next = stopGroup(GROUP, state, mode, NOW);
    const calm = { adoptBy: undefined, rest: undefined, vrrp: INITIALIZE };
    expect(next.state).toEqual({ ...state, ...calm, ...changes });
    expect(told(next.effects)).toEqual(effects);
  });
});

it.each<[string, Partial<GroupState>, ReturnType<typeof at> | undefined]>([
  ['before it has looked around it waits for nothing', unstarted(GROUP), undefined],
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
  expect(groupDeadline(GROUP, group(changes))).toBe(expected);
});
