/** When something was done to a node: no earlier, and no later. */
import type { Instant } from '../base/time.js';
import type { Clock } from '../ports/clock.js';

/** The act took place between these two instants, on the clock all processes of the machine share. */
export interface Fault {
  readonly earliest: Instant;
  readonly latest: Instant;
}

/** Measures around an act that is over when it returns. */
export function timed(clock: Clock, act: () => void): Fault {
  const earliest = clock.now();
  act();
  return { earliest, latest: clock.now() };
}
