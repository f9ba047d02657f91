/**
 * What both nodes' proxies are known to hold of one table, without holding it: of each row a hash of its key, its version,
 * and a hash of its content. Rows that have expired are dropped when room is needed.
 */
import { SLOT_BYTES, Slots } from './slots.js';

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

/** Of a table that is empty: there may be a thousand of them. */
const LEAST_SLOTS = 64;
/** Fuller than this, and a row is sought for too long. */
const MOST_FILLED = 0.7;
/** No fuller than this is a table when it has grown. */
const GROWN_FILLED = 0.4;
/** Where there is no more room at all, expired rows are looked for so often, in milliseconds. */
const SWEEP_EVERY = 10_000;
const UINT32 = 2 ** 32;

export class TableMirror {
  /** How long a row lives behind its version, in milliseconds: the lesser of what both proxies say. 0: for ever. */
  expire = 0;
  readonly #budget: MirrorBudget;
  #slots = new Slots(LEAST_SLOTS);
  /** Which slots were seen since an audit began; undefined where there is none. */
  #seen: Uint8Array | undefined;
  #rows = 0;
  #sweptAt = 0;

  constructor(budget: MirrorBudget) {
    this.#budget = budget;
  }

  /** With those that have expired and not been dropped. */
  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#slots.count * SLOT_BYTES;
  }

  /** Remembers a row where its version is greater than what is known of its key. */
  take(high: number, low: number, version: number, content: number): Taken {
    let slot = this.#slots.slotFor(high, low);
    const held = this.#slots.versionAt(slot);
    if (version <= held) {
      return version === held ? 'same' : 'older';
    }
    if (held === 0) {
      if (!this.#hasRoom()) {
        return 'unmirrored';
      }
      slot = this.#slots.slotFor(high, low);
      this.#slots.name(slot, high, low);
      this.#rows += 1;
      this.#budget.left -= 1;
    }
    this.#slots.set(slot, version, content);
    this.see(slot);
    return 'newer';
  }

  /** The slot of a key, until the next row is taken; -1 where it is not known. */
  find(high: number, low: number): number {
    const slot = this.#slots.slotFor(high, low);
    return this.#slots.versionAt(slot) === 0 ? -1 : slot;
  }

  versionAt(slot: number): number {
    return this.#slots.versionAt(slot);
  }

  contentAt(slot: number): number {
    return this.#slots.contentAt(slot);
  }

  /** Of the rows that live longer than the cut. */
  digest(cut: number): RowsDigest {
    const oldest = this.#oldest(cut);
    const slots = this.#slots;
    let rows = 0;
    let high = 0;
    let low = 0;
    for (let slot = 0; slot < slots.count; slot += 1) {
      if (slots.versionAt(slot) > oldest) {
        rows += 1;
        low += mixed(slots, slot, LOW_FACTOR);
        high += mixed(slots, slot, HIGH_FACTOR);
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
    const slots = this.#slots;
    for (let slot = 0; slot < slots.count; slot += 1) {
      const version = slots.versionAt(slot);
      if (version !== 0) {
        slots.set(slot, version + by, slots.contentAt(slot));
      }
    }
  }

  forget(): void {
    this.#keep(LEAST_SLOTS, () => false);
    this.#seen = undefined;
  }

  /** From now on it is noted which rows are seen, and which are taken. */
  beginAudit(): void {
    this.#seen = new Uint8Array(this.#slots.count);
  }

  see(slot: number): void {
    if (this.#seen !== undefined) {
      this.#seen[slot] = 1;
    }
  }

  /** Whether it was seen, or taken, since the audit began. */
  isSeen(slot: number): boolean {
    return this.#seen?.[slot] === 1;
  }

  /** How many of the rows that live longer than the cut were not seen since the audit began; it may forget those. */
  endAudit(cut: number, unseen: 'count' | 'forget'): number {
    const seen = this.#seen;
    this.#seen = undefined;
    if (seen === undefined) {
      return 0;
    }
    const oldest = this.#oldest(cut);
    const count = this.#count((slot) => this.versionAt(slot) > oldest && seen[slot] === 0);
    if (unseen === 'forget') {
      this.#keep(this.#slots.count, (slot) => seen[slot] === 1);
    }
    return count;
  }

  /** Rows of this version and older do not live longer than the cut. */
  #oldest(cut: number): number {
    return this.expire === 0 ? 0 : Math.max(0, cut - this.expire);
  }

  /** For one more row, after making it where that is possible. */
  #hasRoom(): boolean {
    if (this.#rows >= this.#slots.count * MOST_FILLED) {
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
    const lives = (slot: number): boolean => this.versionAt(slot) > oldest;
    const live = this.#count(lives);
    let slots = LEAST_SLOTS;
    while (live > slots * GROWN_FILLED) {
      slots *= 2;
    }
    this.#keep(slots, lives);
  }

  #count(isSuch: (slot: number) => boolean): number {
    let count = 0;
    for (let slot = 0; slot < this.#slots.count; slot += 1) {
      count += isSuch(slot) ? 1 : 0;
    }
    return count;
  }

  /** In so many slots, of which the rows fill no more than they may. */
  #keep(count: number, isKept: (slot: number) => boolean): void {
    const into = new Slots(count);
    const [from, seen] = [this.#slots, this.#seen];
    const seenThere = new Uint8Array(seen === undefined ? 0 : count);
    const before = this.#rows;
    this.#rows = 0;
    for (let slot = 0; slot < from.count; slot += 1) {
      const version = from.versionAt(slot);
      if (version !== 0 && isKept(slot)) {
        const [high, low] = [from.highAt(slot), from.lowAt(slot)];
        const place = into.slotFor(high, low);
        into.name(place, high, low);
        into.set(place, version, from.contentAt(slot));
        seenThere[place] = seen?.[slot] ?? 0;
        this.#rows += 1;
      }
    }
    this.#slots = into;
    this.#seen = seen === undefined ? undefined : seenThere;
    this.#budget.left += before - this.#rows;
  }
}

/** Of key and content: odd numbers without a pattern (the finalizer of MurmurHash3, Austin Appleby) mix them. */
function mixed(slots: Slots, slot: number, factor: number): number {
  const first = Math.imul(slots.highAt(slot) ^ factor, factor);
  const second = Math.imul(first ^ slots.lowAt(slot) ^ (first >>> 15), HIGH_FACTOR);
  const third = Math.imul(second ^ slots.contentAt(slot) ^ (second >>> 13), LOW_FACTOR);
  return (third ^ (third >>> 16)) >>> 0;
}

const LOW_FACTOR = 0x85ebca6b;
const HIGH_FACTOR = 0xc2b2ae35;
