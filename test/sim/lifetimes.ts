/** Things that end at an instant unless they are prolonged: one alarm for each, however often it is prolonged. */
import type { Instant } from '../../src/base/time.js';
import type { MachineClock } from './machine-clock.js';

interface Lifetime {
  until: Instant;
  /** When the earliest alarm rings that will look at it. */
  watchedAt: Instant;
}

export class Lifetimes<Key> {
  readonly #clock: MachineClock;
  readonly #ended: (key: Key) => void;
  readonly #running = new Map<Key, Lifetime>();

  constructor(clock: MachineClock, ended: (key: Key) => void) {
    this.#clock = clock;
    this.#ended = ended;
  }

  /** Undefined where none runs. */
  until(key: Key): Instant | undefined {
    const until = this.#running.get(key)?.until;
    return until !== undefined && this.#clock.now < until ? until : undefined;
  }

  /** Says whether it began with this; otherwise it was prolonged, or cut short. */
  keep(key: Key, until: Instant): 'begun' | 'kept' {
    const running = this.#running.get(key);
    const runs = running !== undefined && this.#clock.now < running.until;
    if (runs && running.watchedAt <= until) {
      running.until = until;
      return 'kept';
    }
    const lifetime = { until, watchedAt: until };
    this.#running.set(key, lifetime);
    this.#watch(key, lifetime);
    return runs ? 'kept' : 'begun';
  }

  /** Says whether there was anything to end. */
  end(key: Key): 'ended' | 'nothing' {
    return this.#running.delete(key) ? 'ended' : 'nothing';
  }

  clear(): void {
    this.#running.clear();
  }

  keys(): readonly Key[] {
    return [...this.#running.keys()].filter((key) => this.until(key) !== undefined);
  }

  #watch(key: Key, lifetime: Lifetime): void {
    this.#clock.at(lifetime.watchedAt, () => {
      if (this.#running.get(key) !== lifetime) {
        return;
      }
      if (this.#clock.now < lifetime.until) {
        lifetime.watchedAt = lifetime.until;
        this.#watch(key, lifetime);
      } else {
        this.#running.delete(key);
        this.#ended(key);
      }
    });
  }
}
