/** When a machine was refused something last: a daemon that was rests for a while. */
import type { Instant, Millis } from '../../src/base/time.js';
import { between, millis } from '../../src/base/time.js';
import type { Scheduler } from './scheduler.js';

export class Refusals {
  readonly #scheduler: Scheduler;
  #last: Instant | undefined;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  note(): void {
    this.#last = this.#scheduler.now;
    this.#scheduler.changed();
    this.#scheduler.after(REST_TAKES, () => {
      this.#scheduler.changed();
    });
  }

  get recent(): boolean {
    return this.#last !== undefined && between(this.#last, this.#scheduler.now) < REST_TAKES;
  }
}

/** A second, and what it takes to listen again. */
const REST_TAKES: Millis = millis(1050);
