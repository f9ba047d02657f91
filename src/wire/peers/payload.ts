/** What messages of the peers protocol consist of: fields one after the other, without names. */
import { invariant } from '../../base/unreachable.js';
import type { Uint64 } from './varint.js';
import { putVarint, readVarint } from './varint.js';

/** Why a session of the peers protocol cannot go on: the first thing that is wrong. */
export interface PeersViolation {
  readonly code:
    'truncated' | 'overflow' | 'too-long' | 'out-of-range' | 'not-known' | 'malformed' | 'unset';
  /** The field, in words. */
  readonly where: string;
  /** Cut to a length that people can read. */
  readonly found: number | string;
  readonly expected: string;
}

/** The greatest number that identifiers, times and counts have. */
export const MOST_UINT32 = 0xffff_ffff;

const UINT32_BYTES = 4;
const FLOAT64_BYTES = 8;
const MOST_QUOTED = 60;
const NOTHING = new Uint8Array(0);

/**
 * Reads fields in their order. The first violation stays, and every field that is asked for behind it is empty: so one
 * look at the end is enough. Bytes that are handed out are part of the payload's memory.
 */
export class PayloadReader {
  #violation: PeersViolation | undefined;
  #at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get violation(): PeersViolation | undefined {
    return this.#violation;
  }

  /** Bytes that nothing has been read of; none after a violation. */
  get left(): number {
    return this.#violation === undefined ? this.#bytes.length - this.#at : 0;
  }

  /** Any varint. */
  varint(where: string): Uint64 {
    if (this.#violation !== undefined) {
      return 0;
    }
    const read = readVarint(this.#bytes, this.#at);
    if (read.ok) {
      this.#at = read.value.end;
      return read.value.value;
    }
    const expected = 'a whole number of 64 bits';
    this.refuse({ code: read.error.code, where, found: `${String(this.left)} bytes`, expected });
    return 0;
  }

  /** A varint within these bounds, which are at most those of a safe number; 0 after a violation. */
  number(
    where: string,
    { least, most }: { readonly least: number; readonly most: number },
  ): number {
    const value = this.varint(where);
    if (this.#violation !== undefined) {
      return 0;
    }
    if (typeof value === 'number' && value >= least && value <= most) {
      return value;
    }
    const expected = `${String(least)} to ${String(most)}`;
    const found = typeof value === 'number' ? value : String(value);
    this.refuse({ code: 'out-of-range', where, found, expected });
    return 0;
  }

  /** Four bytes, network order. */
  uint32(where: string): number {
    let value = 0;
    for (const byte of this.bytes(where, UINT32_BYTES)) {
      value = value * 256 + byte;
    }
    return value;
  }

  /** Eight bytes, network order (IEEE 754); any number, and 0 after a violation. */
  float64(where: string): number {
    const bytes = this.bytes(where, FLOAT64_BYTES);
    return bytes.length === 0
      ? 0
      : new DataView(bytes.buffer, bytes.byteOffset, FLOAT64_BYTES).getFloat64(0);
  }

  bytes(where: string, count: number): Uint8Array {
    if (count > this.left) {
      const expected = `${String(count)} bytes`;
      this.refuse({ code: 'truncated', where, found: `${String(this.left)} bytes`, expected });
    }
    if (this.#violation !== undefined) {
      return NOTHING;
    }
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** So many bytes as a payload of their own, with violations of its own. After a violation there is nothing in it. */
  part(where: string, count: number): PayloadReader {
    return new PayloadReader(this.bytes(where, count));
  }

  /** So many bytes as people write them, one a character: nothing else has a place in a name. */
  text(where: string, count: number): string {
    const text = oneByteText(this.bytes(where, count));
    if (this.#violation === undefined && !TEXT.test(text)) {
      const found = JSON.stringify(text).slice(0, MOST_QUOTED);
      this.refuse({ code: 'malformed', where, found, expected: 'text without control characters' });
    }
    return this.#violation === undefined ? text : '';
  }

  /** All that is left. */
  rest(): Uint8Array {
    return this.bytes('the rest', this.left);
  }

  /** For what the reader of a field finds wrong with it. Only the first counts. */
  refuse(violation: PeersViolation): void {
    this.#violation ??= violation;
  }
}

/** The other direction. What is out of range is our mistake and throws. */
export class PayloadWriter {
  readonly #octets: number[] = [];

  varint(value: Uint64): this {
    putVarint(this.#octets, value);
    return this;
  }

  uint32(value: number): this {
    invariant(value === value >>> 0, 'four bytes hold a whole number of 32 bits');
    this.#octets.push(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
    return this;
  }

  float64(value: number): this {
    const bytes = new Uint8Array(FLOAT64_BYTES);
    new DataView(bytes.buffer).setFloat64(0, value);
    return this.bytes(bytes);
  }

  bytes(bytes: Uint8Array): this {
    for (const byte of bytes) {
      this.#octets.push(byte);
    }
    return this;
  }

  /** A length and so many characters, each of one byte. */
  text(text: string): this {
    invariant(TEXT.test(text), 'a text has characters of one byte, and no control characters');
    return this.varint(text.length).bytes(Buffer.from(text, 'latin1'));
  }

  get written(): Uint8Array {
    return new Uint8Array(this.#octets);
  }
}

/** One character a byte, so that nothing is lost whatever the bytes are. */
export function oneByteText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Above ASCII there may be anything. */
const TEXT = /^[ -~\u0080-\u00ff]+$/u;
