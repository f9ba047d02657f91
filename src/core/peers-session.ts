/**
 * A session with the local HAProxy, which dials us and takes us for the other node's HAProxy: who teaches whom, when each side
 * has to say something, and when the session ends. Rows pass beside it; here it is only told that there were some.
 */
import type { Instant, Millis } from '../base/time.js';
import { earliest, later, millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { PeersHello } from '../wire/peers/hello.js';
import type { PeersControl } from '../wire/peers/message.js';

export type PeersSession =
  /** It has not said who it is. */
  | { readonly name: 'greeting'; readonly until: Instant }
  | OpenPeersSession
  | { readonly name: 'closed' };

export interface OpenPeersSession {
  readonly name: 'open';
  readonly heardAt: Instant;
  /** When the last rows came; none yet: when the session began. */
  readonly rowsAt: Instant;
  readonly saidAt: Instant;
  /** While we do not read, its silence says nothing. */
  readonly reading: 'on' | 'paused';
  readonly learning: ProxyLearning;
  readonly teaching: ProxyTeaching;
}

/** HAProxy has started, and waits for rows before it pushes any. */
export type ProxyLearning =
  | { readonly name: 'no' }
  /** No row came for so long that it gets no more. */
  | { readonly name: 'yes'; readonly until: Instant };

/** HAProxy is to tell all its rows. */
export type ProxyTeaching =
  | { readonly name: 'no' }
  /**
   * Not while it pushes what it had kept for us: it would tell those rows three times over. `first`: what it pushes until
   * then is not passed on, because the teaching tells the same with the right expiry.
   */
  | {
      readonly name: 'wanted';
      readonly first: 'first' | 'again';
      readonly quietAt: Instant;
      readonly atLatest: Instant;
    }
  | { readonly name: 'running'; readonly until: Instant; readonly then: 'rest' | 'once more' };

export type PeersSessionEvent =
  | { readonly kind: 'greeted' }
  /** Something arrived, with so many rows. */
  | { readonly kind: 'heard'; readonly rows: number }
  | { readonly kind: 'control'; readonly control: PeersControl }
  | { readonly kind: 'error' }
  | { readonly kind: 'said' }
  /** Rows were handed to it. */
  | { readonly kind: 'handed' }
  /** All there is for it was handed, or nothing will come. */
  | { readonly kind: 'taught' }
  | { readonly kind: 'teach' }
  | { readonly kind: 'paused' | 'resumed' }
  | { readonly kind: 'alarm' };

export type PeersSessionEffect =
  | { readonly kind: 'send'; readonly control: PeersControl }
  /** It wants to be taught: it has nothing. */
  | { readonly kind: 'asked-for-rows' }
  | { readonly kind: 'teaching-began' }
  /** `partial`: it does not know itself whether that was all. It will be asked again. */
  | { readonly kind: 'teaching-ended'; readonly how: 'complete' | 'partial' }
  | { readonly kind: 'close'; readonly why: PeersSessionEnd };

export type PeersSessionEnd = 'no hello' | 'silence' | 'its own error' | 'it does not teach';

export interface PeersSessionStep {
  readonly state: PeersSession;
  readonly effects: readonly PeersSessionEffect[];
}

/** HAProxy says its three lines at once. */
const GREETING_PATIENCE = millis(3000);
/** HAProxy says something every 3 s, and gives up after 5 s without a word; so do we. */
const SILENCE_PATIENCE = millis(5000);
const HEARTBEAT_EVERY = millis(2500);
/** How long HAProxy waits for rows, of which none comes. */
const LEARNING_PATIENCE = millis(5000);
/** How long we wait for rows, of which none comes. */
const TEACHING_PATIENCE = millis(10_000);
/** What it had kept for us has been pushed when nothing has come for so long, or is waited for no longer than this. */
const QUIET = millis(50);
const MOST_BACKLOG = millis(1000);
/** A process that has just started may be told everything by its predecessor meanwhile. */
const PARTIAL_PAUSE = millis(1000);

const CONTINUES: readonly PeersSessionEffect[] = [];

export function newPeersSession(now: Instant): PeersSession {
  return { name: 'greeting', until: later(now, GREETING_PATIENCE) };
}

/** Why a hello is none for us; undefined where it is right. HAProxy is never told: after a refusal it would not dial again. */
export function objectionTo(
  hello: PeersHello,
  { own, peer }: { readonly own: string; readonly peer: string },
): string | undefined {
  if (hello.called !== peer) {
    return `HAProxy calls ${hello.called} here; in its peers section the peer on this socket has to be named ${peer}`;
  }
  if (hello.caller !== own) {
    return `HAProxy names itself ${hello.caller}; its localpeer has to be ${own}`;
  }
  return hello.minor === 0 ? 'HAProxy speaks protocol 2.0; 2.1 is needed' : undefined;
}

/** When it wants to be told the time. */
export function peersSessionDeadline(state: PeersSession): Instant | undefined {
  switch (state.name) {
    case 'greeting':
      return state.until;
    case 'open':
      return earliest(
        later(state.saidAt, HEARTBEAT_EVERY),
        state.reading === 'on' ? later(state.heardAt, SILENCE_PATIENCE) : undefined,
        state.learning.name === 'yes' ? state.learning.until : undefined,
        teachingDeadline(state),
      );
    case 'closed':
      return undefined;
    default:
      return unreachable(state);
  }
}

function teachingDeadline({ learning, teaching, reading }: OpenPeersSession): Instant | undefined {
  if (teaching.name === 'wanted') {
    return learning.name === 'no' ? earliest(teaching.quietAt, teaching.atLatest) : undefined;
  }
  return teaching.name === 'running' && reading === 'on' ? teaching.until : undefined;
}

export function stepPeersSession(
  state: PeersSession,
  event: PeersSessionEvent,
  now: Instant,
): PeersSessionStep {
  if (state.name === 'greeting') {
    return stepGreeting(state, event, now);
  }
  return state.name === 'open' ? stepOpen(state, event, now) : { state, effects: CONTINUES };
}

function stepGreeting(
  state: Extract<PeersSession, { name: 'greeting' }>,
  event: PeersSessionEvent,
  now: Instant,
): PeersSessionStep {
  if (event.kind === 'greeted') {
    const open: OpenPeersSession = {
      name: 'open',
      heardAt: now,
      rowsAt: now,
      saidAt: now,
      reading: 'on',
      learning: { name: 'no' },
      // Whatever it holds: neither we nor the other node can know it.
      teaching: wanted('first', now),
    };
    return { state: open, effects: CONTINUES };
  }
  return event.kind === 'alarm' && now >= state.until
    ? closed('no hello')
    : { state, effects: CONTINUES };
}

function stepOpen(
  state: OpenPeersSession,
  event: PeersSessionEvent,
  now: Instant,
): PeersSessionStep {
  switch (event.kind) {
    case 'heard':
      return goOn(heard(state, event.rows, now));
    case 'said':
      return goOn({ ...state, saidAt: now });
    case 'handed':
      return goOn({ ...state, learning: afterHanded(state.learning, now) });
    case 'control':
      return control(state, event.control, now);
    case 'error':
      return closed('its own error');
    case 'taught':
      return taught(state, now);
    case 'teach':
      return goOn({ ...state, teaching: asked(state) });
    case 'paused':
      return goOn({ ...state, reading: 'paused' });
    case 'resumed':
      return goOn(resumed(state, now));
    case 'alarm':
      return alarm(state, now);
    case 'greeted':
      return goOn(state);
    default:
      return unreachable(event);
  }
}

function heard(state: OpenPeersSession, rows: number, now: Instant): OpenPeersSession {
  const { teaching } = state;
  if (rows === 0) {
    return { ...state, heardAt: now };
  }
  return { ...state, heardAt: now, rowsAt: now, teaching: afterRows(teaching, now) };
}

function afterRows(teaching: ProxyTeaching, now: Instant): ProxyTeaching {
  if (teaching.name === 'no') {
    return teaching;
  }
  return teaching.name === 'wanted'
    ? { ...teaching, quietAt: later(now, QUIET) }
    : { ...teaching, until: later(now, TEACHING_PATIENCE) };
}

function afterHanded(learning: ProxyLearning, now: Instant): ProxyLearning {
  return learning.name === 'yes' ? untilSilent(now) : learning;
}

function untilSilent(now: Instant): ProxyLearning {
  return { name: 'yes', until: later(now, LEARNING_PATIENCE) };
}

function asked({ teaching, rowsAt }: OpenPeersSession): ProxyTeaching {
  if (teaching.name === 'running') {
    // What it has told until now may have been told in vain.
    return { ...teaching, then: 'once more' };
  }
  if (teaching.name === 'wanted') {
    return teaching;
  }
  // Where it has been quiet for long enough already, nothing is waited for.
  return wanted('again', rowsAt);
}

function wanted(first: 'first' | 'again', now: Instant, pause: Millis = QUIET): ProxyTeaching {
  const quietAt = later(now, pause);
  return { name: 'wanted', first, quietAt, atLatest: later(quietAt, MOST_BACKLOG) };
}

function control(state: OpenPeersSession, said: PeersControl, now: Instant): PeersSessionStep {
  switch (said) {
    case 'resync-request':
      return {
        state: { ...state, learning: untilSilent(now) },
        effects: [{ kind: 'asked-for-rows' }],
      };
    case 'resync-finished':
      return toldAll(state, 'complete', now);
    case 'resync-partial':
      return toldAll(state, 'partial', now);
    case 'resync-confirm':
    case 'heartbeat':
      return goOn(state);
    default:
      return unreachable(said);
  }
}

function toldAll(
  state: OpenPeersSession,
  how: 'complete' | 'partial',
  now: Instant,
): PeersSessionStep {
  const { teaching } = state;
  if (teaching.name !== 'running') {
    return goOn(state);
  }
  const again = how === 'partial' || teaching.then === 'once more';
  const pause = how === 'partial' ? PARTIAL_PAUSE : QUIET;
  return {
    state: { ...state, teaching: again ? wanted('again', now, pause) : { name: 'no' } },
    effects: [
      { kind: 'send', control: 'resync-confirm' },
      { kind: 'teaching-ended', how },
    ],
  };
}

/** Always finished: a process that is told less does not teach its own successor for some seconds. */
function taught(state: OpenPeersSession, now: Instant): PeersSessionStep {
  if (state.learning.name === 'no') {
    return goOn(state);
  }
  const { teaching } = state;
  return {
    state: {
      ...state,
      learning: { name: 'no' },
      teaching: teaching.name === 'wanted' ? wanted(teaching.first, now) : teaching,
    },
    effects: [{ kind: 'send', control: 'resync-finished' }],
  };
}

function resumed(state: OpenPeersSession, now: Instant): OpenPeersSession {
  const { teaching } = state;
  return {
    ...state,
    reading: 'on',
    heardAt: now,
    teaching:
      teaching.name === 'running'
        ? { ...teaching, until: later(now, TEACHING_PATIENCE) }
        : teaching,
  };
}

function alarm(state: OpenPeersSession, now: Instant): PeersSessionStep {
  const { learning, teaching } = state;
  if (state.reading === 'on' && now >= later(state.heardAt, SILENCE_PATIENCE)) {
    return closed('silence');
  }
  if (learning.name === 'yes' && now >= learning.until) {
    return taught(state, now);
  }
  const teachingDue = teachingDeadline(state);
  if (teachingDue !== undefined && now >= teachingDue) {
    return teaching.name === 'running' ? closed('it does not teach') : askToTeach(state, now);
  }
  return now >= later(state.saidAt, HEARTBEAT_EVERY)
    ? { state, effects: [{ kind: 'send', control: 'heartbeat' }] }
    : goOn(state);
}

function askToTeach(state: OpenPeersSession, now: Instant): PeersSessionStep {
  return {
    state: {
      ...state,
      teaching: { name: 'running', until: later(now, TEACHING_PATIENCE), then: 'rest' },
    },
    effects: [{ kind: 'send', control: 'resync-request' }, { kind: 'teaching-began' }],
  };
}

function closed(why: PeersSessionEnd): PeersSessionStep {
  return { state: { name: 'closed' }, effects: [{ kind: 'close', why }] };
}

function goOn(state: PeersSession): PeersSessionStep {
  return { state, effects: CONTINUES };
}

/** How long connections are turned away after so many sessions in a row ended because of what HAProxy said. */
export function pauseAfterFaults(faults: number): Millis {
  return millis(faults === 0 ? 0 : Math.min(FIRST_PAUSE * 2 ** (faults - 1), LONGEST_PAUSE));
}

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;
