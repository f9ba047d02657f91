/** Work of a disk or of a proxy, which may never answer: waited for, but not for long. */
import type { Millis } from '../base/time.js';
import { later } from '../base/time.js';
import type { Clock } from './clock.js';

/** Resolves when the work is done, or after a while; the work goes on then. */
export function inTime(
  clock: Clock,
  within: Millis,
  work: Promise<unknown>,
): Promise<'done' | 'gave up'> {
  return new Promise((resolve) => {
    const alarm = clock.alarm(later(clock.now(), within), () => {
      resolve('gave up');
    });
    void work.then(() => {
      alarm.cancel();
      resolve('done');
    });
  });
}
