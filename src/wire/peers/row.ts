/**
 * Rows on their way: checked, hashed and taken apart where they lie, without an object for each. What entry.ts reads into
 * values this walks over at some hundred thousand rows a second, and accepts the very same bytes.
 */
import { byteAt } from '../octets.js';
import type { DictionaryReader, KnownText } from './dictionary.js';
import type { RowShape } from './entry.js';
import { MOST_PAYLOAD_BYTES } from './frame.js';
import type { Seed } from './key-hash.js';
import { KeyHash } from './key-hash.js';
import type { PeersViolation } from './payload.js';
import { PayloadReader } from './payload.js';
import type { Column } from './table.js';
import { DATA_TYPES } from './table.js';
import { MOST_VARINT_BYTES, readVarint } from './varint.js';

/** What is done with the columns of a table, worked out once for each definition. */
export interface RowPlan {
  readonly shape: RowShape;
  /** Runs of integers one after the other, and the place of the text. */
  readonly steps: readonly Step[];
  readonly texts: 'none' | 'one';
  /** The columns that count for the content of a row. */
  readonly counted: readonly string[];
}

interface Step {
  /** Counted: what two nodes must have alike. Passed: what differs by nature, such as rates. */
  readonly kind: 'counted' | 'passed' | 'text counted' | 'text passed';
  /** Of integers; none for a text. */
  readonly integers: number;
}

/**
 * How to walk over rows of this table. What counts for their content are the lasting columns that `other`, the same table on
 * the other node, has as well; without it, all lasting columns.
 */
export function planRows(table: RowShape, other: RowShape | undefined): RowPlan {
  const everything = [...table.columns, ...(other?.columns ?? [])];
  const isServerNamed = everything.some(({ type }) => type === 'server_key');
  const steps: Step[] = [];
  const counted: string[] = [];
  for (const column of table.columns) {
    const isCounted =
      isLasting(column) &&
      (column.type !== 'server_id' || !isServerNamed) &&
      (other === undefined || other.columns.some((each) => isAlike(each, column)));
    const step = stepOver(column, isCounted ? 'counted' : 'passed');
    if (isCounted) {
      counted.push(`${column.type} ${String(column.elements)}`);
    }
    const last = steps.at(-1);
    if (last?.kind === step.kind && step.integers > 0) {
      steps[steps.length - 1] = { ...last, integers: last.integers + step.integers };
    } else {
      steps.push(step);
    }
  }
  const hasText = table.columns.some(({ type }) => type === 'server_key');
  return { shape: table, steps, texts: hasText ? 'one' : 'none', counted };
}

/** Rates run off by themselves, and the connections that are open now are those of one node. */
function isLasting({ type }: Column): boolean {
  return !DATA_TYPES[type].startsWith('rate') && type !== 'conn_cur';
}

function isAlike(a: Column, b: Column): boolean {
  return a.type === b.type && a.elements === b.elements;
}

function stepOver({ type, elements }: Column, kind: 'counted' | 'passed'): Step {
  const encoding = DATA_TYPES[type];
  if (encoding === 'dictionary') {
    return { kind: `text ${kind}`, integers: 0 };
  }
  const isRate = encoding === 'rate' || encoding === 'rates';
  return { kind, integers: isRate ? 3 * elements : elements };
}

const CONTENT_SEED = 0x811c9dc5;
const CONTENT_PRIME = 0x01000193;
const FIRST_LONG = 240;
const LATER_LONG = 128;
const NO_TEXT = 0x9e3779b9;

/** One is used for all rows: its fields are of the last row that it walked over. */
export class RowWalker {
  readonly key: KeyHash = new KeyHash();
  /** Hash of what counts. */
  content = 0;
  /** The key and the columns before the text lie from where the row began to here. */
  headEnd = 0;
  /** The columns behind the text lie from here to where the row ended. */
  tailAt = 0;
  text: KnownText | undefined;
  /** What is wrong with the row, where it is not right. */
  violation: PeersViolation | undefined;
  #seed: Seed;
  #at = 0;

  constructor(seed: Seed) {
    this.#seed = seed;
  }

  /** From now on keys are hashed otherwise. */
  reseed(seed: Seed): void {
    this.#seed = seed;
  }

  /** A row as HAProxy sends it, from `at` to `end`. Whether it is right; its texts are learned in any case. */
  walk(
    plan: RowPlan,
    bytes: Uint8Array,
    { at, end }: Range,
    dictionary: DictionaryReader,
  ): 'right' | 'wrong' {
    if (!this.#begin(plan.shape, bytes, at, end)) {
      return 'wrong';
    }
    for (const step of plan.steps) {
      if (step.integers > 0) {
        if (!this.#integers(bytes, end, step)) {
          return 'wrong';
        }
      } else {
        this.headEnd = this.#at;
        if (!this.#text(bytes, end, dictionary)) {
          return 'wrong';
        }
        this.tailAt = this.#at;
        this.#count(step, this.text);
      }
    }
    return this.#end(plan, end);
  }

  /** A row whose text has been taken out of it. */
  walkApart(plan: RowPlan, row: RowApart, text: KnownText | undefined): 'right' | 'wrong' {
    const { bytes, headAt, headEnd, tailAt, tailEnd } = row;
    if (headEnd - headAt + tailEnd - tailAt > MOST_PAYLOAD_BYTES) {
      return this.#refuse('too-long', 'all of it');
    }
    if (!this.#begin(plan.shape, bytes, headAt, headEnd)) {
      return 'wrong';
    }
    let end = headEnd;
    for (const step of plan.steps) {
      if (step.integers > 0) {
        if (!this.#integers(bytes, end, step)) {
          return 'wrong';
        }
      } else {
        if (this.#at !== end) {
          return this.#refuse('malformed', 'columns before the text');
        }
        this.headEnd = headEnd;
        this.tailAt = tailAt;
        this.text = text;
        this.#at = tailAt;
        end = tailEnd;
        this.#count(step, text);
      }
    }
    return this.#end(plan, end);
  }

  #begin({ keyType, keyLength }: RowShape, bytes: Uint8Array, at: number, end: number): boolean {
    this.violation = undefined;
    this.text = undefined;
    this.content = CONTENT_SEED;
    let start = at;
    let length = keyLength;
    if (keyType === 'string') {
      length = bytes[at] ?? FIRST_LONG;
      start = at + 1;
      if (length >= FIRST_LONG) {
        const read = readVarint(bytes, at);
        length = read.ok ? Number(read.value.value) : keyLength;
        start = read.ok ? read.value.end : end;
      }
      if (length >= keyLength) {
        this.#refuse('out-of-range', 'key length');
        return false;
      }
    }
    this.#at = start + length;
    if (this.#at > end) {
      this.#refuse('truncated', 'key');
      return false;
    }
    if (keyType === 'string' && hasZero(bytes, start, this.#at)) {
      this.#refuse('malformed', 'key');
      return false;
    }
    this.key.of(bytes, start, this.#at, this.#seed);
    return true;
  }

  /** Each value has one form only, so that equal bytes are equal values. */
  #integers(bytes: Uint8Array, end: number, { kind, integers }: Step): boolean {
    let at = this.#at;
    for (let index = 0; index < integers; index += 1) {
      const start = at;
      at = endOfVarint(bytes, at, end);
      if (at < 0) {
        this.#refuse('truncated', 'value');
        return false;
      }
      if (at - start >= MOST_VARINT_BYTES && !readVarint(bytes, start).ok) {
        this.#refuse('overflow', 'value');
        return false;
      }
    }
    if (kind === 'counted') {
      this.content = hashBytes(this.content, bytes, this.#at, at);
    }
    this.#at = at;
    return true;
  }

  #text(bytes: Uint8Array, end: number, dictionary: DictionaryReader): boolean {
    if (this.#at + 2 <= end && byteAt(bytes, this.#at) === 1) {
      // Nearly always: a slot that is in use.
      this.text = dictionary.known(byteAt(bytes, this.#at + 1));
      if (this.text !== undefined) {
        this.#at += 2;
        return true;
      }
    }
    const payload = new PayloadReader(bytes.subarray(this.#at, end));
    this.text = dictionary.learn(payload);
    const { left, violation } = payload;
    this.violation = violation;
    this.#at = end - left;
    return violation === undefined;
  }

  #count({ kind }: Step, text: KnownText | undefined): void {
    if (kind === 'text counted') {
      this.content = Math.imul(this.content ^ (text?.hash ?? NO_TEXT), CONTENT_PRIME);
    }
  }

  /** Behind what we know there may be values of types that we do not know. */
  #end({ texts }: RowPlan, end: number): 'right' | 'wrong' {
    if (texts === 'none') {
      this.headEnd = end;
      this.tailAt = end;
    }
    this.content = finish(this.content);
    return 'right';
  }

  #refuse(code: PeersViolation['code'], where: string): 'wrong' {
    this.violation = { code, where: `row, ${where}`, found: 'other bytes', expected: 'a row' };
    return 'wrong';
  }
}

/** A row without its text: key and columns before it, and the columns behind it, which may be none. */
export interface RowApart {
  readonly bytes: Uint8Array;
  readonly headAt: number;
  readonly headEnd: number;
  readonly tailAt: number;
  readonly tailEnd: number;
}

/** Bytes from `at` up to, but not including, `end`. */
export interface Range {
  readonly at: number;
  readonly end: number;
}

/** Behind the varint that begins at `at`; −1 where it is not whole before `end`. */
function endOfVarint(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) {
    return -1;
  }
  if (byteAt(bytes, at) < FIRST_LONG) {
    return at + 1;
  }
  const last = Math.min(end, at + MOST_VARINT_BYTES);
  for (let index = at + 1; index < last; index += 1) {
    if (byteAt(bytes, index) < LATER_LONG) {
      return index + 1;
    }
  }
  return -1;
}

function hasZero(bytes: Uint8Array, at: number, end: number): boolean {
  for (let index = at; index < end; index += 1) {
    if (byteAt(bytes, index) === 0) {
      return true;
    }
  }
  return false;
}

/** FNV-1a. Of content nobody gains by a collision: a change would be told with the next one. */
function hashBytes(from: number, bytes: Uint8Array, at: number, end: number): number {
  let hash = from;
  for (let index = at; index < end; index += 1) {
    hash = Math.imul(hash ^ byteAt(bytes, index), CONTENT_PRIME);
  }
  return hash;
}

/** So that each bit of the content bears on each bit of the hash (the end of MurmurHash3). */
function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
