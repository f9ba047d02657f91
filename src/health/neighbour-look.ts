/** Whether at least one of several neighbours answers: each look asks them all and ends with the first answer. */
import type { Ip } from '../base/ip.js';
import { familyOf } from '../base/ip.js';
import type { Millis } from '../base/time.js';
import { later } from '../base/time.js';
import type { Sample } from '../core/tracking.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { Neighbours, NeighbourSocket } from '../ports/neighbours.js';

export interface NeighbourLookOptions {
  readonly interface: string;
  readonly addresses: readonly Ip[];
  readonly timeout: Millis;
  /** This node's own addresses on the interface, which the questions come from. */
  readonly senders: readonly Ip[];
}

export interface NeighbourLookPorts {
  readonly clock: Clock;
  readonly neighbours: Neighbours;
}

interface Waiting {
  readonly alarm: Alarm;
  readonly answer: (sample: Sample) => void;
}

export class NeighbourLook {
  readonly #options: NeighbourLookOptions;
  readonly #ports: NeighbourLookPorts;
  #socket: NeighbourSocket | undefined;
  #waiting: Waiting | undefined;

  constructor(options: NeighbourLookOptions, ports: NeighbourLookPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  /** One at a time. */
  look(): Promise<Sample> {
    const refusal = this.#open() ?? this.#ask();
    if (refusal !== undefined) {
      this.#close();
      return Promise.resolve({ kind: 'failing', why: refusal });
    }
    const { addresses, timeout } = this.#options;
    const { clock } = this.#ports;
    return new Promise((answer) => {
      const alarm = clock.alarm(later(clock.now(), timeout), () => {
        const why = `no answer from ${addresses.join(' or ')} within ${String(timeout)} ms`;
        // An interface that was made anew is another one to the kernel: the next look opens it again.
        this.#close();
        this.#end({ kind: 'failing', why });
      });
      this.#waiting = { alarm, answer };
    });
  }

  /** Idempotent. A look that is under way ends without having found anything. */
  stop(): void {
    this.#close();
    this.#end({ kind: 'failing', why: 'stopped' });
  }

  #open(): string | undefined {
    if (this.#socket !== undefined) {
      return undefined;
    }
    const wanted = new Set(this.#options.addresses);
    const opened = this.#ports.neighbours.open(
      { interface: this.#options.interface },
      {
        heard: ({ address }) => {
          if (wanted.has(address)) {
            this.#end({ kind: 'well' });
          }
        },
      },
    );
    if (opened.ok) {
      this.#socket = opened.value;
    }
    return opened.ok ? undefined : opened.error.detail;
  }

  /** Why nobody could be asked; undefined where somebody was. */
  #ask(): string | undefined {
    const { addresses, senders } = this.#options;
    const asked = addresses.map((target) => {
      const sender = senders.find((each) => familyOf(each) === familyOf(target));
      return this.#socket?.ask({ target, sender });
    });
    const refused = asked.map((each) => (each?.ok === false ? each.error.detail : undefined));
    return refused.includes(undefined) ? undefined : refused[0];
  }

  #end(sample: Sample): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.alarm.cancel();
    waiting?.answer(sample);
  }

  #close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }
}
