/** The batches of rows that are on their way to the other node's proxy: so many at the most, and how old the oldest is. */
import type { Instant } from '../base/time.js';

/** What may be on its way at once; the other replicator holds no more than that for a proxy that does not read. */
export const WINDOW_BYTES = 1_048_576;

export interface SentBatch {
  readonly sequence: number;
  readonly bytes: number;
  readonly rows: number;
  readonly at: Instant;
}

export class SendWindow {
  readonly #batches: SentBatch[] = [];
  #bytes = 0;
  #rows = 0;
  #sent = 0;

  get isFull(): boolean {
    return this.#bytes >= WINDOW_BYTES;
  }

  /** Rows that left and are not acknowledged. */
  get rows(): number {
    return this.#rows;
  }

  /** The number of the last batch; 0 before the first. */
  get sent(): number {
    return this.#sent;
  }

  /** When the oldest batch left that is not acknowledged. */
  get since(): Instant | undefined {
    return this.#batches[0]?.at;
  }

  add(batch: SentBatch): void {
    this.#batches.push(batch);
    this.#bytes += batch.bytes;
    this.#rows += batch.rows;
    this.#sent = batch.sequence;
  }

  /** All up to that one have arrived. `unsent`: that one never left. */
  acknowledge(sequence: number): 'good' | 'unsent' {
    if (sequence > this.#sent) {
      return 'unsent';
    }
    for (;;) {
      const oldest = this.#batches[0];
      if (oldest === undefined || oldest.sequence > sequence) {
        return 'good';
      }
      this.#batches.shift();
      this.#bytes -= oldest.bytes;
      this.#rows -= oldest.rows;
    }
  }
}
