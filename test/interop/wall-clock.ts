/** The offset between the two clocks of a machine, so that what tshark stamps can be laid beside what we measure. */
import { ports } from '../lab/rig.js';

/** Wall clock less monotonic clock, in milliseconds. */
export function wallToMonotonic(): number {
  // A process that had to wait between its two looks has seen too little of a difference, never too much.
  return Math.max(...Array.from({ length: LOOKS }, lookOnce));
}

/** Taken at the moment at which the coarse wall clock changes. */
function lookOnce(): number {
  const before = Date.now();
  for (;;) {
    const wall = Date.now();
    if (wall !== before) {
      return wall - ports.clock.now();
    }
  }
}

const LOOKS = 3;
