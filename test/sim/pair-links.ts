/** The ways between the two daemons: one link for the preferred addresses, one for the second ones, each failing by itself. */
import type { Ip } from '../../src/base/ip.js';
import type { Instant, Millis } from '../../src/base/time.js';
import { later } from '../../src/base/time.js';
import type { PairTransport } from '../../src/ports/pair-transport.js';
import { SimPairWire } from './pair-wire.js';
import type { SimProcess } from './process.js';
import type { Scheduler } from './scheduler.js';

export interface PairLinksOptions {
  /** Whether the nodes have second addresses. */
  readonly paths: 'one' | 'two';
  /** Those of both nodes. */
  readonly second: readonly Ip[];
  /** How long a connection may be dead before either daemon closes it, and finds the other way. */
  readonly silence: Millis;
}

export class SimPairLinks {
  readonly first: SimPairWire;
  readonly second: SimPairWire;
  readonly #options: PairLinksOptions;

  constructor(scheduler: Scheduler, options: PairLinksOptions) {
    this.first = new SimPairWire(scheduler);
    this.second = new SimPairWire(scheduler);
    this.#options = options;
  }

  /** Whether there is a way at all. */
  get state(): 'whole' | 'cut' {
    const isWhole = this.first.state === 'whole' || this.#secondIsWhole;
    return isWhole ? 'whole' : 'cut';
  }

  /** Since when there may be no connection that both ends know of, for as long as it takes to find one. */
  get troubledAt(): Instant {
    const { first, second } = this;
    if (this.#options.paths === 'one') {
      return first.troubledAt;
    }
    // A connection on either may have died without a word when its way was cut.
    const lost = Math.max(first.cutAt, second.cutAt);
    const found = later(lost as Instant, this.#options.silence);
    return Math.max(first.troubledAt, second.troubledAt, found) as Instant;
  }

  heal(): void {
    for (const each of [this.first, this.second]) {
      each.mend();
      each.hurry();
    }
  }

  /** Of one process. */
  transport(process: SimProcess): PairTransport {
    const [first, second] = [this.first.transport(process), this.second.transport(process)];
    const over = (address: Ip): PairTransport =>
      this.#options.second.includes(address) ? second : first;
    return {
      listen: (at, listener) => over(at.address).listen(at, listener),
      dial: (from, to) => over(to.address).dial(from, to),
    };
  }

  get #secondIsWhole(): boolean {
    return this.#options.paths === 'two' && this.second.state === 'whole';
  }
}
