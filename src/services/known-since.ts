/** How long each statement of an operator has been known here, by the clock that nobody sets. */
import type { Instant, Millis } from '../base/time.js';
import { between } from '../base/time.js';
import type { Register } from '../core/registers.js';

export class KnownSince {
  readonly #now: () => Instant;
  readonly #heard = new Map<string, { readonly statement: string; readonly since: Instant }>();

  constructor(now: () => Instant) {
    this.#now = now;
  }

  /** Since it was asked of that statement for the first time; of each key only the last one is remembered. */
  knownFor(key: string, register: Register | undefined): Millis {
    const now = this.#now();
    const statement = JSON.stringify(register?.stamp ?? 'none');
    const heard = this.#heard.get(key);
    const since = heard?.statement === statement ? heard.since : now;
    this.#heard.set(key, { statement, since });
    return between(since, now);
  }
}
