/**
 * What both nodes' proxies are known to hold of one table, without holding it: of each row a hash of its key, its version,
 * and a hash of its content. Rows that have expired are dropped when room is needed.
 */
import { MirrorRows } from './mirror-rows.js';

/** What became of a row. `same`: that very version is here already. `unmirrored`: there is no room to remember it. */
export type Taken = 'newer' | 'same' | 'older' | 'unmirrored';

/** A sum over rows, the same in whatever order they came. */
export interface RowsDigest {
  readonly rows: number;
  /** The upper and lower half of 64 bits. */
  readonly high: number;
  readonly low: number;
}

/** What all tables have in common. */
export interface MirrorBudget {
  /** How many more rows there is room for. */
  left: number;
  /** What the clock of versions reads. */
  readonly now: () => number;
}

/** Where there is no more room at all, expired rows are looked for so often, in milliseconds. */
const SWEEP_EVERY = 10_000;
const UINT32 = 2 ** 32;

export class TableMirror {
  /** How long a row lives behind its version, in milliseconds: the lesser of what both proxies say. 0: for ever. */
  expire = 0;
  readonly #budget: MirrorBudget;
  readonly #rows = new MirrorRows();
  /** Rows that were seen since an audit began bear its number; 0 where there is none. */
  #audit = 0;
  #audits = 0;
  #sweptAt = 0;

  constructor(budget: MirrorBudget) {
    this.#budget = budget;
  }

  /** With those that have expired and not been dropped. */
  get rows(): number {
    return this.#rows.count;
  }

  get bytes(): number {
    return this.#rows.bytes;
  }

  /** Remembers a row where its version is greater than what is known of its key. */
  take(high: number, low: number, version: number, content: number): Taken {
    const rows = this.#rows;
    const row = rows.find(high, low);
    if (row < 0) {
      if (!this.#hasRoom()) {
        return 'unmirrored';
      }
      this.see(rows.add(high, low, version, content));
      this.#budget.left -= 1;
      return 'newer';
    }
    const held = rows.versionAt(row);
    if (version <= held) {
      return version === held ? 'same' : 'older';
    }
    rows.set(row, version, content);
    this.see(row);
    return 'newer';
  }

  /** By which the row of a key is meant, until the next one is taken; -1 where it is not known. */
  find(high: number, low: number): number {
    return this.#rows.find(high, low);
  }

  versionAt(row: number): number {
    return this.#rows.versionAt(row);
  }

  contentAt(row: number): number {
    return this.#rows.contentAt(row);
  }

  /** Of the rows that live longer than the cut. */
  digest(cut: number): RowsDigest {
    const oldest = this.#oldest(cut);
    const held = this.#rows;
    let rows = 0;
    let high = 0;
    let low = 0;
    for (let row = 0; row < held.count; row += 1) {
      if (held.versionAt(row) > oldest) {
        rows += 1;
        low += mixed(held, row, LOW_FACTOR);
        high += mixed(held, row, HIGH_FACTOR);
        if (low >= UINT32) {
          low -= UINT32;
          high += 1;
        }
        high = high >= UINT32 ? high - UINT32 : high;
      }
    }
    return { rows, high, low };
  }

  /** All versions, by whole steps. */
  shift(by: number): void {
    const rows = this.#rows;
    for (let row = 0; row < rows.count; row += 1) {
      rows.set(row, rows.versionAt(row) + by, rows.contentAt(row));
    }
  }

  forget(): void {
    this.#budget.left += this.#rows.count;
    this.#rows.clear();
    this.#audit = 0;
  }

  /** From now on it is noted which rows are seen, and which are taken. */
  beginAudit(): void {
    this.#audits += 1;
    this.#audit = this.#audits;
  }

  see(row: number): void {
    if (this.#audit !== 0) {
      this.#rows.mark(row, this.#audit);
    }
  }

  /** Whether it was seen, or taken, since the audit began. */
  isSeen(row: number): boolean {
    return this.#audit !== 0 && this.#rows.markAt(row) === this.#audit;
  }

  /** How many of the rows that live longer than the cut were not seen since the audit began; it may forget those. */
  endAudit(cut: number, unseen: 'count' | 'forget'): number {
    const audit = this.#audit;
    this.#audit = 0;
    if (audit === 0) {
      return 0;
    }
    const rows = this.#rows;
    const oldest = this.#oldest(cut);
    let seen = 0;
    let missing = 0;
    for (let row = 0; row < rows.count; row += 1) {
      if (rows.markAt(row) === audit) {
        seen += 1;
      } else if (rows.versionAt(row) > oldest) {
        missing += 1;
      }
    }
    if (unseen === 'forget' && seen < rows.count) {
      this.#keep((row) => rows.markAt(row) === audit);
    }
    return missing;
  }

  /** Rows of this version and older do not live longer than the cut. */
  #oldest(cut: number): number {
    return this.expire === 0 ? 0 : Math.max(0, cut - this.expire);
  }

  /** For one more row, after making it where that is possible. */
  #hasRoom(): boolean {
    if (this.#rows.isFull) {
      this.#sweep(this.#budget.now());
    }
    if (this.#budget.left <= 0) {
      const now = this.#budget.now();
      if (now - this.#sweptAt >= SWEEP_EVERY) {
        this.#sweep(now);
      }
    }
    return this.#budget.left > 0;
  }

  /** Drops the rows that have expired, and leaves as much room as those that remain need. */
  #sweep(now: number): void {
    this.#sweptAt = now;
    const oldest = this.#oldest(now);
    this.#keep((row) => this.versionAt(row) > oldest);
  }

  #keep(isKept: (row: number) => boolean): void {
    const before = this.#rows.count;
    this.#rows.keep(isKept);
    this.#budget.left += before - this.#rows.count;
  }
}

/** Of key and content: odd numbers without a pattern (the finalizer of MurmurHash3, Austin Appleby) mix them. */
function mixed(rows: MirrorRows, row: number, factor: number): number {
  const first = Math.imul(rows.highAt(row) ^ factor, factor);
  const second = Math.imul(first ^ rows.lowAt(row) ^ (first >>> 15), HIGH_FACTOR);
  const third = Math.imul(second ^ rows.contentAt(row) ^ (second >>> 13), LOW_FACTOR);
  return (third ^ (third >>> 16)) >>> 0;
}

const LOW_FACTOR = 0x85ebca6b;
const HIGH_FACTOR = 0xc2b2ae35;
