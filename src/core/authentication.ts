/**
 * Signing adverts and telling whose signature is good: which keys, how fresh, and that none is heard twice. The mark of
 * what was heard moves only after a signature was found right, so nobody without a key can move it.
 */
import type { Ip } from '../base/ip.js';
import type { Instant, Millis, WallTime } from '../base/time.js';
import { millis, wallTime } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import type { Signed, Trailer } from '../wire/trailer.js';
import { encodeTrailer, isSignedWith, readTrailer } from '../wire/trailer.js';
import type { Rejection } from './receive-checks.js';

export interface AuthenticationParams {
  /** `receive-only` checks what is signed; `permissive` signs too; `enforce` hears nothing unsigned. */
  readonly mode: 'receive-only' | 'permissive' | 'enforce';
  /** All are accepted, so that the one that signs can be changed without a gap. */
  readonly keys: readonly Key[];
  readonly signWith: number;
  /** How far a sender's clock may be from ours. */
  readonly window: Millis;
  /** Whether a sender whose clock was set back begins anew, or goes on counting until the clock has caught up. */
  readonly replay: 'time' | 'monotonic';
}

export interface Key {
  /** 1–255. */
  readonly id: number;
  readonly secret: Uint8Array;
}

export interface AuthenticationState {
  /** Of the last advert signed; undefined before the first. */
  readonly sent: bigint | undefined;
  /** By how much the wall clock was ahead of the monotonic one then, in milliseconds. */
  readonly ahead: number | undefined;
  /** Counts that a wall clock which was set made us leave, for as long as the peer may hold us to them; the oldest first. */
  readonly left: readonly Left[];
  /** The last sequence heard of each sender, the longest unheard first. */
  readonly marks: readonly Mark[];
}

/** Both clocks, read together. */
export interface Moment {
  readonly wall: WallTime;
  readonly now: Instant;
}

interface Left {
  /** The last one. */
  readonly sequence: bigint;
  /** When another was begun. */
  readonly at: Instant;
}

interface Mark {
  readonly source: Ip;
  readonly sequence: bigint;
}

export type AuthenticationRejection = Extract<Rejection, `trailer-${string}`>;

export const NOTHING_SIGNED: AuthenticationState = {
  sent: undefined,
  ahead: undefined,
  left: [],
  marks: [],
};

/** The message, with a trailer where the mode signs. */
export function sign(
  params: AuthenticationParams,
  state: AuthenticationState,
  signed: Signed,
  moment: Moment,
): { readonly state: AuthenticationState; readonly bytes: Uint8Array } {
  if (params.mode === 'receive-only') {
    return { state, bytes: signed.message };
  }
  const key = params.keys.find(({ id }) => id === params.signWith);
  invariant(key !== undefined, 'the key that signs is one of the keys');
  const sequence = nextSequence(params, state, moment);
  const trailer = encodeTrailer({ keyId: key.id, sequence }, signed, key.secret);
  const bytes = new Uint8Array(signed.message.length + trailer.length);
  bytes.set(signed.message);
  bytes.set(trailer, signed.message.length);
  const left = leftAfter(params, state, sequence, moment);
  return { state: { ...state, sent: sequence, ahead: moment.wall - moment.now, left }, bytes };
}

/** Whether an advert may be heard. A refusal changes nothing. */
export function authenticate(
  params: AuthenticationParams,
  state: AuthenticationState,
  { signed, trailer }: { readonly signed: Signed; readonly trailer: Uint8Array | undefined },
  now: WallTime,
): {
  readonly state: AuthenticationState;
  readonly rejected: AuthenticationRejection | undefined;
} {
  const refuse = (
    rejected: AuthenticationRejection | undefined,
  ): ReturnType<typeof authenticate> => ({ state, rejected });
  if (trailer === undefined) {
    return refuse(params.mode === 'enforce' ? 'trailer-missing' : undefined);
  }
  const read = readTrailer(trailer);
  if (!read.ok) {
    return refuse(read.error.code);
  }
  const { keyId, sequence } = read.value;
  // Freshness before the key: what is old costs no HMAC.
  if (!isFresh(params, read.value, now)) {
    return refuse('trailer-stale');
  }
  const key = params.keys.find(({ id }) => id === keyId);
  if (key === undefined) {
    return refuse('trailer-key');
  }
  if (!isSignedWith(trailer, signed, key.secret)) {
    return refuse('trailer-forged');
  }
  const { source } = signed;
  const mark = state.marks.find((each) => each.source === source);
  const counts = mark !== undefined && isFresh(params, mark, now);
  if (counts && !isLater(sequence, mark.sequence)) {
    return refuse('trailer-replayed');
  }
  const others = state.marks.filter((each) => each.source !== source);
  const marks = [...others, { source, sequence }].slice(-MOST_SENDERS);
  return { state: { ...state, marks }, rejected: undefined };
}

/**
 * How the daemon that follows another of the same boot begins: no signature of it is earlier than one of its
 * predecessor's, which the peer would take for a replay, wherever the wall clock was set meanwhile.
 */
export function goOnSigning(kept: Millis | undefined, now: Instant): AuthenticationState {
  return kept === undefined
    ? NOTHING_SIGNED
    : { ...NOTHING_SIGNED, sent: sequenceAt(wallTime(now + kept)) };
}

/**
 * By how much the times of signatures may be ahead of the monotonic clock from now on, to be kept for the next daemon
 * before what was signed leaves; undefined where what is kept holds.
 */
export function signingAhead(
  { replay, window }: Pick<AuthenticationParams, 'replay' | 'window'>,
  kept: Millis | undefined,
  { left }: AuthenticationState,
  { wall, now }: Moment,
): Millis | undefined {
  const ahead = wall - now;
  const overtaken = kept === undefined || ahead > kept;
  // What was signed so far ahead is stale to the peer by now, and the clock counts anew, as in `nextSequence`.
  const farBehind =
    kept !== undefined &&
    replay === 'time' &&
    left.length === 0 &&
    kept - ahead > window + HEADROOM;
  return overtaken || farBehind ? millis(ahead + HEADROOM) : undefined;
}

/**
 * The larger of the clock and the last one plus one; a clock that was set back far begins anew where that is allowed.
 * Where the clock was just set, the counts that were left before are looked at, too: what is earlier than one of them the
 * peer might take for a replay.
 */
function nextSequence(
  params: AuthenticationParams,
  state: AuthenticationState,
  moment: Moment,
): bigint {
  const { sent } = state;
  const { wall } = moment;
  const clock = sequenceAt(wall);
  const others = wasSet(state, moment) ? heldTo(params, state, moment) : [];
  const counts = [...(sent === undefined ? [] : [sent]), ...others.map(({ sequence }) => sequence)];
  return counts
    .filter((each) => params.replay === 'monotonic' || !isFarBehind(params, wall, each))
    .map((each) => each + 1n)
    .reduce((most, each) => (isLater(each, most) ? each : most), clock);
}

/** With the last count, where the clock was set and it is not gone on with. */
function leftAfter(
  params: AuthenticationParams,
  state: AuthenticationState,
  sequence: bigint,
  moment: Moment,
): readonly Left[] {
  const { sent } = state;
  const held = heldTo(params, state, moment);
  return sent !== undefined && sequence !== sent + 1n && wasSet(state, moment)
    ? [...held, { sequence: sent, at: moment.now }].slice(-MOST_LEFT)
    : held;
}

/** A peer whose clock is a window behind remembers for two of them what it has heard. */
function heldTo(
  { window }: AuthenticationParams,
  { left }: AuthenticationState,
  { now }: Moment,
): readonly Left[] {
  return left.filter(({ at }) => now - at <= 2 * window);
}

/** Since the last advert was signed, or perhaps before the first. */
function wasSet({ ahead }: AuthenticationState, { wall, now }: Moment): boolean {
  return ahead === undefined || Math.abs(wall - now - ahead) > HEADROOM;
}

function isFarBehind({ window }: AuthenticationParams, wall: WallTime, sequence: bigint): boolean {
  const behind = secondsOf(sequence) - Math.floor(wall / MILLIS_PER_SECOND);
  return behind * MILLIS_PER_SECOND > window;
}

/** UTC seconds, their fraction in 1/65536, and a counter at zero. */
function sequenceAt(now: WallTime): bigint {
  const seconds = Math.floor(now / MILLIS_PER_SECOND);
  const fraction = Math.floor(((now % MILLIS_PER_SECOND) / MILLIS_PER_SECOND) * 65_536);
  return (BigInt(seconds) << 32n) | (BigInt(fraction) << 16n);
}

/** A mark outside the window is worth nothing: what it could be compared with is stale by itself. */
function isFresh(
  { window }: AuthenticationParams,
  { sequence }: Pick<Trailer, 'sequence'>,
  now: WallTime,
): boolean {
  const apart = Math.abs(secondsOf(sequence) - Math.floor(now / MILLIS_PER_SECOND));
  return apart * MILLIS_PER_SECOND <= window;
}

function secondsOf(sequence: bigint): number {
  return Number(sequence >> 32n);
}

/** Serial numbers wrap around (RFC 1982 §3.2). */
function isLater(a: bigint, b: bigint): boolean {
  const distance = BigInt.asUintN(64, a - b);
  return distance !== 0n && distance < 1n << 63n;
}

/** Less is slewing: it need not be written down with every advert, and is no setting of the clock. */
const HEADROOM = millis(100);
const MILLIS_PER_SECOND = 1000;
/** A clock that is set more often within two windows is nobody's clock. */
const MOST_LEFT = 8;
/** A pair has one peer, and a migration a few more; whoever has no key takes no slot. */
const MOST_SENDERS = 8;
