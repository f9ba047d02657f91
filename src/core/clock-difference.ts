/**
 * By how much another machine's clock is ahead of ours, from round trips: the shortest of the last ones tells best, because
 * what it took to and fro is what can be wrong with it.
 */
import type { Instant } from '../base/time.js';

export interface RoundTrip {
  /** When we said what our clock reads. */
  readonly sentAt: Instant;
  /** What the other clock read when it answered, and for how long it had waited with that. */
  readonly theirs: number;
  readonly heldFor: number;
  readonly receivedAt: Instant;
}

/** The last ones, newest last. */
export type RoundTrips = readonly Measured[];

interface Measured {
  readonly took: number;
  readonly ahead: number;
}

/** Seconds of them: clocks drift, and the way may have become another one. */
const MOST_KEPT = 16;

/** One that cannot have been is left out. */
export function addRoundTrip(trips: RoundTrips, trip: RoundTrip): RoundTrips {
  const took = trip.receivedAt - trip.sentAt - trip.heldFor;
  if (took < 0) {
    return trips;
  }
  const ahead = trip.theirs - (trip.receivedAt - took / 2);
  return [...trips, { took, ahead }].slice(-MOST_KEPT);
}

/** Undefined before the first round trip. It may be wrong by half of the time that one took. */
export function clockAhead(trips: RoundTrips): number | undefined {
  let best = trips[0];
  for (const trip of trips) {
    best = best === undefined || trip.took < best.took ? trip : best;
  }
  return best?.ahead;
}
