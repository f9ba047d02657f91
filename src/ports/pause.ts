/** Waiting on the injected clock. */
import type { Millis } from '../base/time.js';
import { later } from '../base/time.js';
import type { Clock } from './clock.js';

export function pause(clock: Pick<Clock, 'now' | 'alarm'>, lasting: Millis): Promise<void> {
  return new Promise((resolve) => {
    clock.alarm(later(clock.now(), lasting), resolve);
  });
}
