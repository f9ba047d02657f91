/** What a probing has seen so far, while it goes on: exact, although probes end in another order than they began. */
import type { Instant, Millis } from '../base/time.js';
import { between, longer, millis } from '../base/time.js';
import type { ProbeSample } from './sample.js';

export interface ProbeProgress {
  /** Those of which is known how they ended. */
  readonly launched: number;
  readonly failed: number;
  readonly longestGap: Millis;
  /** From the first failed probe in a row until now; 0 when the latest one was answered. */
  readonly gap: Millis;
  /** Since the last answer arrived: it grows at once, where a gap is only known after the first probe's deadline. */
  readonly silence: Millis;
}

export class LiveFigures {
  /** Ended, while an earlier one has not: at most as many as may be outstanding. */
  readonly #ahead = new Map<number, ProbeSample>();
  #next = 0;
  #launched = 0;
  #failed = 0;
  #longestGap = millis(0);
  #gapFrom: Instant | undefined;
  #answeredAt: Instant;

  constructor(startedAt: Instant) {
    this.#answeredAt = startedAt;
  }

  /** In whatever order probes end; each once. */
  readonly take = (probe: number, sample: ProbeSample): void => {
    if (sample.outcome === 'answered' && sample.endedAt > this.#answeredAt) {
      this.#answeredAt = sample.endedAt;
    }
    this.#ahead.set(probe, sample);
    for (;;) {
      const next = this.#ahead.get(this.#next);
      if (next === undefined) {
        return;
      }
      this.#ahead.delete(this.#next);
      this.#next += 1;
      this.#count(next);
    }
  };

  at(now: Instant): ProbeProgress {
    const gap = this.#gapFrom === undefined ? millis(0) : between(this.#gapFrom, now);
    return {
      launched: this.#launched,
      failed: this.#failed,
      longestGap: longer(this.#longestGap, gap),
      gap,
      silence: between(this.#answeredAt, now),
    };
  }

  #count({ outcome, launchedAt }: ProbeSample): void {
    if (outcome === 'unlaunched') {
      return;
    }
    this.#launched += 1;
    if (outcome !== 'answered') {
      this.#failed += 1;
      this.#gapFrom ??= launchedAt;
    } else if (this.#gapFrom !== undefined) {
      this.#longestGap = longer(this.#longestGap, between(this.#gapFrom, launchedAt));
      this.#gapFrom = undefined;
    }
  }
}
