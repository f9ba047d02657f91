/** The rows that leave on one connection: gathered in batches, and no more on their way than the window allows. */
import type { Instant } from '../base/time.js';
import { between, instant, later, millis } from '../base/time.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { LinkRow } from '../wire/tables/rows.js';
import { RowsWriter } from '../wire/tables/rows.js';
import { SendWindow } from '../pair/send-window.js';

export interface OutgoingPorts {
  readonly clock: Clock;
  /** A whole frame. `busy`: it is queued, and more should wait. */
  readonly send: (frame: Uint8Array) => 'sent' | 'busy';
  /** The window is open again, after it was said to be shut. */
  readonly opened: () => void;
}

/** How many rows are on their way, and since when the oldest of them is. */
export interface UnderWay {
  readonly rows: number;
  readonly since: Instant | undefined;
}

/** In the long run batches leave no more often than that: each costs both nodes and the proxy there a turn. */
const BATCH_EVERY = millis(1);
/** So many of them leave at once, where there were few before. */
const MOST_IN_A_ROW = 8;
const AHEAD = millis((MOST_IN_A_ROW - 1) * BATCH_EVERY);

export class OutgoingRows {
  readonly #ports: OutgoingPorts;
  readonly #batch = new RowsWriter();
  readonly #window = new SendWindow();
  readonly #lastOf = new Map<number, number>();
  #table = 0;
  /** When the next batch would leave, were all of them evenly apart; it may be by {@link AHEAD} earlier. */
  #dueAt: Instant;
  #alarm: Alarm | undefined;
  #stream: 'free' | 'busy' = 'free';
  #told: 'open' | 'shut' = 'open';

  constructor(ports: OutgoingPorts) {
    this.#ports = ports;
    this.#dueAt = ports.clock.now();
  }

  get window(): 'open' | 'shut' {
    this.#told = this.#isOpen ? 'open' : 'shut';
    return this.#told;
  }

  get underWay(): UnderWay {
    return { rows: this.#window.rows + this.#batch.rows, since: this.#window.since };
  }

  /** The last batch with rows of a table, also where it has not left; 0 before the first. */
  sentOf(table: number): number {
    const isGathered = this.#batch.rows > 0 && table === this.#table;
    return isGathered ? this.#window.sent + 1 : (this.#lastOf.get(table) ?? 0);
  }

  /** Says in which batch the row leaves. */
  add(table: number, row: LinkRow): number {
    if (table !== this.#table) {
      this.sendNow();
      this.#table = table;
    }
    this.#batch.add(row);
    const sequence = this.#window.sent + 1;
    if (this.#batch.isFull) {
      this.sendNow();
    }
    return sequence;
  }

  /** What was gathered leaves now, or a moment later where many batches have just left. */
  flush(): void {
    const { clock } = this.#ports;
    if (this.#batch.rows === 0 || this.#alarm !== undefined) {
      return;
    }
    const now = clock.now();
    const early = between(later(now, AHEAD), this.#dueAt);
    if (early <= 0) {
      this.sendNow();
    } else {
      this.#alarm = clock.alarm(later(now, early), () => {
        this.sendNow();
      });
    }
  }

  sendNow(): void {
    const { rows } = this.#batch;
    this.#alarm?.cancel();
    this.#alarm = undefined;
    if (rows === 0) {
      return;
    }
    const at = this.#ports.clock.now();
    const sequence = this.#window.sent + 1;
    const frame = this.#batch.take(this.#table, sequence);
    this.#window.add({ sequence, bytes: frame.length, rows, at });
    this.#lastOf.set(this.#table, sequence);
    // Batches that are full do not wait; nor do those behind them for longer than one would.
    this.#dueAt = instant(Math.min(Math.max(at, this.#dueAt), at + AHEAD) + BATCH_EVERY);
    if (this.#ports.send(frame) === 'busy') {
      this.#stream = 'busy';
    }
  }

  /** All batches up to that one have arrived. `unsent`: that one never left. */
  acknowledged(sequence: number): 'good' | 'unsent' {
    const is = this.#window.acknowledge(sequence);
    this.#open();
    return is;
  }

  /** All that the stream had queued has left. */
  drained(): void {
    this.#stream = 'free';
    this.#open();
  }

  /** The connection is no more, nor is what was on its way. */
  stop(): void {
    this.#alarm?.cancel();
  }

  get #isOpen(): boolean {
    return !this.#window.isFull && this.#stream === 'free';
  }

  #open(): void {
    if (this.#told === 'shut' && this.#isOpen) {
      this.#told = 'open';
      this.#ports.opened();
    }
  }
}
