/**
 * Rows by the hash of their key, in arrays without objects. They lie one behind the other in the order in which they came, which
 * is nearly that in which HAProxy tells them again, and an index of open addressing finds them: so what is looked at next is
 * mostly near, nothing is moved when there are more, and a million rows are 32 MB.
 */

import { invariant } from '../base/unreachable.js';

/** Version, both halves of the key's hash, content and mark. */
export const ROW_BYTES = 24;
export const PLACE_BYTES = 4;

const FLOATS_A_ROW = 3;
const WORDS_A_ROW = 6;
const [HIGH, LOW, CONTENT, MARK] = [2, 3, 4, 5] as const;

/** Of a table that is empty: there may be a thousand of them. */
const LEAST_ROWS = 32;
const LEAST_PLACES = 64;
const CHUNK_BITS = 13;
const CHUNK_ROWS = 1 << CHUNK_BITS;
/** Fuller than this, and a row is sought for too long. */
const MOST_FILLED = 0.7;
/** No fuller than this is an index that was made. */
const GROWN_FILLED = 0.4;

/** A place of the index: a row's number and one more, and above it as much of the key's hash as there is room for. */
const ROW_BITS = 23;
const ROW_MASK = 2 ** ROW_BITS - 1;

/** The same bytes, as versions and as words. */
interface Chunk {
  readonly versions: Float64Array;
  readonly words: Uint32Array;
}

export class MirrorRows {
  #count = 0;
  /** Each has {@link CHUNK_ROWS}, but for the first while it is alone. */
  #chunks: Chunk[] = [chunkOf(LEAST_ROWS)];
  #room = LEAST_ROWS;
  /** 0: the place is free. */
  #index = new Uint32Array(LEAST_PLACES);

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#room * ROW_BYTES + this.#index.length * PLACE_BYTES;
  }

  /** Whether {@link keep} has to be called before another row is added. */
  get isFull(): boolean {
    return this.#count >= this.#index.length * MOST_FILLED;
  }

  /** The number of the row with that key, until rows are dropped; -1 where there is none. */
  find(high: number, low: number): number {
    const mask = this.#index.length - 1;
    const tag = high >>> ROW_BITS;
    for (let place = low & mask; ; place = (place + 1) & mask) {
      const found = this.#index[place] ?? 0;
      if (found === 0) {
        return -1;
      }
      if (found >>> ROW_BITS === tag) {
        const row = (found & ROW_MASK) - 1;
        if (this.lowAt(row) === low && this.highAt(row) === high) {
          return row;
        }
      }
    }
  }

  /** One whose key is not here yet. Says its number. */
  add(high: number, low: number, version: number, content: number): number {
    const row = this.#count;
    if (row === this.#room) {
      this.#makeRoom();
    }
    this.#count += 1;
    const { words } = this.#chunkOf(row);
    const at = wordsAt(row);
    words[at + HIGH] = high;
    words[at + LOW] = low;
    words[at + MARK] = 0;
    this.set(row, version, content);
    this.#enter(row, high, low);
    return row;
  }

  set(row: number, version: number, content: number): void {
    const { versions, words } = this.#chunkOf(row);
    versions[FLOATS_A_ROW * (row & (CHUNK_ROWS - 1))] = version;
    words[wordsAt(row) + CONTENT] = content;
  }

  mark(row: number, mark: number): void {
    this.#chunkOf(row).words[wordsAt(row) + MARK] = mark;
  }

  versionAt(row: number): number {
    return this.#chunkOf(row).versions[FLOATS_A_ROW * (row & (CHUNK_ROWS - 1))] ?? 0;
  }

  highAt(row: number): number {
    return this.#wordAt(row, HIGH);
  }

  lowAt(row: number): number {
    return this.#wordAt(row, LOW);
  }

  contentAt(row: number): number {
    return this.#wordAt(row, CONTENT);
  }

  /** What {@link mark} was told last; 0 before. */
  markAt(row: number): number {
    return this.#wordAt(row, MARK);
  }

  /** Drops all others, and makes the index as large as those that remain need. */
  keep(isKept: (row: number) => boolean): void {
    const before = this.#count;
    this.#count = 0;
    for (let row = 0; row < before; row += 1) {
      if (isKept(row)) {
        this.#move(row, this.#count);
        this.#count += 1;
      }
    }
    this.#giveBack();
    let places = LEAST_PLACES;
    while (this.#count > places * GROWN_FILLED) {
      places *= 2;
    }
    this.#index = places === this.#index.length ? this.#index.fill(0) : new Uint32Array(places);
    for (let row = 0; row < this.#count; row += 1) {
      this.#enter(row, this.highAt(row), this.lowAt(row));
    }
  }

  clear(): void {
    this.#count = 0;
    this.#chunks = [chunkOf(LEAST_ROWS)];
    this.#room = LEAST_ROWS;
    this.#index = new Uint32Array(LEAST_PLACES);
  }

  #enter(row: number, high: number, low: number): void {
    const mask = this.#index.length - 1;
    let place = low & mask;
    while (this.#index[place] !== 0) {
      place = (place + 1) & mask;
    }
    this.#index[place] = (high & ~ROW_MASK) | (row + 1);
  }

  #makeRoom(): void {
    invariant(this.#room < ROW_MASK, 'a place of the index can say the number of any row');
    const [first] = this.#chunks;
    if (first !== undefined && this.#room < CHUNK_ROWS) {
      const larger = chunkOf(2 * this.#room);
      larger.words.set(first.words);
      this.#chunks = [larger];
      this.#room *= 2;
    } else {
      this.#chunks.push(chunkOf(CHUNK_ROWS));
      this.#room += CHUNK_ROWS;
    }
  }

  /** Whole chunks behind the last row. */
  #giveBack(): void {
    while (this.#room - CHUNK_ROWS >= Math.max(this.#count, CHUNK_ROWS)) {
      this.#chunks.pop();
      this.#room -= CHUNK_ROWS;
    }
  }

  #move(from: number, to: number): void {
    if (from !== to) {
      const { words } = this.#chunkOf(from);
      const at = wordsAt(from);
      this.#chunkOf(to).words.set(words.subarray(at, at + WORDS_A_ROW), wordsAt(to));
    }
  }

  #wordAt(row: number, word: number): number {
    return this.#chunkOf(row).words[wordsAt(row) + word] ?? 0;
  }

  #chunkOf(row: number): Chunk {
    return this.#chunks[row >>> CHUNK_BITS] ?? NO_CHUNK;
  }
}

/** Within the row's chunk. */
function wordsAt(row: number): number {
  return WORDS_A_ROW * (row & (CHUNK_ROWS - 1));
}

function chunkOf(rows: number): Chunk {
  const bytes = new ArrayBuffer(rows * ROW_BYTES);
  return { versions: new Float64Array(bytes), words: new Uint32Array(bytes) };
}

const NO_CHUNK = chunkOf(0);
