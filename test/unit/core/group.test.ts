import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { millis } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import { beginProbing } from '../../../src/core/first-claim.js';
import { settle } from '../../../src/core/group-joining.js';
import type { GroupParams } from '../../../src/core/group-params.js';
import { run } from '../../../src/core/group-router.js';
import type { GroupState, GroupStep } from '../../../src/core/group-state.js';
import { unstarted } from '../../../src/core/group-state.js';
import {
  alarmed,
  askFailback,
  groupDeadline,
  heard as hear,
  stopGroup,
} from '../../../src/core/group.js';
import {
  at,
  backup,
  heard,
  HIGHER,
  lastWord,
  LOWER,
  master,
  NOW,
  OWN,
  resigning,
  told,
} from './given.js';
import { arrived, begun, GROUP, group, INITIALIZE, NO_WORD } from './given-group.js';

const DROPPED = ['release', 'advert 0 every 1000', 'tell address.left-over'];
const PATIENT = { kind: 'send-advert', priority: 200, interval: millis(1000) } as const;

/** Waits to adopt what a former life left. */
const adopting = (changes: Partial<GroupState> = {}) =>
  group({ vrrp: INITIALIZE, fault: 'starting', adoptBy: at(500), ...changes });

describe('the alarm of a last word', () => {
  const once = lastWord({ nextAt: NOW });

  it('says it again, and once more 10 ms later', () => {
    const next = alarmed(GROUP, group({ lastWord: once }), NO_WORD, NOW);
    expect(told(next.effects)).toEqual(['advert 0 every 1000']);
    expect(next.state).toEqual(group({ lastWord: lastWord({ copiesLeft: 1 }) }));
    const last = alarmed(GROUP, next.state, NO_WORD, at(10));
    expect(told(last.effects)).toEqual(['advert 0 every 1000']);
    expect(last.state).toEqual(group());
    expect(alarmed(GROUP, last.state, NO_WORD, at(20)).effects).toEqual([]);
  });

  it('that rings early says nothing', () => {
    const early = group({ lastWord: lastWord({ nextAt: at(0.125) }) });
    expect(alarmed(GROUP, early, NO_WORD, NOW)).toEqual({ state: early, effects: [] });
  });

  it('that rings far too late, after a freeze, is not said any more', () => {
    const stale = alarmed(GROUP, group({ lastWord: lastWord() }), NO_WORD, at(100));
    expect(stale.state.lastWord).toBeUndefined();
    expect(stale.effects).toEqual([]);
  });

  it('that rings late keeps its distance to the next', () => {
    const late = alarmed(GROUP, group({ lastWord: once }), NO_WORD, at(7));
    expect(late.state.lastWord).toEqual(lastWord({ copiesLeft: 1, nextAt: at(17) }));
  });

  it('that makes the group master says nothing', () => {
    const due = group({ vrrp: backup({ masterDownAt: NOW }), lastWord: once });
    const next = alarmed(GROUP, due, NO_WORD, NOW);
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
      expect(next.state).toEqual(adopting({ adoptBy: undefined, quietSince: NOW }));
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
    expect(hear(GROUP, adopting(), advert(0), NOW)).toEqual({
      state: adopting({ quietSince: NOW }),
      effects: [],
    });
  });

  it('nothing to adopt: the virtual router hears it', () => {
    const next = hear(GROUP, group(), advert(254), NOW);
    expect(next).toEqual(run(GROUP, group({ quietSince: NOW }), heard(254, LOWER), NOW));
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

/** The first instance speaks IPv4 from OWN, the second IPv6, where the peer's address is the greater one. */
const DUAL: GroupParams = {
  ...GROUP,
  instances: [
    { interface: 'eth0', ownAddress: OWN },
    { interface: 'eth0', ownAddress: 'fe80::10' as Ip },
  ],
};

describe('RFC 9568 §6.4.3 who wins where priorities are equal', () => {
  it.each<[string, number, Ip, 'master' | 'backup']>([
    ['the greater address on the leading instance', 0, HIGHER, 'backup'],
    ['not a lower one', 0, LOWER, 'master'],
    ['not the greater one of another instance', 1, 'fe80::11' as Ip, 'master'],
    ['nor the lower one there', 1, 'fe80::9' as Ip, 'master'],
  ])('%s', (_why, instance, source, role) => {
    const state = group({ vrrp: master() }, DUAL);
    const next = hear(DUAL, state, arrived(200, source, instance), NOW);
    expect(next.state.vrrp.name).toBe(role);
  });

  it('a greater priority wins on any instance', () => {
    const state = group({ vrrp: master() }, DUAL);
    const next = hear(DUAL, state, arrived(201, 'fe80::9' as Ip, 1), NOW);
    expect(next.state.vrrp.name).toBe('backup');
  });

  it('a master is known by its address on the leading instance, wherever it is heard', () => {
    const first = hear(DUAL, group({}, DUAL), arrived(250, HIGHER, 0), NOW);
    const second = hear(DUAL, first.state, arrived(250, 'fe80::11' as Ip, 1), NOW);
    expect(second.state.vrrp).toMatchObject({ master: { address: HIGHER } });
    expect([...first.effects, ...second.effects]).toEqual([]);
  });

  it('an advert on an instance that does not exist is our mistake', () => {
    expect(() => hear(DUAL, group({}, DUAL), arrived(1, LOWER, 2), NOW)).toThrow(BrokenAssumption);
  });
});

describe('RFC 9568 §6.1 a group fails back', () => {
  const AFTER: GroupParams = { ...GROUP, failback: { kind: 'after', stableFor: millis(5000) } };
  const MANUAL: GroupParams = { ...GROUP, failback: { kind: 'manual' } };
  const OUTRANKED = { address: HIGHER, priority: 100 };

  /** A master of lower priority is heard every second: what comes of it, and when. */
  function listens(params: GroupParams, askedAt?: number): readonly string[] {
    let state = group({ vrrp: backup({ master: OUTRANKED }) }, params);
    const done: string[] = [];
    const take = (next: GroupStep, ms: number) => {
      state = next.state;
      done.push(...told(next.effects).map((each) => `${String(ms)}: ${each}`));
    };
    for (let ms = 0; ms < 12_000; ms += 1000) {
      const due = groupDeadline(params, state) ?? NOW;
      if (due < at(ms)) {
        take(alarmed(params, state, NO_WORD, due), due - NOW);
      }
      if (state.vrrp.name !== 'backup') {
        break;
      }
      take(hear(params, state, arrived(100), at(ms)), ms);
      if (ms === askedAt) {
        take(askFailback(params, state), ms);
      }
    }
    return done;
  }

  const takesOver = (ms: number) => [
    `${String(ms)}: hold 2945, confirmation wanted`,
    `${String(ms)}: backup → master: takes over from ${HIGHER}, which has priority 100`,
  ];

  it.each<[string, GroupParams, number | undefined, readonly string[]]>([
    ['never', GROUP, undefined, []],
    ['never, asked or not', GROUP, 2000, []],
    ['not before an operator asks for it', MANUAL, undefined, []],
    [
      'a master-down interval after that',
      MANUAL,
      2000,
      ['2000: tell failback.asked', ...takesOver(5218.75)],
    ],
    [
      'a master-down interval after the last advert that it was not stable at',
      AFTER,
      undefined,
      takesOver(7218.75),
    ],
    [
      'or sooner, when an operator asks',
      AFTER,
      1000,
      ['1000: tell failback.asked', ...takesOver(4218.75)],
    ],
  ])('%s', (_why, params, askedAt, expected) => {
    expect(listens(params, askedAt)).toEqual(expected);
  });

  it.each<[string, GroupParams, Partial<GroupState>]>([
    ['where it outranks nobody', MANUAL, {}],
    ['where it was asked already', MANUAL, { failback: { kind: 'asked' } }],
    ['where it never does', GROUP, { failback: { kind: 'outranks', since: NOW } }],
  ])('it is not asked %s', (_why, params, changes) => {
    const state = group(changes, params);
    expect(askFailback(params, state)).toEqual({ state, effects: [] });
  });

  it('priority 0 is no master to be outranked', () => {
    expect(hear(AFTER, group({}, AFTER), arrived(0), NOW).state.failback).toEqual({ kind: 'none' });
  });

  it('where preemption is allowed anyway, what it may do is decided for each advert', () => {
    const params: GroupParams = { ...GROUP, preempt: 'allowed' };
    const next = hear(params, group({}, params), arrived(100), NOW);
    expect(next.state.vrrp).toMatchObject({ master: OUTRANKED, outranked: undefined });
  });
});

describe('time passes for a group that tracks things', () => {
  const thing = { kind: 'interface', debounce: millis(500) } as const;
  const consequence = { kind: 'weight', weight: -50 } as const;
  const params: GroupParams = { ...GROUP, things: [{ name: 'eth1', thing, consequence }] };
  const down = { kind: 'failing', why: 'down' } as const;
  const doubted = (vrrp: GroupState['vrrp']) =>
    group(
      {
        vrrp,
        trackers: [
          { verdict: { kind: 'well' }, doubt: { verdict: down, looks: 1, since: at(-500) } },
        ],
      },
      params,
    );

  it('it waits for a change that lasts', () => {
    expect(groupDeadline(params, doubted(backup()))).toBe(NOW);
  });

  it('and advertises the priority that follows in the same turn', () => {
    const next = alarmed(params, doubted(master({ nextAdvertAt: NOW })), NO_WORD, NOW);
    expect(told(next.effects)).toEqual([
      'tell track.state',
      'tell vrrp.priority',
      'hold 2945, confirmation needless',
      'advert 150 every 1000',
    ]);
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
  ['its next question', { firstClaim: { ...beginProbing(GROUP, NOW), nextProbeAt: at(4) } }, at(4)],
  [
    'the first of several',
    { rest: { until: at(6), cause: 'the kernel refused an address' } },
    at(6),
  ],
])('a group waits for: %s', (_why, changes, expected) => {
  expect(groupDeadline(GROUP, group(changes))).toBe(expected);
});
