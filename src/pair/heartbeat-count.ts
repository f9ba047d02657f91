/**
 * How old a heartbeat can be: it names the last of ours that its sender had heard, so it was written after we said that.
 * Bytes of a daemon that has died since may arrive long after it: its kernel sends them again and again.
 */
import type { Instant, Millis } from '../base/time.js';
import { between, millis } from '../base/time.js';

/** What a heartbeat is numbered with. */
export interface HeartbeatNumbers {
  readonly sequence: number;
  readonly echo: number;
}

/** Of one connection. */
export class HeartbeatCount {
  #sequence = 0;
  #heard = 0;
  /** When ours were said, by number. */
  readonly #saidAt = new Map<number, Instant>();

  /** The numbers of a heartbeat that is said now. */
  next(now: Instant): HeartbeatNumbers {
    this.#sequence += 1;
    this.#saidAt.set(this.#sequence, now);
    this.#saidAt.delete(this.#sequence - MOST_REMEMBERED);
    return { sequence: this.#sequence, echo: this.#heard };
  }

  /**
   * The longest that it can have been under way; 0 where nothing is known of that. Whatever answers to one that we have
   * forgotten is as old as the oldest that we have not.
   */
  heard({ sequence, echo }: HeartbeatNumbers, now: Instant): Millis {
    this.#heard = Math.max(this.#heard, sequence);
    if (echo === 0) {
      return millis(0);
    }
    const saidAt = this.#saidAt.get(echo) ?? this.#saidAt.values().next().value;
    return saidAt === undefined ? millis(0) : between(saidAt, now);
  }
}

/** At 10 ms, more than a second. */
const MOST_REMEMBERED = 128;
