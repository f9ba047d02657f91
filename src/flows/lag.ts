/** How long changes of flows took from one kernel to the other, over the last minute. */
import type { Instant } from '../base/time.js';
import { between, millis } from '../base/time.js';

export interface LagReport {
  readonly samples: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const KEPT_FOR = millis(60_000);
/** Each is of a batch; where there are more of them in a minute, the last count. */
const MOST_SAMPLES = 8192;

export class Lag {
  #samples: { readonly at: Instant; readonly ms: number }[] = [];

  add(ms: number, now: Instant): void {
    this.#samples.push({ at: now, ms: Math.max(0, ms) });
    if (this.#samples.length > 2 * MOST_SAMPLES) {
      this.#forget(now);
    }
  }

  /** Undefined where there was none. */
  report(now: Instant): LagReport | undefined {
    this.#forget(now);
    // Of numbers alone: otherwise sorting these once a second is a great part of what an idle process takes.
    const sorted = Float64Array.from(this.#samples, ({ ms }) => ms).sort();
    const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
    return sorted.length === 0
      ? undefined
      : { samples: sorted.length, p50Ms: hundredths(at(0.5)), p99Ms: hundredths(at(0.99)) };
  }

  #forget(now: Instant): void {
    this.#samples = this.#samples
      .filter(({ at }) => between(at, now) <= KEPT_FOR)
      .slice(-MOST_SAMPLES);
  }
}

function hundredths(ms: number): number {
  return Math.round(ms * 100) / 100;
}
