/** One end of a simulated stream: what it sends arrives in two pieces, in order, unless the connection breaks meanwhile. */
import type { Millis } from '../../src/base/time.js';
import type { PairStream, PairStreamHandlers } from '../../src/ports/pair-transport.js';
import { QUESTION } from '../../src/wire/pair/question.js';
import type { SimProcess } from './process.js';

/** What has happened to one connection on its way, whatever its ends know of it. */
export class SimConnection {
  /** `torn`: of what is under way only a half arrives, and nothing after it. */
  state: 'whole' | 'torn' | 'broken' = 'whole';
  /** By how much everything on it is later than on others. */
  readonly lateness: () => Millis;

  constructor(lateness: () => Millis) {
    this.lateness = lateness;
  }
}

interface Carrier {
  carry(arrive: () => void, lateness?: Millis): void;
}

export interface SimPairStreamOptions {
  readonly connection: SimConnection;
  /** Who dialled; undefined at the dialler's end. */
  readonly peer: string | undefined;
}

export class SimPairStream implements PairStream {
  readonly peer: string | undefined;
  readonly connection: SimConnection;
  readonly #wire: Carrier;
  readonly #process: SimProcess;
  #other: SimPairStream | undefined;
  #handlers: PairStreamHandlers | undefined;
  #early: Uint8Array[] = [];
  #state: 'open' | 'closed' = 'open';
  /** What has not arrived at the other end yet. */
  #queued = 0;
  #sending: 'sent' | 'busy' = 'sent';

  constructor(wire: Carrier, process: SimProcess, { connection, peer }: SimPairStreamOptions) {
    this.#wire = wire;
    this.#process = process;
    this.connection = connection;
    this.peer = peer;
  }

  join(other: SimPairStream): void {
    this.#other = other;
  }

  send(bytes: Uint8Array): 'sent' | 'busy' | 'full' {
    if (this.#queued > MOST_QUEUED_BYTES) {
      return 'full';
    }
    if (this.#state === 'open' && this.#process.fate !== 'gone') {
      this.#queued += bytes.length;
      this.#sending = this.#queued > BUSY_BYTES ? 'busy' : this.#sending;
      const middle = bytes.length >> 1;
      const { connection } = this;
      // Somebody waits for what is asked and answered, and goes on when it is there.
      const somebody = (bytes[TYPE_AT] ?? 0) < QUESTION.type ? 'listens' : 'waits';
      this.#wire.carry(() => {
        if (connection.state !== 'broken') {
          this.#arrive(bytes.slice(0, middle), somebody);
        }
        if (connection.state === 'whole') {
          this.#arrive(bytes.slice(middle), somebody);
          this.#left(bytes.length);
        } else {
          connection.state = 'broken';
        }
      }, connection.lateness());
    }
    return this.#sending;
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
      this.#wire.carry(
        () => this.#other?.lost('the other end closed the connection'),
        this.connection.lateness(),
      );
    }
  }

  /** The other end has closed it, or knows nothing of it. */
  lost(detail: string): void {
    if (this.#state === 'open') {
      this.#state = 'closed';
      this.#process.deliver(() => this.#handlers?.closed(detail));
    }
  }

  #arrive(bytes: Uint8Array, somebody: 'listens' | 'waits'): void {
    const other = this.#other;
    if (other === undefined || other.#process.fate === 'gone') {
      this.#wire.carry(() => {
        this.lost('reset by the other end');
      });
    } else {
      other.#process.deliver(() => {
        other.#take(bytes);
        if (somebody === 'waits') {
          void other.#process.answer(() => undefined);
        }
      });
    }
  }

  /** So many bytes have. */
  #left(count: number): void {
    this.#queued -= count;
    if (this.#sending === 'busy' && this.#queued === 0) {
      this.#sending = 'sent';
      this.#process.deliver(() => this.#handlers?.drained?.());
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

/** As the machine's streams have them. */
const MOST_QUEUED_BYTES = 262_144;
const BUSY_BYTES = 98_304;
/** Behind the four bytes of a frame's length. */
const TYPE_AT = 4;
