/** Waiting on the injected clock, with an end. */
import type { Millis } from '../base/time.js';
import { later } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import { pause } from '../ports/pause.js';

export { pause };

export interface Patience {
  readonly within: Millis;
  readonly every: Millis;
}

/** Asks again and again; false when the answer stayed no. It asks at least once. */
export async function eventually(
  clock: Clock,
  { within, every }: Patience,
  holds: () => boolean | Promise<boolean>,
): Promise<boolean> {
  const giveUpAt = later(clock.now(), within);
  while (!(await holds())) {
    if (clock.now() >= giveUpAt) {
      return false;
    }
    await pause(clock, every);
  }
  return true;
}
