/** How late alarms ring: the daemon's own health, measured where it matters. */
import type { Millis } from '../base/time.js';
import type { LatenessStatus } from '../telemetry/status.js';

/** Keeps the last {@link SAMPLES} alarms; recording is cheap, reading sorts. */
export class Lateness {
  readonly #ring: number[] = [];
  #next = 0;

  record(late: Millis): void {
    this.#ring[this.#next] = late;
    this.#next = (this.#next + 1) % SAMPLES;
  }

  status(): LatenessStatus {
    const sorted = this.#ring.toSorted((a, b) => a - b);
    const at = (share: number): number =>
      round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
    return { samples: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
  }
}

const SAMPLES = 1024;

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
