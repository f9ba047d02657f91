/**
 * A change that both nodes make at the same moment or neither makes: a two-phase commit between the *coordinator*, whose
 * operator asks for it, and the other node, the *participant*. What may fail between the phases, and what comes of it, is in
 * docs/decisions/two-phase-change.md.
 */
import type { Instant, Millis } from '../base/time.js';
import { between, later, longer, millis, scale, shorter } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type {
  Answer,
  JointChange,
  JointEffect,
  JointEvent,
  JointOutcome,
  JointStep,
} from './joint-change-state.js';

export const NO_CHANGE: JointChange = { name: 'idle', switched: undefined };

/** The next state, and what is to be done, in order. */
export function stepJoint(state: JointChange, event: JointEvent, now: Instant): JointStep {
  switch (event.kind) {
    case 'begin':
      return begin(state, event.id);
    case 'ready':
      return ready(state, event.id, now);
    case 'unready':
      return unready(state, event.id, event.why);
    case 'answered':
      return state.name !== 'idle' && event.id === state.id
        ? answered(state, event, now)
        : stay(state);
    case 'asked-to-prepare':
      return askedToPrepare(state, event.id, event.from);
    case 'asked-to-commit':
      return askedToCommit(state, event.id, event.delay, now);
    case 'asked-to-withdraw':
      return askedToWithdraw(state, event.id);
    case 'alarm':
      return alarm(state, now);
    default:
      return unreachable(event);
  }
}

/** When `stepJoint` wants an `alarm` event. */
export function jointDeadline(state: JointChange): Instant | undefined {
  switch (state.name) {
    case 'prepared':
      return state.expiresAt;
    case 'switching':
      return state.switchAt;
    case 'idle':
    case 'preparing':
    case 'asking':
    case 'committing':
    case 'withdrawing':
      return undefined;
    default:
      return unreachable(state);
  }
}

/** From the word to the switch: enough for the word, its confirmation, and the same again for taking it back. */
export function delayFor(roundTrip: Millis): Millis {
  return shorter(longer(scale(roundTrip, ROUND_TRIPS), SHORTEST_DELAY), LONGEST_DELAY);
}

function begin(state: JointChange, id: string): JointStep {
  return state.name === 'idle'
    ? { state: { name: 'preparing', part: 'coordinator', id }, effects: [{ kind: 'prepare', id }] }
    : { state, effects: [end(id, { kind: 'refused', why: BUSY })] };
}

function ready(state: JointChange, id: string, now: Instant): JointStep {
  if (state.name !== 'preparing' || state.id !== id) {
    return { state, effects: [{ kind: 'discard', id }] };
  }
  return state.part === 'coordinator'
    ? {
        state: { name: 'asking', id },
        effects: [{ kind: 'ask', id, ask: 'prepare', within: PREPARED_WITHIN }],
      }
    : {
        state: { name: 'prepared', id, expiresAt: later(now, PREPARED_FOR) },
        effects: [answer(id, 'prepare', GRANTED)],
      };
}

function unready(state: JointChange, id: string, why: string): JointStep {
  if (state.name !== 'preparing' || state.id !== id) {
    return stay(state);
  }
  return state.part === 'coordinator'
    ? idle([end(id, { kind: 'refused', why })])
    : idle([answer(id, 'prepare', { kind: 'refused', why })]);
}

function answered(
  state: Exclude<JointChange, { name: 'idle' }>,
  { id, answer: said, roundTrip }: Extract<JointEvent, { kind: 'answered' }>,
  now: Instant,
): JointStep {
  switch (state.name) {
    case 'asking':
      return voted(id, said, roundTrip, now);
    case 'committing':
      return confirmed(state, said, roundTrip, now);
    case 'withdrawing':
      return withdrawn(state, said, now);
    case 'preparing':
    case 'prepared':
    case 'switching':
      return stay(state);
    default:
      return unreachable(state);
  }
}

function voted(id: string, said: Answer, roundTrip: Millis, now: Instant): JointStep {
  if (said.kind !== 'granted') {
    // It may have prepared itself, and would wait for a word until it is tired of it.
    const within = WITHDRAWN_WITHIN;
    const why = said.kind === 'switched' ? NONSENSE : said.why;
    return idle([
      { kind: 'discard', id },
      { kind: 'ask', id, ask: 'withdraw', within },
      end(id, { kind: 'refused', why }),
    ]);
  }
  const delay = delayFor(roundTrip);
  const within = scale(delay, CONFIRM_SHARE);
  return {
    state: { name: 'committing', id, saidAt: now, delay },
    effects: [{ kind: 'expect' }, { kind: 'ask', id, ask: 'commit', within, delay }],
  };
}

function confirmed(
  { id, saidAt, delay }: Extract<JointChange, { name: 'committing' }>,
  said: Answer,
  roundTrip: Millis,
  now: Instant,
): JointStep {
  if (said.kind === 'granted' || said.kind === 'switched') {
    // Both count from the moment in which the word arrived: half of the way there and back.
    const switchAt = later(saidAt, millis(delay + roundTrip / 2));
    return { state: { name: 'switching', id, switchAt }, effects: [] };
  }
  if (said.kind === 'refused') {
    return idle([
      { kind: 'relax' },
      { kind: 'discard', id },
      end(id, { kind: 'refused', why: said.why }),
    ]);
  }
  return {
    state: { name: 'withdrawing', id, switchAt: later(now, delay) },
    effects: [{ kind: 'ask', id, ask: 'withdraw', within: WITHDRAWN_WITHIN }],
  };
}

function withdrawn(
  { id, switchAt }: Extract<JointChange, { name: 'withdrawing' }>,
  said: Answer,
  now: Instant,
): JointStep {
  switch (said.kind) {
    case 'switched':
      return carryOut(id, millis(0));
    case 'granted':
      return idle([
        { kind: 'relax' },
        { kind: 'discard', id },
        end(id, { kind: 'refused', why: UNCONFIRMED }),
      ]);
    case 'refused':
    case 'lost': {
      const until = later(switchAt > now ? switchAt : now, MAY_YET_SWITCH);
      return idle([
        { kind: 'doubt', until },
        { kind: 'discard', id },
        end(id, { kind: 'doubtful', why: said.why }),
      ]);
    }
    default:
      return unreachable(said);
  }
}

/** Of two that begin at once, the one whose name comes first goes on. */
function askedToPrepare(state: JointChange, id: string, from: 'first' | 'second'): JointStep {
  const isOurs =
    state.name === 'asking' || (state.name === 'preparing' && state.part === 'coordinator');
  if (state.name === 'idle' || (isOurs && from === 'first')) {
    const yields: readonly JointEffect[] =
      state.name === 'idle'
        ? []
        : [{ kind: 'discard', id: state.id }, end(state.id, { kind: 'refused', why: BUSY_THERE })];
    return {
      state: { name: 'preparing', part: 'participant', id },
      effects: [...yields, { kind: 'prepare', id }],
    };
  }
  return { state, effects: [answer(id, 'prepare', { kind: 'refused', why: BUSY })] };
}

function askedToCommit(state: JointChange, id: string, delay: Millis, now: Instant): JointStep {
  return state.name === 'prepared' && state.id === id && now < state.expiresAt
    ? {
        state: {
          name: 'switching',
          id,
          switchAt: later(now, shorter(delay, LONGEST_DELAY)),
        },
        effects: [{ kind: 'expect' }, answer(id, 'commit', GRANTED)],
      }
    : { state, effects: [answer(id, 'commit', { kind: 'refused', why: NOT_PREPARED })] };
}

function askedToWithdraw(state: JointChange, id: string): JointStep {
  if (state.name === 'idle' && state.switched === id) {
    return { state, effects: [answer(id, 'withdraw', { kind: 'switched' })] };
  }
  if (state.name === 'idle' || state.id !== id) {
    return { state, effects: [answer(id, 'withdraw', GRANTED)] };
  }
  const dropped = [
    { kind: 'discard', id },
    answer(id, 'withdraw', GRANTED),
    end(id, { kind: 'refused', why: WITHDRAWN }),
  ] as const;
  switch (state.name) {
    case 'preparing':
      return idle([answer(id, 'prepare', { kind: 'refused', why: WITHDRAWN }), ...dropped]);
    case 'prepared':
      return idle(dropped);
    case 'switching':
      return idle([{ kind: 'relax' }, ...dropped]);
    case 'asking':
    case 'committing':
    case 'withdrawing':
      // Nobody but us names our own attempts.
      return { state, effects: [answer(id, 'withdraw', { kind: 'refused', why: BUSY })] };
    default:
      return unreachable(state);
  }
}

function alarm(state: JointChange, now: Instant): JointStep {
  if (state.name === 'prepared' && now >= state.expiresAt) {
    const { id } = state;
    return idle([{ kind: 'discard', id }, end(id, { kind: 'refused', why: FORGOTTEN })]);
  }
  if (state.name !== 'switching' || now < state.switchAt) {
    return stay(state);
  }
  const { id, switchAt } = state;
  const lateBy = between(switchAt, now);
  return lateBy <= LATEST_SWITCH
    ? carryOut(id, lateBy)
    : idle([
        // The other node has, as far as is known; adverts of before may lie in the socket unread.
        { kind: 'doubt', until: later(now, DOUBTED_FOR) },
        { kind: 'discard', id },
        end(id, { kind: 'doubtful', why: OVERSLEPT }),
      ]);
}

function carryOut(id: string, lateBy: Millis): JointStep {
  return {
    state: { name: 'idle', switched: id },
    // A group that does not change expects nothing any more.
    effects: [{ kind: 'relax' }, { kind: 'switch', id, lateBy }, end(id, { kind: 'switched' })],
  };
}

function stay(state: JointChange): JointStep {
  return { state, effects: [] };
}

function idle(effects: readonly JointEffect[]): JointStep {
  return { state: NO_CHANGE, effects };
}

function end(id: string, outcome: JointOutcome): JointEffect {
  return { kind: 'end', id, outcome };
}

function answer(
  id: string,
  to: 'prepare' | 'commit' | 'withdraw',
  said: Exclude<Answer, { kind: 'lost' }>,
): JointEffect {
  return { kind: 'answer', id, to, answer: said };
}

const GRANTED = { kind: 'granted' } as const;
const BUSY = 'a change of the configuration is under way already';
const BUSY_THERE = 'the other node began a change of the configuration at the same moment';
const NONSENSE = 'the other node answered something else than was asked';
const UNCONFIRMED = 'the other node did not confirm in time';
const NOT_PREPARED = 'nothing is prepared any more';
const WITHDRAWN = 'the other node took it back';
const FORGOTTEN = 'the other node said nothing more';
const OVERSLEPT = 'this daemon stood still when both were to switch';

/** Reading a file and its keys takes milliseconds; a kernel that does not answer takes longer. */
const PREPARED_WITHIN = millis(3000);
/** How long a participant waits for the word. */
export const PREPARED_FOR: Millis = millis(5000);
/** The round trip of a first question contains the work that it asked for. */
const ROUND_TRIPS = 4;
const SHORTEST_DELAY = millis(100);
const LONGEST_DELAY = millis(2000);
/** Of the delay: as long again is left to take the word back. */
const CONFIRM_SHARE = 0.5;
const WITHDRAWN_WITHIN = millis(1000);
/** A peer that hears the word at the last moment, and stands still for as long as it may before it switches. */
const MAY_YET_SWITCH = millis(13_000);
/** A peer whose clock is slower, and its first words. */
const DOUBTED_FOR = millis(1000);
/** What a daemon that slept for longer would switch to may be the day before yesterday's. */
const LATEST_SWITCH = millis(5000);
