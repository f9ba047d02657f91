/**
 * By how much another machine's clock is ahead of ours, from round trips: of the last ones a short one tells best, because
 * what it took to and fro is what can be wrong with it; but an old one is wrong by as much as the clocks have gone apart since.
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
  readonly at: Instant;
}

const MOST_KEPT = 16;
/** By how much two clocks go apart in each millisecond, where they are bad ones. */
const DRIFT = 1e-4;

/** One that cannot have been is left out. */
export function addRoundTrip(trips: RoundTrips, trip: RoundTrip): RoundTrips {
  const took = trip.receivedAt - trip.sentAt - trip.heldFor;
  if (took < 0) {
    return trips;
  }
  const ahead = trip.theirs - (trip.receivedAt - took / 2);
  return [...trips, { took, ahead, at: trip.receivedAt }].slice(-MOST_KEPT);
}

/** Undefined before the first round trip. It may be wrong by half of the time that one took. */
export function clockAhead(trips: RoundTrips, now: Instant): number | undefined {
  const doubt = ({ took, at }: Measured): number => took / 2 + (now - at) * DRIFT;
  let best = trips[0];
  for (const trip of trips) {
    best = best === undefined || doubt(trip) < doubt(best) ? trip : best;
  }
  return best?.ahead;
}
