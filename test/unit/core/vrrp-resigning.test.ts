import { describe, expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import { fromResigning } from '../../../src/core/vrrp-resigning.js';
import type { Resigning, VrrpEvent } from '../../../src/core/vrrp-state.js';
import { at, heard, HIGHER, NOW, PARAMS, resigning, told } from './given.js';

const ALARM: VrrpEvent = { kind: 'alarm' };
const UNDONE = 'switchover undone: no other node took over';

describe('a master that resigned hears its successor', () => {
  it.each([1, 199, 200, 254])('of priority %i: it lets go and follows it', (priority) => {
    const step = fromResigning(PARAMS, resigning(), heard(priority), NOW);
    expect(step.state).toEqual({
      name: 'backup',
      masterDownAt: at(3218.75),
      masterInterval: 1000,
      master: { address: HIGHER, priority },
      outranked: undefined,
      resigned: 'no',
      lookedAgain: 'no',
    });
    expect(told(step.effects)).toEqual([
      'release',
      `resigning → backup: ${HIGHER} took over`,
      `switchover moved to ${HIGHER} within 40`,
    ]);
  });

  it('RFC 9568 §6.1 the successor’s interval is learned', () => {
    const step = fromResigning(PARAMS, resigning(), heard(254, HIGHER, 400), NOW);
    expect(step.state).toMatchObject({ masterInterval: 4000, masterDownAt: at(12_875) });
  });

  it('and stops, where that is what it resigned for', () => {
    const step = fromResigning(PARAMS, resigning({ purpose: 'stop' }), heard(254), NOW);
    expect(step.state).toEqual({ name: 'initialize' });
    expect(told(step.effects)).toEqual(['release', `resigning → stopped: ${HIGHER} took over`]);
  });

  it('but priority 0 is no successor: another one resigned, or our own came back', () => {
    const step = fromResigning(PARAMS, resigning(), heard(0), NOW);
    expect(step).toEqual({ state: resigning(), effects: [] });
  });
});

it('a master that gave the group away for its maintenance follows its successor, and leaves as any', () => {
  const given = resigning({ purpose: 'maintenance' });
  expect(fromResigning(PARAMS, given, heard(254), NOW).state.name).toBe('backup');
  const left = fromResigning(PARAMS, given, { kind: 'shutdown' }, NOW);
  expect(told(left.effects)).toContain('switchover undone: this node left the group');
  const stopping = fromResigning(PARAMS, given, { kind: 'resign', purpose: 'stop' }, NOW);
  expect(stopping.state).toMatchObject({ name: 'resigning', purpose: 'stop' });
});

describe('nobody takes over', () => {
  const due = resigning({ until: NOW });

  it('an early alarm does no harm', () => {
    expect(fromResigning(PARAMS, resigning(), ALARM, NOW)).toEqual({
      state: resigning(),
      effects: [],
    });
  });

  it('a switchover is undone: master again', () => {
    const step = fromResigning(PARAMS, due, ALARM, NOW);
    expect(step.state).toMatchObject({ name: 'master', announcements: undefined });
    expect(told(step.effects)).toEqual([
      'hold 2945, confirmation wanted',
      'resigning → master: no other node took over',
      UNDONE,
    ]);
  });

  it.each([0, 3, 1000, 100_000])('a stop goes on, rung %d ms late or not', (late) => {
    const stopping = resigning({ until: NOW, purpose: 'stop' });
    const step = fromResigning(PARAMS, stopping, ALARM, at(late));
    expect(step.state).toEqual({ name: 'initialize' });
    expect(told(step.effects)).toEqual(['release', 'resigning → stopped: nobody took over']);
  });

  it.each<[number, Resigning['lookedAgain'], 'acts' | 'looks again' | 'lets go']>([
    [2, 'no', 'acts'],
    [2.125, 'no', 'looks again'],
    [999, 'no', 'looks again'],
    [999, 'yes', 'acts'],
    [1000, 'no', 'lets go'],
    [1000, 'yes', 'lets go'],
    [100_000, 'no', 'lets go'],
  ])('woken %d ms late, having looked again: %s, it %s', (late, lookedAgain, reaction) => {
    const step = fromResigning(PARAMS, { ...due, lookedAgain }, ALARM, at(late));
    const outcomes = {
      acts: { name: 'master' },
      'looks again': { ...due, until: at(late + 1), lookedAgain: 'yes' },
      'lets go': { name: 'backup', masterDownAt: at(late + 3218.75), master: undefined },
    };
    expect(step.state).toMatchObject(outcomes[reaction]);
    if (reaction === 'looks again') {
      expect(step.effects).toEqual([]);
    } else if (reaction === 'lets go') {
      expect(told(step.effects)).toEqual(['release', 'resigning → backup: lease lost', UNDONE]);
    }
  });
});

describe('a master that resigned is told to leave', () => {
  const undone = 'switchover undone: this node left the group';

  it.each<[VrrpEvent, string]>([
    [{ kind: 'shutdown' }, 'resigning → stopped: shutdown'],
    [{ kind: 'hand-over' }, 'resigning → stopped: hand-over'],
  ])('%j during a switchover', (event, news) => {
    const step = fromResigning(PARAMS, resigning(), event, NOW);
    expect(step.state).toEqual({ name: 'initialize' });
    expect(told(step.effects)).toEqual(['release', news, undone]);
  });

  it.each<VrrpEvent>([{ kind: 'shutdown' }, { kind: 'hand-over' }])('%j during a stop', (event) => {
    const step = fromResigning(PARAMS, resigning({ purpose: 'stop' }), event, NOW);
    expect(step.state).toEqual({ name: 'initialize' });
    expect(told(step.effects)[0]).toBe('release');
    expect(step.effects).toHaveLength(2);
  });

  const again = (state: Resigning, purpose: Resigning['purpose']) =>
    fromResigning(PARAMS, state, { kind: 'resign', purpose }, NOW);

  it('a stop during a switchover: that is undone, and it leaves when a successor is heard', () => {
    const step = again(resigning(), 'stop');
    expect(step.state).toEqual(resigning({ purpose: 'stop' }));
    expect(told(step.effects)).toEqual([undone]);
  });

  it.each(['switchover', 'stop'] as const)('a %s during a stop: it goes on stopping', (purpose) => {
    const stopping = resigning({ purpose: 'stop' });
    expect(again(stopping, purpose)).toEqual({ state: stopping, effects: [] });
  });

  it('a switchover during a switchover: it goes on', () => {
    expect(again(resigning(), 'switchover')).toEqual({ state: resigning(), effects: [] });
  });
});

it('addresses that disappeared are held again for the rest of the grace, without a word', () => {
  const step = fromResigning(PARAMS, resigning(), { kind: 'hold-again' }, NOW);
  expect(step.state).toEqual(resigning());
  expect(told(step.effects)).toEqual(['hold 1060, confirmation needless']);
});

it.each<VrrpEvent>([
  { kind: 'startup', from: 'starting', listenFor: millis(0) },
  { kind: 'adopt' },
  { kind: 'held' },
  { kind: 'master-died' },
])('a master that resigned has no use for %j', (event) => {
  expect(fromResigning(PARAMS, resigning(), event, NOW)).toEqual({
    state: resigning(),
    effects: [],
  });
});

it('an event nobody thought of is our mistake', () => {
  const impossible = { kind: 'new' } as unknown as VrrpEvent;
  expect(() => fromResigning(PARAMS, resigning(), impossible, NOW)).toThrow(BrokenAssumption);
});
