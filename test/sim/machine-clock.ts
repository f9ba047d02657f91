/** The clock of one machine: every process and the kernel share it, and it may run a little fast or slow. */
import type { Instant, Millis, WallTime } from '../../src/base/time.js';
import { instant, later, millis, wallTime } from '../../src/base/time.js';
import type { Scheduler } from './scheduler.js';

export class MachineClock {
  readonly #scheduler: Scheduler;
  /** Its milliseconds in one of the world's. */
  readonly #rate: number;

  constructor(scheduler: Scheduler, rate = 1) {
    this.#scheduler = scheduler;
    this.#rate = rate;
  }

  /** By how much its wall clock is wrong. */
  wallOffset: Millis = millis(0);

  /** In whole milliseconds, as a system tells it. Both nodes ask the same time servers, however fast their own clocks run. */
  get wallTime(): WallTime {
    return wallTime(Math.floor(this.#scheduler.now + this.wallOffset));
  }

  get now(): Instant {
    return this.#rate === 1 ? this.#scheduler.now : instant(this.#scheduler.now * this.#rate);
  }

  /** As the scheduler does, but by this clock. */
  at(when: Instant, happen: () => void): () => void {
    const then = this.#rate === 1 ? when : later(instant(when / this.#rate), NEVER_EARLY);
    return this.#scheduler.at(then, happen);
  }

  after(delay: Millis, happen: () => void): () => void {
    return this.at(later(this.now, delay), happen);
  }
}

/** A nanosecond: what rounding could make an alarm ring before its time. */
const NEVER_EARLY = millis(1e-6);
