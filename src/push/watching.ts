/** How a proxy is watched that has new files. */
import type { Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';

export function pause(clock: Pick<Clock, 'now' | 'alarm'>, by: Millis): Promise<void> {
  return new Promise((resolve) => {
    clock.alarm(later(clock.now(), by), resolve);
  });
}

export const LOOK_EVERY: Millis = millis(500);
/** Two seconds: a proxy that was just reloaded may not answer for a moment. */
export const LOOKS_IN_VAIN = 4;
