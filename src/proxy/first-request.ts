/**
 * The first request that the proxy answers from a moment on: its counters are looked at over and over, for a while. They
 * count whoever comes to any of its frontends, on whatever address.
 */
import type { Result } from '../base/result.js';
import { later, millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { NextRequest, ServedRequests } from '../ports/served-requests.js';
import { readServed, SHOW_FRONTENDS } from './show-stat.js';

/** One command to the proxy; undefined where there is none that can be asked. */
export type ProxyAsk = (command: string) => Promise<Result<string, unknown>> | undefined;

export class FirstRequest implements ServedRequests {
  readonly #clock: Clock;
  #ask: ProxyAsk = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on it is asked like this. */
  askBy(ask: ProxyAsk): void {
    this.#ask = ask;
  }

  async next(gone: AbortSignal): Promise<NextRequest | undefined> {
    const until = later(this.#clock.now(), WATCHED_FOR);
    const before = await this.#look();
    const isWanted = (): boolean => !gone.aborted;
    while (before !== undefined && isWanted()) {
      if (this.#clock.now() >= until) {
        return { kind: 'none', within: WATCHED_FOR };
      }
      await this.#pause();
      const served = await this.#look();
      // One that has counted less is another process.
      if (served === undefined || served < before) {
        return undefined;
      }
      if (served > before) {
        return isWanted() ? { kind: 'served', at: this.#clock.now() } : undefined;
      }
    }
    return undefined;
  }

  async #look(): Promise<number | undefined> {
    const answer = await this.#ask(SHOW_FRONTENDS);
    const served = answer?.ok === true ? readServed(answer.value) : undefined;
    return served?.ok === true ? served.value : undefined;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.alarm(later(this.#clock.now(), LOOK_EVERY), resolve);
    });
  }
}

const LOOK_EVERY = millis(50);
/** Nobody wants to know how soon a request came that nobody sent for so long. */
const WATCHED_FOR = millis(10_000);
