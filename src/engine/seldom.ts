/** Says a thing at most once a period for each cause, so that a flood of packets is not a flood of lines. */
import type { Instant, Millis } from '../base/time.js';
import { between } from '../base/time.js';

export class Seldom<Cause> {
  readonly #period: Millis;
  readonly #said = new Map<Cause, Instant>();

  /** Causes must come from a bounded set: each is remembered. */
  constructor(period: Millis) {
    this.#period = period;
  }

  say(cause: Cause, now: Instant, speak: () => void): void {
    const last = this.#said.get(cause);
    if (last === undefined || between(last, now) >= this.#period) {
      this.#said.set(cause, now);
      speak();
    }
  }
}
