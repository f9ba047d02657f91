import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant, later, millis } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import { afterLostLease, defended, fromMaster } from '../../../src/core/vrrp-master.js';
import { step } from '../../../src/core/vrrp-machine.js';
import type { Master, VrrpEvent, VrrpParams, VrrpState } from '../../../src/core/vrrp-state.js';
import {
  at,
  heard,
  HIGHER,
  LOWER,
  master,
  NOW,
  PARAMS,
  PREEMPTING,
  STRANGER,
  told,
  VIP,
} from './given.js';

const ALARM: VrrpEvent = { kind: 'alarm' };
const HELD: VrrpEvent = { kind: 'held' };
const SPOKE = ['hold 2945, confirmation needless', 'advert 200 every 1000'];

/** What a master looks like that has just advertised, out of turn or in it. */
const spoken = { lastAdvertAt: NOW, nextAdvertAt: at(1000), leaseUntil: at(2945) };

describe('RFC 9568 §6.4.3 the advertisement timer', () => {
  it('fires: it advertises and renews the lease', () => {
    const step = fromMaster(PARAMS, master({ nextAdvertAt: NOW }), ALARM, NOW);
    expect(step.state).toEqual(master(spoken));
    expect(told(step.effects)).toEqual(SPOKE);
  });

  it('has not fired: an early alarm does no harm', () => {
    expect(fromMaster(PARAMS, master(), ALARM, NOW)).toEqual({ state: master(), effects: [] });
  });

  it.each([
    ['on time', 0, 1000],
    ['a little late: the rhythm is kept', 30, 970],
    ['late by a beat: it starts anew', 1000, 1000],
    ['late by more than a beat: it starts anew', 1500, 1000],
  ])('fires %s', (_why, late, untilNext) => {
    const { state } = fromMaster(PARAMS, master({ nextAdvertAt: at(-late) }), ALARM, NOW);
    expect(state).toMatchObject({ nextAdvertAt: at(untilNext), lastAdvertAt: NOW });
  });

  it('announcements have their own time', () => {
    const announcements = { phase: 'first-burst', sent: 1, nextAt: NOW } as const;
    const due = fromMaster(PARAMS, master({ announcements }), ALARM, NOW);
    expect(told(due.effects)).toEqual(['announce']);
    expect(due.state).toEqual(
      master({ announcements: { phase: 'second-burst', sent: 0, nextAt: at(5000) } }),
    );
    const both = fromMaster(PARAMS, master({ announcements, nextAdvertAt: NOW }), ALARM, NOW);
    expect(told(both.effects)).toEqual([...SPOKE, 'announce']);
  });
});

describe('RFC 9568 §6.4.3 what a master hears', () => {
  const winner = { name: 'backup', masterDownAt: at(3218.75), masterInterval: 1000 };
  const yields = (cause: string) => [
    'release',
    'advert 200 every 1000',
    `master → backup: ${cause}`,
  ];
  const stands = [...SPOKE, 'tell vrrp.contest'];

  it.each<[string, VrrpEvent, object, readonly string[]]>([
    ['priority 0: it advertises at once', heard(0), spoken, SPOKE],
    [
      'a greater priority: it gives way',
      heard(201, LOWER),
      { ...winner, master: { address: LOWER, priority: 201 } },
      yields(`${LOWER} advertises priority 201`),
    ],
    [
      'an equal priority from a greater address: it gives way',
      heard(200, HIGHER),
      { ...winner, master: { address: HIGHER, priority: 200 } },
      yields(`${HIGHER} advertises priority 200`),
    ],
    [
      'an equal priority from a lower address: it stays and says so at once',
      heard(200, LOWER),
      spoken,
      stands,
    ],
    ['a lower priority: it stays and says so at once', heard(199, HIGHER), spoken, stands],
    [
      'an equal priority on another instance: the leading one decides, so it stays',
      { ...heard(200, HIGHER), tie: 'ours', leads: 'no' },
      spoken,
      stands,
    ],
    [
      'a greater priority on another instance: it gives way',
      { ...heard(201, HIGHER), tie: 'ours', leads: 'no' },
      { ...winner, master: { address: HIGHER, priority: 201 }, outranked: undefined },
      yields(`${HIGHER} advertises priority 201`),
    ],
  ])('%s', (_why, event, state, effects) => {
    for (const params of [PARAMS, PREEMPTING]) {
      const step = fromMaster(params, master(), event, NOW);
      expect(step.state).toMatchObject(state);
      expect(told(step.effects)).toEqual(effects);
    }
  });

  it('the winner’s interval is learned (§6.1 Active_Adver_Interval)', () => {
    const { state } = fromMaster(PARAMS, master(), heard(254, HIGHER, 400), NOW);
    expect(state).toMatchObject({ masterInterval: 4000, masterDownAt: at(12_875) });
  });
});

describe('beyond RFC 9568: a contest with a rival of lower rank', () => {
  it('ends with a new burst of announcements, once the rival had time to give way', () => {
    const { state } = fromMaster(PARAMS, master(), heard(199), NOW);
    expect(state).toMatchObject({
      announcements: { phase: 'first-burst', sent: 0, nextAt: at(20) },
      contest: { heardAt: NOW, plannedAt: at(20) },
    });
  });

  it('is not announced before the kernel holds the addresses', () => {
    const { state } = fromMaster(PARAMS, master({ announcements: undefined }), heard(199), NOW);
    expect(state).toMatchObject({ announcements: undefined });
  });

  it.each<[string, number | undefined, boolean]>([
    ['the first advert of a rival', undefined, true],
    ['one that goes on', 2999, false],
    ['one after three quiet intervals', 3000, true],
  ])('%s is reported: %o ms ago, %s', (_why, ago, reported) => {
    const contest = ago === undefined ? undefined : { heardAt: at(-ago), plannedAt: at(-ago) };
    const { effects } = fromMaster(PARAMS, master({ contest }), heard(199), NOW);
    expect(told(effects).includes('tell vrrp.contest')).toBe(reported);
  });

  it.each<[string, number, number, number]>([
    ['for a rival that is seldom heard: at once', 1000, 1000, 20],
    ['an interval after the last time', 1000, 400, 600],
    ['100 ms after it, where the interval is shorter', 30, 40, 60],
    ['which has passed', 30, 100, 20],
    ['where the interval is longer, that counts', 4000, 1000, 3000],
  ])('announcements are planned anew %s (%d ms, after %d ms)', (_why, own, ago, nextAt) => {
    const params: VrrpParams = { ...PARAMS, interval: millis(own) };
    const contest = { heardAt: at(-1), plannedAt: at(-ago) };
    const announcements = { phase: 'second-burst', sent: 0, nextAt: at(4100) } as const;
    const { state } = fromMaster(params, master({ contest, announcements }), heard(199), NOW);
    expect(state).toMatchObject({
      announcements: { phase: 'first-burst', sent: 0, nextAt: at(nextAt) },
      contest: { heardAt: NOW, plannedAt: at(nextAt) },
    });
  });

  it('announcements that are due sooner anyway are left', () => {
    const contest = { heardAt: at(-1), plannedAt: at(-2000) };
    const announcements = { phase: 'first-burst', sent: 1, nextAt: at(5) } as const;
    const { state } = fromMaster(PARAMS, master({ contest, announcements }), heard(199), NOW);
    expect(state).toMatchObject({ announcements, contest: { heardAt: NOW, plannedAt: at(-2000) } });
  });

  it('however often the rival speaks, it cannot put the announcements off', () => {
    let state: VrrpState = master();
    const announced: number[] = [];
    for (let offset = 0; offset < 3000; offset += 5) {
      for (const event of [heard(199), ALARM]) {
        const next = step(PARAMS, state, event, at(offset));
        state = next.state;
        announced.push(
          ...told(next.effects).flatMap((each) => (each === 'announce' ? [offset] : [])),
        );
      }
    }
    expect(announced).toEqual([20, 30, 1020, 1030, 2020, 2030]);
  });

  it.each<[number, VrrpEvent]>([
    [99, heard(199)],
    [99, heard(0)],
    [0, heard(199)],
  ])('an answer given %d ms ago is answer enough', (ago, event) => {
    const just = master({ lastAdvertAt: at(-ago), nextAdvertAt: at(1000 - ago) });
    const step = fromMaster(PARAMS, just, event, NOW);
    expect(step.state).toMatchObject({ lastAdvertAt: at(-ago), nextAdvertAt: at(1000 - ago) });
    expect(told(step.effects).filter((each) => each.startsWith('advert'))).toEqual([]);
  });

  it('a flood is answered ten times an interval, and never puts the next advert off', () => {
    const flood = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 100, maxLength: 400 });
    fc.assert(
      fc.property(flood, fc.constantFrom(0, 1, 199), (gaps, priority) => {
        let state: VrrpState = master({ lastAdvertAt: NOW, nextAdvertAt: at(1000) });
        let now = NOW;
        const answers: number[] = [];
        for (const gap of gaps) {
          now = later(now, millis(gap));
          const next = step(PARAMS, state, heard(priority), now);
          state = next.state;
          answers.push(...told(next.effects).flatMap((each) => (each === SPOKE[1] ? [now] : [])));
          expect(state).toMatchObject({ name: 'master' });
          expect((state as Master).nextAdvertAt).toBeLessThanOrEqual(
            (state as Master).lastAdvertAt + 1000,
          );
        }
        const gapsBetween = answers.slice(1).map((each, index) => each - (answers[index] ?? 0));
        expect(Math.min(100, ...gapsBetween)).toBeGreaterThanOrEqual(100);
      }),
      { numRuns: 30 },
    );
  });
});

describe('beyond RFC 9568: another machine says that it has the addresses', () => {
  const CLAIM = { address: VIP, mac: STRANGER };
  const later5s = { phase: 'second-burst', sent: 0, nextAt: at(5000) } as const;

  it('clients are told again soon, when a router of higher rank would have advertised, and so are people', () => {
    const state = defended(master({ announcements: later5s }), CLAIM, NOW);
    expect(state).toMatchObject({
      claim: CLAIM,
      announcements: { phase: 'first-burst', sent: 0, nextAt: at(50) },
    });
    const answer = fromMaster(PARAMS, state, ALARM, at(50));
    expect(told(answer.effects)).toEqual(['tell address.duplicate', 'announce']);
    expect(told(fromMaster(PARAMS, answer.state as Master, ALARM, at(60)).effects)).toEqual([
      'announce',
    ]);
  });

  it('and four times a second at the most, whatever the other one does', () => {
    const first = defended(master({ announcements: later5s }), CLAIM, NOW);
    expect(defended({ ...first, announcements: later5s }, CLAIM, at(100))).toMatchObject({
      announcements: { phase: 'first-burst', sent: 0, nextAt: at(300) },
    });
  });

  it('is no contest: that of a rival is still reported when it comes', () => {
    const state = defended(master({ announcements: later5s }), CLAIM, NOW);
    const { effects } = fromMaster(PARAMS, state, heard(199), at(10));
    expect(told(effects)).toContain('tell vrrp.contest');
  });

  it('plans nothing where clients are told soon anyway, or the kernel has not said that it holds them', () => {
    const due = { phase: 'first-burst', sent: 1, nextAt: NOW } as const;
    for (const announcements of [due, undefined]) {
      const before = master({ announcements });
      expect(defended(before, CLAIM, NOW)).toEqual({ ...before, claim: CLAIM });
    }
  });
});

describe('beyond RFC 9568: the kernel’s word', () => {
  it('the addresses are held: neighbours first, then routers', () => {
    const fresh = master({ announcements: undefined });
    const step = fromMaster(PARAMS, fresh, HELD, NOW);
    expect(told(step.effects)).toEqual(['announce', 'advert 200 every 1000']);
    expect(step.state).toEqual(
      master({ announcements: { phase: 'first-burst', sent: 1, nextAt: at(10) } }),
    );
  });

  it('a confirmation of what was announced already changes nothing', () => {
    expect(fromMaster(PARAMS, master(), HELD, NOW)).toEqual({ state: master(), effects: [] });
  });

  it('addresses that disappeared are held again, no longer than the lease, and announced anew', () => {
    const step = fromMaster(PARAMS, master(), { kind: 'hold-again' }, NOW);
    expect(step.state).toEqual(master({ announcements: undefined }));
    expect(told(step.effects)).toEqual(['hold 2345, confirmation wanted']);
  });
});

describe('a master leaves', () => {
  it('RFC 9568 §6.4.3 shutdown: the addresses first, then priority 0', () => {
    const step = fromMaster(PARAMS, master(), { kind: 'shutdown' }, NOW);
    expect(step.state).toEqual({ name: 'initialize' });
    expect(told(step.effects)).toEqual([
      'release',
      'advert 0 every 1000',
      'master → stopped: shut down',
    ]);
  });

  it.each(['switchover', 'stop'] as const)(
    'resigning for a %s: priority 0, and it goes on answering for a grace',
    (purpose) => {
      const step = fromMaster(PARAMS, master(), { kind: 'resign', purpose }, NOW);
      expect(step.state).toEqual({
        name: 'resigning',
        since: NOW,
        until: at(1050),
        purpose,
        lookedAgain: 'no',
      });
      expect(told(step.effects)).toEqual([
        'hold 1100, confirmation needless',
        'advert 0 every 1000',
        `master → resigning: ${purpose}`,
      ]);
    },
  );

  it.each([
    ['at 100 ms: a lease for a second’s interval', 100, 1000, 2945],
    ['at 5 s: its own interval is patience enough', 5000, 5000, 14_745],
  ])('RFC 9568 §6.4.2 handing over %s, in one advert', (_why, own, asked, lease) => {
    const params: VrrpParams = { ...PARAMS, interval: millis(own) };
    const step = fromMaster(params, master(), { kind: 'hand-over' }, NOW);
    expect(step.state).toEqual({ name: 'initialize' });
    expect(told(step.effects)).toEqual([
      `hold ${String(lease)}, confirmation needless`,
      `advert 200 every ${String(asked)}`,
      'master → stopped: handing over to the next daemon',
    ]);
  });
});

it('RFC 3768 §7.1 of version 2: a hand-over keeps the interval, or its advert would be dropped', () => {
  const params: VrrpParams = { ...PARAMS, version: 2, interval: millis(100) };
  const step = fromMaster(params, master(), { kind: 'hand-over' }, NOW);
  expect(told(step.effects)).toContain('advert 200 every 100');
  expect(told(step.effects)).toContain('hold 290, confirmation needless');
});

describe('beyond RFC 9568: a master that woke after its lease', () => {
  const lost = ['release', 'tell lease.lost', 'master → backup: lease lost'];
  const listens = { name: 'backup', masterDownAt: at(3218.75), masterInterval: 1000 };
  const expired = master({ leaseUntil: at(-7) });

  it.each<[string, VrrpEvent, object, readonly string[]]>([
    ['its alarm', ALARM, { ...listens, master: undefined }, lost],
    ['a confirmation', HELD, listens, lost],
    [
      'its successor',
      heard(100),
      { ...listens, master: { address: HIGHER, priority: 100 } },
      [...lost, 'tell vrrp.master'],
    ],
    ['priority 0', heard(0), { ...listens, masterDownAt: at(218.75) }, lost],
    ['a switchover', { kind: 'resign', purpose: 'switchover' }, listens, lost],
    [
      'a stop',
      { kind: 'resign', purpose: 'stop' },
      { name: 'initialize' },
      [...lost, 'backup → stopped: stopping'],
    ],
    [
      'a hand-over',
      { kind: 'hand-over' },
      { name: 'initialize' },
      [...lost, 'backup → stopped: handing over'],
    ],
    [
      'a shutdown',
      { kind: 'shutdown' },
      { name: 'initialize' },
      [...lost, 'backup → stopped: shut down'],
    ],
  ])('lets go before it takes in %s, then listens', (_why, event, state, effects) => {
    const next = afterLostLease(PARAMS, expired, event, NOW);
    expect(next.state).toMatchObject(state);
    expect(told(next.effects)).toEqual(effects);
    expect(step(PARAMS, expired, event, NOW)).toEqual(next);
  });

  it('says how long ago the lease ended', () => {
    const { effects } = afterLostLease(PARAMS, expired, ALARM, NOW);
    expect(effects[1]).toEqual({
      kind: 'tell',
      notice: { event: 'lease.lost', group: 'web', endedAgo: 7 },
    });
  });

  it('is one from the very end of the lease on', () => {
    const ends = master({ leaseUntil: NOW });
    expect(step(PARAMS, ends, ALARM, instant(NOW - 0.125)).state.name).toBe('master');
    expect(step(PARAMS, ends, ALARM, NOW).state.name).toBe('backup');
  });
});

it.each<VrrpEvent>([
  { kind: 'startup', from: 'starting', listenFor: millis(0) },
  { kind: 'adopt' },
  { kind: 'master-died' },
])('a master has no use for %j', (event) => {
  expect(fromMaster(PARAMS, master(), event, NOW)).toEqual({ state: master(), effects: [] });
});

it('an event nobody thought of is our mistake', () => {
  const impossible = { kind: 'new' } as unknown as VrrpEvent;
  expect(() => fromMaster(PARAMS, master(), impossible, NOW)).toThrow(BrokenAssumption);
});
