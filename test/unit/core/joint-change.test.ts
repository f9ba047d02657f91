import { describe, expect, it } from 'vitest';
import type { Instant } from '../../../src/base/time.js';
import { instant, later, millis } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type { Answer, JointChange, JointEvent } from '../../../src/core/joint-change-state.js';
import {
  delayFor,
  jointDeadline,
  NO_CHANGE,
  PREPARED_FOR,
  stepJoint,
} from '../../../src/core/joint-change.js';

const NOW = instant(10_000);
const TRIP = millis(10);

const PREPARING: JointChange = { name: 'preparing', part: 'coordinator', id: 'a' };
const TAKING_PART: JointChange = { name: 'preparing', part: 'participant', id: 'a' };
const ASKING: JointChange = { name: 'asking', id: 'a' };
const PREPARED: JointChange = { name: 'prepared', id: 'a', expiresAt: later(NOW, PREPARED_FOR) };
const COMMITTING: JointChange = { name: 'committing', id: 'a', saidAt: NOW, delay: millis(100) };
const WITHDRAWING: JointChange = {
  name: 'withdrawing',
  id: 'a',
  switchAt: later(NOW, millis(100)),
};
const SWITCHING: JointChange = { name: 'switching', id: 'a', switchAt: later(NOW, millis(100)) };
const DONE: JointChange = { name: 'idle', switched: 'a' };

const answered = (answer: Answer, id = 'a'): JointEvent => ({
  kind: 'answered',
  id,
  answer,
  roundTrip: TRIP,
});
const GRANTED: Answer = { kind: 'granted' };
const REFUSED: Answer = { kind: 'refused', why: 'no' };
const LOST: Answer = { kind: 'lost', why: 'nothing' };
const SWITCHED: Answer = { kind: 'switched' };
const ALARM: JointEvent = { kind: 'alarm' };

/** What is done, in short. */
function outcome(state: JointChange, event: JointEvent, now: Instant = NOW) {
  const step = stepJoint(state, event, now);
  const effects = step.effects.map((effect) => {
    switch (effect.kind) {
      case 'ask':
        return `ask ${effect.ask}`;
      case 'answer':
        return `answer ${effect.to}: ${effect.answer.kind}`;
      case 'end':
        return `end: ${effect.outcome.kind}`;
      default:
        return effect.kind;
    }
  });
  return [step.state.name, ...effects];
}

describe('a change together, on the node that asks for it', () => {
  it.each<[string, JointChange, JointEvent, readonly string[]]>([
    ['begins with itself', NO_CHANGE, { kind: 'begin', id: 'a' }, ['preparing', 'prepare']],
    [
      'begins not while another is under way',
      PREPARED,
      { kind: 'begin', id: 'b' },
      ['prepared', 'end: refused'],
    ],
    [
      'asks the other one when it is ready',
      PREPARING,
      { kind: 'ready', id: 'a' },
      ['asking', 'ask prepare'],
    ],
    [
      'ends where it cannot be ready itself',
      PREPARING,
      { kind: 'unready', id: 'a', why: 'no' },
      ['idle', 'end: refused'],
    ],
    [
      'says when, once both are ready',
      ASKING,
      answered(GRANTED),
      ['committing', 'expect', 'ask commit'],
    ],
    [
      'ends where the other one refuses',
      ASKING,
      answered(REFUSED),
      ['idle', 'discard', 'ask withdraw', 'end: refused'],
    ],
    [
      'ends where the other one says nothing, and takes it back',
      ASKING,
      answered(LOST),
      ['idle', 'discard', 'ask withdraw', 'end: refused'],
    ],
    [
      'ends where the answer makes no sense',
      ASKING,
      answered(SWITCHED),
      ['idle', 'discard', 'ask withdraw', 'end: refused'],
    ],
    ['counts once the word is confirmed', COMMITTING, answered(GRANTED), ['switching']],
    [
      'changes nothing where the word is refused',
      COMMITTING,
      answered(REFUSED),
      ['idle', 'relax', 'discard', 'end: refused'],
    ],
    [
      'takes the word back where it is not confirmed in time',
      COMMITTING,
      answered(LOST),
      ['withdrawing', 'ask withdraw'],
    ],
    [
      'changes nothing where it could be taken back',
      WITHDRAWING,
      answered(GRANTED),
      ['idle', 'relax', 'discard', 'end: refused'],
    ],
    [
      'follows at once where it was carried out',
      WITHDRAWING,
      answered(SWITCHED),
      ['idle', 'relax', 'switch', 'end: switched'],
    ],
    [
      'is in doubt where nobody says what became of it',
      WITHDRAWING,
      answered(LOST),
      ['idle', 'doubt', 'discard', 'end: doubtful'],
    ],
    [
      'is in doubt where it cannot even be taken back',
      WITHDRAWING,
      answered(REFUSED),
      ['idle', 'doubt', 'discard', 'end: doubtful'],
    ],
  ])('%s', (_what, state, event, expected) => {
    expect(outcome(state, event)).toEqual(expected);
  });

  it('counts from the middle of the round trip', () => {
    expect(stepJoint(COMMITTING, answered(GRANTED), later(NOW, TRIP)).state).toEqual({
      name: 'switching',
      id: 'a',
      switchAt: instant(10_105),
    });
  });

  it('doubts until the other one must have switched, by any clock', () => {
    const early = stepJoint(WITHDRAWING, answered(LOST), NOW).effects[0];
    expect(early).toEqual({ kind: 'doubt', until: instant(23_100) });
    const late = stepJoint(WITHDRAWING, answered(LOST), instant(10_600)).effects[0];
    expect(late).toEqual({ kind: 'doubt', until: instant(23_600) });
  });

  it.each([
    [0, 100],
    [40, 160],
    [5000, 2000],
  ])('with a round trip of %i ms says %i ms', (trip, delay) => {
    expect(delayFor(millis(trip))).toBe(delay);
  });
});

describe('a change together, on the node that is asked', () => {
  const PREPARE: JointEvent = { kind: 'asked-to-prepare', id: 'a', from: 'second' };
  const COMMIT: JointEvent = { kind: 'asked-to-commit', id: 'a', delay: millis(100) };
  const WITHDRAW: JointEvent = { kind: 'asked-to-withdraw', id: 'a' };
  const late = later(NOW, PREPARED_FOR);

  it.each<[string, JointChange, JointEvent, readonly string[], Instant?]>([
    ['makes ready', NO_CHANGE, PREPARE, ['preparing', 'prepare']],
    ['says so', TAKING_PART, { kind: 'ready', id: 'a' }, ['prepared', 'answer prepare: granted']],
    [
      'or says why not',
      TAKING_PART,
      { kind: 'unready', id: 'a', why: 'no' },
      ['idle', 'answer prepare: refused'],
    ],
    [
      'counts from the word on',
      PREPARED,
      COMMIT,
      ['switching', 'expect', 'answer commit: granted'],
    ],
    [
      'knows no word of another attempt',
      PREPARED,
      { ...COMMIT, id: 'b' },
      ['prepared', 'answer commit: refused'],
    ],
    ['knows no word where it is not ready', NO_CHANGE, COMMIT, ['idle', 'answer commit: refused']],
    [
      'knows no word that comes too late',
      PREPARED,
      COMMIT,
      ['prepared', 'answer commit: refused'],
      late,
    ],
    ['waits for it', PREPARED, ALARM, ['prepared']],
    ['forgets it when nothing comes', PREPARED, ALARM, ['idle', 'discard', 'end: refused'], late],
    [
      'drops it before it is ready',
      TAKING_PART,
      WITHDRAW,
      ['idle', 'answer prepare: refused', 'discard', 'answer withdraw: granted', 'end: refused'],
    ],
    [
      'drops what it was ready for',
      PREPARED,
      WITHDRAW,
      ['idle', 'discard', 'answer withdraw: granted', 'end: refused'],
    ],
    [
      'drops what it counts for',
      SWITCHING,
      WITHDRAW,
      ['idle', 'relax', 'discard', 'answer withdraw: granted', 'end: refused'],
    ],
    ['says that it is done', DONE, WITHDRAW, ['idle', 'answer withdraw: switched']],
    [
      'has nothing to drop of another attempt',
      PREPARED,
      { ...WITHDRAW, id: 'b' },
      ['prepared', 'answer withdraw: granted'],
    ],
    ['has nothing to drop', NO_CHANGE, WITHDRAW, ['idle', 'answer withdraw: granted']],
    // Whoever names an attempt of ours lies.
    ['is not told to drop its own', ASKING, WITHDRAW, ['asking', 'answer withdraw: refused']],
    ['nor when it has said when', COMMITTING, WITHDRAW, ['committing', 'answer withdraw: refused']],
    [
      'nor when it takes it back',
      WITHDRAWING,
      WITHDRAW,
      ['withdrawing', 'answer withdraw: refused'],
    ],
    [
      'takes no second one',
      PREPARED,
      { ...PREPARE, id: 'b' },
      ['prepared', 'answer prepare: refused'],
    ],
    [
      'refuses the node that comes second while it begins',
      PREPARING,
      { ...PREPARE, id: 'b' },
      ['preparing', 'answer prepare: refused'],
    ],
    [
      'refuses the node that comes second while it asks',
      ASKING,
      { ...PREPARE, id: 'b' },
      ['asking', 'answer prepare: refused'],
    ],
    [
      'gives way to the node that comes first',
      ASKING,
      { kind: 'asked-to-prepare', id: 'b', from: 'first' },
      ['preparing', 'discard', 'end: refused', 'prepare'],
    ],
    [
      'gives not way where it takes part already',
      TAKING_PART,
      { kind: 'asked-to-prepare', id: 'b', from: 'first' },
      ['preparing', 'answer prepare: refused'],
    ],
  ])('%s', (_what, state, event, expected, now) => {
    expect(outcome(state, event, now)).toEqual(expected);
  });

  it('is not made to wait for longer than the longest delay', () => {
    const step = stepJoint(PREPARED, { ...COMMIT, delay: millis(3_600_000) }, NOW);
    expect(jointDeadline(step.state)).toBe(12_000);
  });
});

describe('the moment of a change together', () => {
  it.each<[string, number, readonly string[]]>([
    ['is not there yet', 10_099, ['switching']],
    ['is there', 10_100, ['idle', 'relax', 'switch', 'end: switched']],
    ['was, a moment ago', 15_100, ['idle', 'relax', 'switch', 'end: switched']],
    ['was slept through', 15_101, ['idle', 'doubt', 'discard', 'end: doubtful']],
  ])('%s', (_what, at, expected) => {
    expect(outcome(SWITCHING, ALARM, instant(at))).toEqual(expected);
  });

  it('is remembered, and how late it was', () => {
    const { state, effects } = stepJoint(SWITCHING, ALARM, instant(10_103));
    expect(state).toEqual(DONE);
    expect(effects[1]).toEqual({ kind: 'switch', id: 'a', lateBy: 3 });
  });
});

describe('what comes of a change that is over', () => {
  it.each<[string, JointChange, JointEvent, readonly string[]]>([
    ['an answer', NO_CHANGE, answered(GRANTED), ['idle']],
    ['an answer about another one', ASKING, answered(GRANTED, 'b'), ['asking']],
    ['an answer before it is asked for', PREPARING, answered(GRANTED), ['preparing']],
    ['an answer to whoever is asked', PREPARED, answered(GRANTED), ['prepared']],
    ['an answer after the word', SWITCHING, answered(GRANTED), ['switching']],
    ['being ready', NO_CHANGE, { kind: 'ready', id: 'a' }, ['idle', 'discard']],
    [
      'being ready for another one',
      PREPARING,
      { kind: 'ready', id: 'b' },
      ['preparing', 'discard'],
    ],
    ['not being ready', NO_CHANGE, { kind: 'unready', id: 'a', why: 'no' }, ['idle']],
    [
      'not being ready for another one',
      PREPARING,
      { kind: 'unready', id: 'b', why: 'no' },
      ['preparing'],
    ],
    ['an alarm', NO_CHANGE, ALARM, ['idle']],
  ])('%s', (_what, state, event, expected) => {
    expect(outcome(state, event)).toEqual(expected);
  });

  it.each<[JointChange, Instant | undefined]>([
    [NO_CHANGE, undefined],
    [PREPARING, undefined],
    [ASKING, undefined],
    [COMMITTING, undefined],
    [WITHDRAWING, undefined],
    [PREPARED, later(NOW, PREPARED_FOR)],
    [SWITCHING, later(NOW, millis(100))],
  ])('wakes %j at %s', (state, at) => {
    expect(jointDeadline(state)).toBe(at);
  });
});

describe('what no type allows', () => {
  const ODD = { name: 'odd', id: 'a' } as unknown as JointChange;
  const ODD_ANSWER = { kind: 'odd' } as unknown as Answer;

  it.each<[string, JointChange, JointEvent]>([
    ['an event', NO_CHANGE, { kind: 'odd' } as unknown as JointEvent],
    ['a state that is answered', ODD, answered(GRANTED)],
    ['an answer to a withdrawal', WITHDRAWING, answered(ODD_ANSWER)],
    ['a state that is to be dropped', ODD, { kind: 'asked-to-withdraw', id: 'a' }],
  ])('%s breaks an assumption', (_what, state, event) => {
    expect(() => stepJoint(state, event, NOW)).toThrow(BrokenAssumption);
  });

  it('a state that waits breaks one, too', () => {
    expect(() => jointDeadline(ODD)).toThrow(BrokenAssumption);
  });
});
