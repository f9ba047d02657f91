/** What operators have ordered of the pair, as this node knows it: from its own disk, and from the other node. */
import type { Millis } from './base/time.js';
import { later, millis } from './base/time.js';
import type { NodeNames, Orders } from './core/orders.js';
import { ordersIn } from './core/orders.js';
import type { Registers } from './core/registers.js';
import type { Alarm, Clock } from './ports/clock.js';

export interface StandingOrdersPorts {
  readonly clock: Pick<Clock, 'now' | 'alarm'>;
  readonly names: NodeNames;
  readonly registers: () => Registers;
  /** Undefined where there is no pair channel: nobody else has anything to tell. */
  readonly channel: 'open' | 'none';
  /** Called with what stands, now and after each change. */
  readonly tell: (orders: Orders) => void;
}

/**
 * A daemon that has just been started knows nothing, and the other node may have been told something while this one was
 * away. Until it has heard of that, or has waited for long enough, it moves nothing by itself.
 */
export class StandingOrders {
  readonly #ports: StandingOrdersPorts;
  #own: 'unread' | 'read' = 'unread';
  #theirs: 'awaited' | 'heard';
  #patience: Alarm | undefined;

  constructor(ports: StandingOrdersPorts) {
    this.#ports = ports;
    this.#theirs = ports.channel === 'open' ? 'awaited' : 'heard';
  }

  get orders(): Orders {
    const isKnown = this.#own === 'read' && this.#theirs === 'heard';
    const { registers, names } = this.#ports;
    return ordersIn(registers(), isKnown ? 'yes' : 'awaited', names);
  }

  begin(): void {
    const { clock, tell } = this.#ports;
    tell(this.orders);
    if (this.#theirs === 'awaited') {
      this.#patience = clock.alarm(later(clock.now(), THEIRS_WITHIN), () => {
        this.heard();
      });
    }
  }

  /** What this node kept has been read, as far as it can be. */
  read(): void {
    this.#own = 'read';
    this.changed();
  }

  /** The other node has told what it knows; these come before everything else. */
  heard(): void {
    if (this.#theirs === 'awaited') {
      this.#theirs = 'heard';
      this.changed();
    }
  }

  changed(): void {
    this.#ports.tell(this.orders);
  }

  stop(): void {
    this.#patience?.cancel();
  }
}

/** Longer than the channel takes where the other node is well: a dialler's longest pause, and a hello. */
export const THEIRS_WITHIN: Millis = millis(3000);
