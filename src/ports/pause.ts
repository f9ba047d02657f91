/** Waiting on the injected clock. */
import type { Millis } from '../base/time.js';
import { later } from '../base/time.js';
import type { Clock } from './clock.js';

export function pause(clock: Pick<Clock, 'now' | 'alarm'>, lasting: Millis): Promise<void> {
  return new Promise((resolve) => {
    clock.alarm(later(clock.now(), lasting), resolve);
  });
}

/** So long, or until somebody has enough. */
export function pauseOrAbort(
  { clock, signal }: { readonly clock: Pick<Clock, 'now' | 'alarm'>; readonly signal: AbortSignal },
  lasting: Millis,
): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      signal.removeEventListener('abort', go);
      alarm.cancel();
      resolve();
    };
    const alarm = clock.alarm(later(clock.now(), lasting), go);
    signal.addEventListener('abort', go);
  });
}

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
