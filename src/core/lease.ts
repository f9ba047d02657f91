/**
 * How long a master may go on answering without renewing: always shorter than its peer's patience.
 *
 * A lease is renewed in the same turn in which an advertisement is sent, so when it ends the peer has waited for at
 * least as long and its master-down interval (three intervals and a skew) still runs.
 */
import type { Instant, Millis, Seconds } from '../base/time.js';
import {
  later,
  longer,
  millis,
  millisToSecondsUp,
  scale,
  seconds,
  shorter,
  sum,
} from '../base/time.js';
import { ADVERTS_MISSED } from './vrrp-timing.js';

/** The lease proper, for adverts sent every `interval`. */
export function leaseFor(interval: Millis): Millis {
  return millis(ADVERTS_MISSED * interval - LEASE_MARGIN - interval * LEASE_MARGIN_SHARE);
}

/**
 * The lifetime of the address itself, the backstop of a lease: a second longer than the lease it backs, and never so
 * short that the kernel's coarse clock (it removes up to a second late) disturbs an owner that is well.
 */
export function backstopFor(lease: Millis): Seconds {
  const whole = millisToSecondsUp(sum(lease, millis(1000)));
  return whole > SHORTEST_BACKSTOP ? whole : SHORTEST_BACKSTOP;
}

/**
 * The interval announced by a daemon that hands over to its successor: backups learn a master's interval from its
 * adverts (RFC 9568 §6.4.2), so a longer one asks every VRRP speaker, ours or not, to be patient for three of it.
 */
export function handOverInterval(version: 2 | 3, interval: Millis): Millis {
  // Version 2 has no such thing: its speakers drop adverts of another interval than theirs (RFC 3768 §7.1).
  return version === 2 ? interval : longer(interval, HAND_OVER_INTERVAL);
}

/** How long a master that resigned waits for its successor: any backup's skew ends within one interval. */
export function resignGrace(interval: Millis): Millis {
  return shorter(sum(interval, resignSlack(interval)), LONGEST_RESIGN);
}

/**
 * How long its kernel answers meanwhile, counted from `left` before the end of that wait: a little longer, so that a
 * resignation to nobody is undone without a hole. Together never longer than a peer's patience that heard nothing.
 */
export function resignLease(left: Millis, interval: Millis): Millis {
  return sum(left, resignSlack(interval));
}

function resignSlack(interval: Millis): Millis {
  return shorter(interval, RESIGN_SLACK);
}

/** A lease that began `lasting` ago or less has not ended at `now`. */
export function leaseRuns(until: Instant, now: Instant): boolean {
  return now < until;
}

/** When a lease renewed now ends. */
export function leaseUntil(now: Instant, interval: Millis): Instant {
  return later(now, leaseFor(interval));
}

/** The kernel ends a lease up to 5 ms off, on a clock of 4 ms (measured: reference kernel 6.18, HZ 250). */
const LEASE_MARGIN = 5;
/** For a peer whose clock runs fast, and for what an advert spends in queues: a twentieth of an interval. */
const LEASE_MARGIN_SHARE = 0.05;
const SHORTEST_BACKSTOP = seconds(3);
/** Gives a restarting daemon almost three seconds; it needs about 300 ms. */
const HAND_OVER_INTERVAL = millis(1000);
const RESIGN_SLACK = millis(50);
const LONGEST_RESIGN = scale(millis(1000), 3);
