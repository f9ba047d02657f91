/**
 * The dedicated link between the two machines: streams that deliver in order, in pieces, a little late. While it is cut
 * nothing arrives; what was sent then arrives afterwards, as TCP sends it again. A machine that lost its power has
 * forgotten its streams, and answers the next piece of one with a reset.
 */
import type { Ip } from '../../src/base/ip.js';
import { fail, ok } from '../../src/base/result.js';
import type { Millis } from '../../src/base/time.js';
import { millis } from '../../src/base/time.js';
import type {
  PairListener,
  PairStream,
  PairStreamHandlers,
  PairTransport,
} from '../../src/ports/pair-transport.js';
import type { SimProcess } from './process.js';
import type { Scheduler } from './scheduler.js';

interface Listening {
  readonly process: SimProcess;
  readonly listener: PairListener;
}

export class SimPairWire {
  readonly #scheduler: Scheduler;
  readonly #listening = new Map<string, Listening>();
  readonly #held: (() => void)[] = [];
  #state: 'whole' | 'cut' = 'whole';

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get state(): 'whole' | 'cut' {
    return this.#state;
  }

  cut(): void {
    this.#state = 'cut';
    this.#scheduler.changed();
  }

  mend(): void {
    this.#state = 'whole';
    this.#scheduler.changed();
    for (const each of this.#held.splice(0)) {
      each();
    }
  }

  /** Of one process; it listens no longer than that lives. */
  transport(process: SimProcess): PairTransport {
    return {
      listen: (at, listener) => {
        this.#listening.set(at.address, { process, listener });
        return process.answer(() =>
          ok(() => {
            this.#listening.delete(at.address);
          }),
        );
      },
      dial: (from, to) =>
        process.answerAfter(DIALLING_TAKES, () => this.#connect(process, from.name, to.address)),
    };
  }

  /** Over the link, whenever that is whole. */
  carry(arrive: () => void): void {
    if (this.#state === 'cut') {
      this.#held.push(() => {
        this.carry(arrive);
      });
    } else {
      this.#scheduler.after(TRAVELS, arrive);
    }
  }

  #connect(
    process: SimProcess,
    name: string,
    to: Ip,
  ): ReturnType<typeof refused | typeof accepted> {
    const there = this.#listening.get(to);
    if (this.#state === 'cut' || there?.process.fate !== 'running') {
      return refused(to);
    }
    const dialler = new SimPairStream(this, process, undefined);
    const listener = new SimPairStream(this, there.process, name);
    dialler.join(listener);
    listener.join(dialler);
    there.process.deliver(() => {
      there.listener.accepted(listener);
    });
    return accepted(dialler);
  }
}

function refused(to: Ip) {
  return fail({ code: 'unreachable', detail: `${to}: simulated silence` } as const);
}

function accepted(stream: PairStream) {
  return ok(stream);
}

class SimPairStream implements PairStream {
  readonly peer: string | undefined;
  readonly #wire: SimPairWire;
  readonly #process: SimProcess;
  #other: SimPairStream | undefined;
  #handlers: PairStreamHandlers | undefined;
  #early: Uint8Array[] = [];
  #state: 'open' | 'closed' = 'open';

  constructor(wire: SimPairWire, process: SimProcess, peer: string | undefined) {
    this.#wire = wire;
    this.#process = process;
    this.peer = peer;
  }

  join(other: SimPairStream): void {
    this.#other = other;
  }

  send(bytes: Uint8Array): 'sent' {
    if (this.#state === 'open' && this.#process.fate !== 'gone') {
      const middle = bytes.length >> 1;
      this.#wire.carry(() => {
        this.#arrive(bytes.slice(0, middle));
        this.#arrive(bytes.slice(middle));
      });
    }
    return 'sent';
  }

  begin(handlers: PairStreamHandlers): void {
    this.#handlers = handlers;
    for (const bytes of this.#early.splice(0)) {
      handlers.received(bytes);
    }
  }

  close(): void {
    if (this.#state === 'open') {
      this.#state = 'closed';
      this.#wire.carry(() => this.#other?.lost('the other end closed the connection'));
    }
  }

  /** The other end has closed it, or knows nothing of it. */
  lost(detail: string): void {
    if (this.#state === 'open') {
      this.#state = 'closed';
      this.#process.deliver(() => this.#handlers?.closed(detail));
    }
  }

  #arrive(bytes: Uint8Array): void {
    const other = this.#other;
    if (other === undefined || other.#process.fate === 'gone') {
      this.#wire.carry(() => {
        this.lost('reset by the other end');
      });
    } else {
      other.#process.deliver(() => {
        other.#take(bytes);
      });
    }
  }

  #take(bytes: Uint8Array): void {
    if (this.#state === 'closed') {
      return;
    }
    if (this.#handlers === undefined) {
      this.#early.push(bytes);
    } else {
      this.#handlers.received(bytes);
    }
  }
}

const TRAVELS: Millis = millis(0.2);
const DIALLING_TAKES: Millis = millis(1);
