/** By how much another clock is ahead. */
import { expect, it } from 'vitest';
import { instant } from '../../../src/base/time.js';
import type { RoundTrips } from '../../../src/core/clock-difference.js';
import { addRoundTrip, clockAhead } from '../../../src/core/clock-difference.js';

/** The other clock is ahead by 5000; the ways there and back take so long. */
const trip = (at: number, { there, back }: { there: number; back: number }, heldFor = 3) => ({
  sentAt: instant(at),
  theirs: at + there + heldFor + 5000,
  heldFor,
  receivedAt: instant(at + there + heldFor + back),
});

it('is not known before a round trip', () => {
  expect(clockAhead([], instant(0))).toBeUndefined();
});

it('is what the shortest round trip says, whichever way the others were slow', () => {
  let trips: RoundTrips = [];
  trips = addRoundTrip(trips, trip(1000, { there: 80, back: 2 }));
  expect(clockAhead(trips, instant(3000))).toBe(5039);
  trips = addRoundTrip(trips, trip(2000, { there: 1, back: 1 }));
  trips = addRoundTrip(trips, trip(3000, { there: 1, back: 90 }));
  expect(clockAhead(trips, instant(3000))).toBe(5000);
});

it('is what a newer one says where the clocks may have gone apart since', () => {
  let trips = addRoundTrip([], trip(1000, { there: 0, back: 0 }));
  trips = addRoundTrip(trips, { ...trip(2000, { there: 2, back: 2 }), theirs: 7004 });
  expect(clockAhead(trips, instant(2007))).toBe(5000);
  trips = addRoundTrip(trips, { ...trip(60_000, { there: 2, back: 2 }), theirs: 65_004 });
  expect(clockAhead(trips, instant(61_000))).toBe(4999);
});

it('forgets what is old, and what cannot have been', () => {
  let trips = addRoundTrip([], trip(1000, { there: 0, back: 0 }));
  for (let round = 0; round < 16; round += 1) {
    trips = addRoundTrip(trips, trip(2000, { there: 3, back: 1 }));
  }
  expect(trips).toHaveLength(16);
  expect(clockAhead(trips, instant(3000))).toBe(5001);
  expect(addRoundTrip(trips, { ...trip(1, { there: 1, back: 1 }), heldFor: 99 })).toBe(trips);
});
