/**
 * Whether the other node's daemon lives, by its heartbeats on the pair channel. Silence proves something only where we
 * were awake to listen: a late alarm of our own widens our patience.
 */
import type { Instant, Millis } from '../base/time.js';
import { between, later, scale } from '../base/time.js';
import type { PairGoodbye } from '../wire/pair/goodbye.js';
import { unreachable } from '../base/unreachable.js';

export type PeerLife =
  /** Not since this daemon started. */
  | { readonly name: 'unheard' }
  | { readonly name: 'fresh'; readonly interval: Millis; readonly lateAt: Instant }
  | { readonly name: 'late'; readonly interval: Millis; readonly goneAt: Instant }
  | { readonly name: 'gone' }
  /** It said so itself. */
  | { readonly name: 'goodbye'; readonly why: Goodbye };

/** Why a daemon leaves: its node's duty ends, or the next daemon takes its place. */
export type Goodbye = PairGoodbye['why'];

export const UNHEARD: PeerLife = { name: 'unheard' };

/** `interval`: how often the peer says that it sends them. */
export function heartbeat(interval: Millis, now: Instant): PeerLife {
  return { name: 'fresh', interval, lateAt: later(now, scale(interval, LATE_AFTER)) };
}

/** Whether it was under way for so long that it says nothing of now. */
export function isOld({
  interval,
  age,
}: {
  readonly interval: Millis;
  readonly age: Millis;
}): boolean {
  return age > scale(interval, LATE_AFTER);
}

/** What silence until now makes of it. */
export function settleLife(life: PeerLife, now: Instant): PeerLife {
  switch (life.name) {
    case 'unheard':
    case 'gone':
    case 'goodbye':
      return life;
    case 'fresh': {
      const { interval, lateAt } = life;
      const patience = scale(interval, GONE_AFTER - LATE_AFTER);
      return now < lateAt ? life : { name: 'late', interval, goneAt: later(now, patience) };
    }
    case 'late':
      return settleLate(life, now);
    default:
      return unreachable(life);
  }
}

/** When {@link settleLife} makes a difference, if nothing is heard before. */
export function lifeDeadline(life: PeerLife): Instant | undefined {
  switch (life.name) {
    case 'unheard':
    case 'gone':
    case 'goodbye':
      return undefined;
    case 'fresh':
      return life.lateAt;
    case 'late':
      return life.goneAt;
    default:
      return unreachable(life);
  }
}

/** An alarm that rings late by a heartbeat found us asleep: what came meanwhile lies in the socket, still unread. */
function settleLate(
  { interval, goneAt }: Extract<PeerLife, { name: 'late' }>,
  now: Instant,
): PeerLife {
  if (now < goneAt) {
    return { name: 'late', interval, goneAt };
  }
  return between(goneAt, now) >= interval
    ? { name: 'late', interval, goneAt: later(now, interval) }
    : { name: 'gone' };
}

/** In heartbeats without one. */
const LATE_AFTER = 2.5;
const GONE_AFTER = 5;
