/** What one side has heard of a flow: how much, how much of it was wrong, and for how long there was nothing. */
import type { Instant } from '../../base/time.js';
import type { Heard } from './message.js';
import { NOTHING_HEARD } from './message.js';

export class Hearing {
  #messages = 0;
  #corruptBytes = 0;
  #longestGapMs = 0;
  #lastAt: Instant | undefined;

  heard(at: Instant, corruptBytes: number): void {
    this.#messages += 1;
    this.#corruptBytes += corruptBytes;
    this.#longestGapMs = Math.max(this.#longestGapMs, at - (this.#lastAt ?? at));
    this.#lastAt = at;
  }

  /** The silence that still lasts is a gap too. */
  soFar(now: Instant): Heard {
    if (this.#lastAt === undefined) {
      return NOTHING_HEARD;
    }
    const silentMs = now - this.#lastAt;
    return {
      messages: this.#messages,
      corruptBytes: this.#corruptBytes,
      longestGapMs: Math.max(this.#longestGapMs, silentMs),
      silentMs,
    };
  }
}
