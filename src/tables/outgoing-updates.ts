/** Rows of the local HAProxy on their way over the link: which of its updates may be acknowledged to it, and when. */
import type { IncomingTable } from './session-tables.js';
import type { RelayTable } from './relay-table.js';

interface UnderWay {
  readonly sequence: number;
  readonly table: IncomingTable<RelayTable>;
  /** The last update of the table that is in this batch. */
  update: number;
}

/** First in, first out. Bounded by the link's window, beyond which nothing more is read. */
export class OutgoingUpdates {
  #underWay: UnderWay[] = [];
  #first = 0;

  /** The table's last update left in that batch. */
  add(sequence: number, table: IncomingTable<RelayTable>): void {
    const last = this.#underWay.at(-1);
    if (last?.sequence === sequence && last.table === table) {
      last.update = table.last;
    } else {
      this.#underWay.push({ sequence, table, update: table.last });
    }
  }

  /** Of all that is in batches up to that one. */
  settle(
    sequence: number,
    settled: (table: IncomingTable<RelayTable>, update: number) => void,
  ): void {
    for (
      let next = this.#underWay[this.#first];
      next !== undefined && next.sequence <= sequence;
      next = this.#underWay[this.#first]
    ) {
      settled(next.table, next.update);
      this.#first += 1;
    }
    if (2 * this.#first > this.#underWay.length) {
      this.#underWay = this.#underWay.slice(this.#first);
      this.#first = 0;
    }
  }

  forget(): void {
    this.#underWay = [];
    this.#first = 0;
  }
}
