/**
 * What vipair promises, computed anew from the standard and not with the daemon's own functions: a judge that asked
 * the accused would find every mistake in order.
 */
import type { Millis } from '../../src/base/time.js';
import { unreachable } from '../../src/base/unreachable.js';
import { longer, millis, scale, sum } from '../../src/base/time.js';
import type { Settings } from './settings.js';
import { SLOWEST_CLOCK } from './settings.js';

export interface Bounds {
  /** The longest two nodes may answer while both daemons run and can hear each other. */
  readonly dual: Millis;
  /** The longest, where a daemon is dead or frozen: the kernel ends it. */
  readonly lease: Millis;
  /** The longest two nodes may answer while only the pair channel is whole: it may have to be dialled first. */
  readonly channel: Millis;
  /** The longest none may answer while both are unfit, and the channel tells each of the other. */
  readonly unwanted: Millis;
  /** The longest none may answer while one is fit. */
  readonly none: Millis;
}

export function boundsFor(
  interval: Millis,
  channel: Settings['channel'],
  outlivesLease: 'maybe' | 'never' = 'never',
): Bounds {
  return {
    // A rival's next advert ends a contest.
    dual: sum(interval, TRAVEL),
    lease: sum(
      scale(interval, ADVERTS_MISSED + (outlivesLease === 'maybe' ? AFTER_LEASE : 0)),
      TRAVEL,
    ),
    channel: sum(scale(interval, ADVERTS_MISSED + 2), DIALLING),
    none: noneBound(interval, channel),
    unwanted: sum(noneBound(interval, channel), scale(interval, 2), DIALLING),
  };
}

/** While a hand-over may be on its way: a peer that hears the word waits for three of its longer intervals. */
export function handOverBounds(
  interval: Millis,
  channel: Settings['channel'],
  handOvers = 1,
): Bounds {
  const announced = handOverInterval(interval);
  // Where the word is lost, or a contest was going on, the peer is master while the stretched lease still runs; a
  // daemon that adopts it meanwhile is corrected by the peer's next advert.
  const stretched = scale(sum(scale(announced, ADVERTS_MISSED), interval, TRAVEL), handOvers);
  return {
    dual: stretched,
    lease: stretched,
    channel: sum(stretched, scale(interval, ADVERTS_MISSED + 2), DIALLING),
    none: noneBound(announced, channel),
    unwanted: sum(noneBound(announced, channel), scale(interval, 2), DIALLING),
  };
}

/** A node that may have been left behind by a change of both listens twice before it claims anything. */
export function patientFor(faults: readonly string[], bounds: Bounds): Bounds {
  const { none, unwanted } = bounds;
  return faults.some((each) => each.startsWith('change-'))
    ? { ...bounds, none: scale(none, 2), unwanted: scale(unwanted, 2) }
    : bounds;
}

function noneBound(interval: Millis, channel: Settings['channel']): Millis {
  const ordinary = sum(scale(patience(interval), 1 / SLOWEST_CLOCK), SLACK);
  switch (channel) {
    case 'none':
      return ordinary;
    case 'open':
    case 'peer of version 2':
    case 'peer of version 3':
      // The next heartbeat is waited for, where the last is still fresh when VRRP's timer rings.
      return sum(ordinary, scale(interval, 0.5));
    case 'peer of version 1':
      // Its heartbeats have no numbers: one that was long under way is taken for a new one, and waited on.
      return scale(ordinary, 3);
    default:
      return unreachable(channel);
  }
}

/** How long a connection on which nothing arrives may still be taken for one. */
export function silence(interval: Millis): Millis {
  return scale(longer(millis(2000), scale(interval, SILENT_HEARTBEATS)), 1 / SLOWEST_CLOCK);
}

/** How soon both nodes have all that operators have stated, from when both run and can reach each other. */
export function agreement(interval: Millis): Millis {
  return sum(DIALLING, interval);
}

/** How long a daemon that has just been started may wait to be told what operators have ordered, and moves nothing by itself. */
export function ordersAwaited(channel: Settings['channel']): Millis {
  return millis(channel === 'none' ? 0 : 3000);
}

/** The oldest that a switchover may be which somebody asked for: that one has given up by then. */
export const ASKED_WITHIN: Millis = millis(5000 / SLOWEST_CLOCK);

/** How long a peer may be patient that heard of a hand-over, from the moment it hears of it. */
export function handOverLasts(interval: Millis): Millis {
  return sum(patience(handOverInterval(interval)), interval);
}

/** Active_Down_Interval of the node of lower priority (RFC 9568 §6.1). */
export function patience(interval: Millis): Millis {
  return scale(interval, ADVERTS_MISSED + (256 - LOWER_PRIORITY) / 256);
}

function handOverInterval(interval: Millis): Millis {
  return longer(interval, millis(1000));
}

const ADVERTS_MISSED = 3;
const SILENT_HEARTBEATS = 10;
/** In intervals: the next advert of the other, once before the lease begins and once after. */
const AFTER_LEASE = 2;
const LOWER_PRIORITY = 253;
/** A dialler's longest pause, a hello, and the next heartbeat. */
const DIALLING = millis(2500);
/** An advert on its way, and the turn in which it is obeyed. */
const TRAVEL = millis(30);
/** Scheduling, delivery and a second look at a late alarm. */
const SLACK = millis(60);
