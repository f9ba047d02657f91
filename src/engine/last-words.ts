/** Gives the last messages time to leave: a socket sends in a later turn of the event loop. */
import { later, millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';

export function lastWordsLeave(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.alarm(later(clock.now(), LAST_WORDS), resolve);
  });
}

const LAST_WORDS = millis(20);
