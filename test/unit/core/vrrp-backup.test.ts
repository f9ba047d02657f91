import { describe, expect, it } from 'vitest';
import { instant, millis } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import { fromBackup } from '../../../src/core/vrrp-backup.js';
import type { Backup, VrrpEvent, VrrpParams } from '../../../src/core/vrrp-state.js';
import { at, backup, heard, HIGHER, LOWER, NOW, PARAMS, PREEMPTING, told } from './given.js';

const ALARM: VrrpEvent = { kind: 'alarm' };

describe('RFC 9568 §6.4.2 what a backup hears', () => {
  it.each<[string, VrrpParams, VrrpEvent, Partial<Backup>]>([
    [
      'priority 0: it waits only its skew',
      PARAMS,
      heard(0),
      { masterDownAt: at(218.75), resigned: 'yes' },
    ],
    [
      'priority 0 with preemption: likewise',
      PREEMPTING,
      heard(0),
      { masterDownAt: at(218.75), resigned: 'yes' },
    ],
    ['a greater priority puts it off', PARAMS, heard(250), { masterDownAt: at(3218.75) }],
    ['an equal priority puts it off', PREEMPTING, heard(200), { masterDownAt: at(3218.75) }],
    [
      'a lower priority puts it off without preemption',
      PARAMS,
      heard(1),
      { masterDownAt: at(3218.75) },
    ],
    [
      'a lower priority is discarded with preemption, but for who it was',
      PREEMPTING,
      heard(199),
      { outranked: { address: HIGHER, priority: 199 } },
    ],
  ])('%s', (_why, params, event, changes) => {
    const step = fromBackup(params, backup(), event, NOW);
    const followed = event.kind === 'advert' && changes.masterDownAt === at(3218.75);
    const master = followed
      ? { address: HIGHER, priority: event.advert.priority }
      : backup().master;
    expect(step).toEqual({ state: backup({ ...changes, master }), effects: [] });
  });

  it('the interval is learned from the advert (§6.1 Active_Adver_Interval)', () => {
    const { state } = fromBackup(PARAMS, backup(), heard(250, HIGHER, 400), NOW);
    expect(state).toMatchObject({ masterInterval: 4000, masterDownAt: at(12_875) });
  });

  it('the skew after priority 0 is one of the interval it learned', () => {
    const slow = backup({ masterInterval: millis(4000) });
    const { state } = fromBackup(PARAMS, slow, heard(0), NOW);
    expect(state).toMatchObject({ masterDownAt: at(875) });
  });

  it('priority 0 again does not put the take-over off', () => {
    const almost = backup({ masterDownAt: at(100), resigned: 'yes' });
    expect(fromBackup(PARAMS, almost, heard(0), NOW)).toEqual({ state: almost, effects: [] });
  });

  it('a master that resigned and speaks again has not resigned', () => {
    const { state } = fromBackup(PARAMS, backup({ resigned: 'yes' }), heard(250), NOW);
    expect(state).toEqual(backup({ masterDownAt: at(3218.75) }));
  });

  it.each<[string, Backup['master'], readonly string[]]>([
    ['the first master', undefined, ['tell vrrp.master']],
    ['another master', { address: LOWER, priority: 250 }, ['tell vrrp.master']],
    ['the same master', { address: HIGHER, priority: 10 }, []],
  ])('%s is news only once', (_why, known, effects) => {
    const step = fromBackup(PARAMS, backup({ master: known }), heard(250), NOW);
    expect(step.state).toMatchObject({ master: { address: HIGHER, priority: 250 } });
    expect(told(step.effects)).toEqual(effects);
  });

  it.each<[string, Partial<Backup>, 'yes' | 'no', Backup['master'], readonly string[]]>([
    [
      'on another instance, of a master that is known: known by its leading address',
      {},
      'no',
      { address: HIGHER, priority: 250 },
      [],
    ],
    [
      'on another instance, of one that is not',
      { master: undefined },
      'no',
      { address: LOWER, priority: 254 },
      ['tell vrrp.master'],
    ],
    ['on the leading instance', {}, 'yes', { address: LOWER, priority: 254 }, ['tell vrrp.master']],
  ])('an advert %s', (_why, changes, leads, known, effects) => {
    const event = { ...heard(254, LOWER), leads };
    const step = fromBackup(PARAMS, backup(changes), event, NOW);
    expect(step.state).toEqual(backup({ masterDownAt: at(3218.75), master: known }));
    expect(told(step.effects)).toEqual(effects);
  });

  it('RFC 3768 §6.1 of version 2: the skew is one of a second, whatever the interval', () => {
    const v2: VrrpParams = { ...PARAMS, version: 2, interval: millis(4000) };
    const slow = backup({ masterInterval: millis(4000), masterDownAt: at(9000) });
    expect(fromBackup(v2, slow, heard(0), NOW).state).toMatchObject({ masterDownAt: at(218.75) });
    const heardAgain = fromBackup(v2, slow, heard(250, HIGHER, 400), NOW);
    expect(heardAgain.state).toMatchObject({ masterDownAt: at(12_218.75) });
  });

  it('once a master is followed again, nobody is outranked', () => {
    const outranked = { address: HIGHER, priority: 199 };
    const { state } = fromBackup(PREEMPTING, backup({ outranked }), heard(250), NOW);
    expect(state).toMatchObject({ outranked: undefined });
  });

  it('an advert after a second look: the next late alarm may look again', () => {
    const { state } = fromBackup(PARAMS, backup({ lookedAgain: 'yes' }), heard(250), NOW);
    expect(state).toMatchObject({ lookedAgain: 'no' });
  });
});

describe('RFC 9568 §6.4.2 the master-down timer', () => {
  it.each<[string, Partial<Backup>, string]>([
    ['names the master that fell silent', {}, `backup → master: master ${HIGHER} is silent`],
    [
      'names the one that resigned',
      { resigned: 'yes' },
      `backup → master: master ${HIGHER} resigned`,
    ],
    ['says that there was none', { master: undefined }, 'backup → master: no master heard'],
    [
      'names the one that it outranks',
      { outranked: { address: LOWER, priority: 100 } },
      `backup → master: takes over from ${LOWER}, which has priority 100`,
    ],
  ])('fires: it becomes master, and %s', (_why, changes, news) => {
    const step = fromBackup(PARAMS, backup({ masterDownAt: NOW, ...changes }), ALARM, NOW);
    expect(step.state).toMatchObject({
      name: 'master',
      nextAdvertAt: at(1000),
      leaseUntil: at(2945),
    });
    expect(told(step.effects)).toEqual(['hold 2945, confirmation wanted', news]);
  });

  it('has not fired: an early alarm does no harm', () => {
    expect(fromBackup(PARAMS, backup(), ALARM, NOW)).toEqual({ state: backup(), effects: [] });
  });
});

/** How a backup acts whose alarm rings so many milliseconds late. */
describe('beyond RFC 9568: an alarm that rings late', () => {
  const due = backup({ masterDownAt: NOW });

  it.each<[number, string]>([
    [0, 'acts'],
    [2, 'acts'],
    [2.125, 'looks again'],
    [3218.625, 'looks again'],
    [3218.75, 'listens anew'],
    [100_000, 'listens anew'],
  ])('by %d ms: it %s', (late, reaction) => {
    const now = at(late);
    const { state, effects } = fromBackup(PARAMS, due, ALARM, now);
    const outcomes: Record<string, unknown> = {
      acts: { name: 'master' },
      'looks again': { ...due, masterDownAt: instant(now + 1), lookedAgain: 'yes' },
      'listens anew': {
        name: 'backup',
        masterDownAt: instant(now + 3218.75),
        master: undefined,
        lookedAgain: 'no',
      },
    };
    expect(state).toMatchObject(outcomes[reaction] as object);
    expect(told(effects).includes('tell vrrp.stalled')).toBe(reaction === 'listens anew');
  });

  it('after a second look, late again or not, it acts', () => {
    const looked = backup({ masterDownAt: NOW, lookedAgain: 'yes' });
    expect(fromBackup(PARAMS, looked, ALARM, at(500)).state.name).toBe('master');
  });

  it('frozen for a whole master-down interval while it looked, it listens anew', () => {
    const looked = backup({ masterDownAt: NOW, lookedAgain: 'yes' });
    const step = fromBackup(PARAMS, looked, ALARM, at(3218.75));
    expect(step.state).toMatchObject({ name: 'backup', lookedAgain: 'no' });
    expect(step.effects).toEqual([
      { kind: 'tell', notice: { event: 'vrrp.stalled', group: 'web', lateFor: 3218.75 } },
    ]);
  });

  it('it listens anew for as long as its master, not itself, would need', () => {
    const slow = backup({ masterDownAt: NOW, masterInterval: millis(4000) });
    const { state } = fromBackup(PARAMS, slow, ALARM, at(12_875));
    expect(state).toMatchObject({ masterInterval: 4000, masterDownAt: at(2 * 12_875) });
  });
});

describe('RFC 9568 §6.4.2 a backup leaves', () => {
  it.each<[string, VrrpEvent, readonly string[]]>([
    ['shut down, it falls silent', { kind: 'shutdown' }, ['backup → stopped: shut down']],
    ['handing over, it leaves nothing', { kind: 'hand-over' }, ['backup → stopped: handing over']],
    [
      'asked to resign for good, it falls silent',
      { kind: 'resign', purpose: 'stop' },
      ['backup → stopped: stopping'],
    ],
  ])('%s', (_why, event, effects) => {
    const step = fromBackup(PARAMS, backup(), event, NOW);
    expect(step.state).toEqual({ name: 'initialize' });
    expect(told(step.effects)).toEqual(effects);
  });
});

it('a backup whose master has died waits no longer; one that follows nobody has no use for that', () => {
  const rival = { address: HIGHER, priority: 254 };
  const step = fromBackup(PARAMS, backup({ master: rival }), { kind: 'master-died' }, NOW);
  expect(step.state.name).toBe('master');
  expect(told(step.effects)).toContain(
    `backup → master: master ${HIGHER} is silent, and so is its kernel`,
  );
  const alone = backup({ master: undefined });
  expect(fromBackup(PARAMS, alone, { kind: 'master-died' }, NOW)).toEqual({
    state: alone,
    effects: [],
  });
});

it.each<VrrpEvent>([
  { kind: 'resign', purpose: 'switchover' },
  { kind: 'startup', from: 'starting', listenFor: millis(0) },
  { kind: 'adopt' },
  { kind: 'hold-again' },
  { kind: 'held' },
])('a backup has no use for %j', (event) => {
  expect(fromBackup(PARAMS, backup(), event, NOW)).toEqual({ state: backup(), effects: [] });
});

it('an event nobody thought of is our mistake', () => {
  const impossible = { kind: 'new' } as unknown as VrrpEvent;
  expect(() => fromBackup(PARAMS, backup(), impossible, NOW)).toThrow(BrokenAssumption);
});
