/** The offset between the two clocks of a machine, so that what tshark stamps can be laid beside what we measure. */
import { ports } from '../lab/rig.js';

/** Wall clock less monotonic clock, in milliseconds, taken at the moment at which the coarse wall clock changes. */
export function wallToMonotonic(): number {
  const before = Date.now();
  for (;;) {
    const wall = Date.now();
    if (wall !== before) {
      return wall - ports.clock.now();
    }
  }
}
