/** The offset between the two clocks of a machine, so that what tshark stamps can be laid beside what we measure. */
import { ports } from '../lab/rig.js';

/**
 * Wall clock less monotonic clock, in milliseconds, to a millisecond. A process that had to wait between its two looks sees
 * too little of a difference, never too much.
 */
export function wallToMonotonic(): number {
  return Math.max(...Array.from({ length: LOOKS }, () => Date.now() - ports.clock.now()));
}

const LOOKS = 100;
