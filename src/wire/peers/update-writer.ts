/** Updates for HAProxy, put together from rows whose text was taken out of them, as many as there are into one piece. */
import { invariant } from '../../base/unreachable.js';
import { byteAt } from '../octets.js';
import type { DictionaryWriter } from './dictionary.js';
import { MOST_SLOTS, MOST_TEXT_BYTES } from './dictionary.js';
import type { PeersFrame } from './frame.js';
import { encodePeersFrame, MOST_SENT_BYTES } from './frame.js';
import type { RowApart } from './row.js';

/** What stands before a row. */
export interface UpdateHead {
  /** Undefined for one more than that of the update before. */
  readonly id: number | undefined;
  /** In milliseconds; undefined for the whole expire of the reader's table. */
  readonly expiresIn: number | undefined;
}

/** How a text is written; undefined where the table has none. */
export interface UpdateText {
  readonly text: string | undefined;
  /** Undefined for a reader that may not be listening: then the text is written out, into a slot that nothing else uses. */
  readonly dictionary: DictionaryWriter | undefined;
}

/** The slot for texts of tables that the reader may ignore; a dictionary beside it must leave it alone. */
export const UNSURE_SLOT: number = MOST_SLOTS;

const TABLE_CLASS = 10;
const [UPDATE, INCREMENTAL, TIMED_UPDATE, TIMED_INCREMENTAL] = [0x80, 0x81, 0x85, 0x86] as const;
const FIRST_LONG = 240;
const LATER_LONG = 128;
const FIRST_ROOM = 16_384;

export class UpdateWriter {
  #bytes: Uint8Array = new Uint8Array(FIRST_ROOM);
  #at = 0;

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.#at;
  }

  /** A row that was walked over, so that it fits into a message with any head and text. */
  update(row: RowApart, { id, expiresIn }: UpdateHead, text: UpdateText | undefined): void {
    this.#makeRoom(MOST_SENT_BYTES);
    const [plain, timed] =
      id === undefined ? [INCREMENTAL, TIMED_INCREMENTAL] : [UPDATE, TIMED_UPDATE];
    this.#put(TABLE_CLASS);
    this.#put(expiresIn === undefined ? plain : timed);
    // The length is known behind the body only. Nearly always it is one byte; for more the body is moved.
    const lengthAt = this.#at;
    const start = lengthAt + 1;
    this.#at = start;
    if (id !== undefined) {
      this.#uint32(id);
    }
    if (expiresIn !== undefined) {
      this.#uint32(expiresIn);
    }
    this.#copy(row.bytes, row.headAt, row.headEnd);
    if (text !== undefined) {
      this.#text(text);
    }
    this.#copy(row.bytes, row.tailAt, row.tailEnd);
    const length = this.#at - start;
    this.#at = lengthAt;
    if (length >= FIRST_LONG) {
      const lengthBytes = length < FIRST_LONG + 16 * LATER_LONG ? 2 : 3;
      this.#bytes.copyWithin(lengthAt + lengthBytes, start, start + length);
    }
    this.#varint(length);
    this.#at += length;
  }

  message(frame: PeersFrame): void {
    const bytes = encodePeersFrame(frame);
    this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** All that waits, in bytes of their own. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#at);
    this.#at = 0;
    return taken;
  }

  #text({ text, dictionary }: UpdateText): void {
    if (text === undefined) {
      this.#put(0);
      return;
    }
    const slot = dictionary?.slot(text) ?? -UNSURE_SLOT;
    if (slot > 0) {
      // Slots are below the least number that takes two bytes.
      this.#put(1);
      this.#put(slot);
      return;
    }
    const { length } = text;
    invariant(length >= 1 && length <= MOST_TEXT_BYTES, 'a text has 1 to 255 characters');
    const lengthBytes = length < FIRST_LONG ? 1 : 2;
    this.#varint(1 + lengthBytes + length);
    this.#put(-slot);
    this.#varint(length);
    for (let index = 0; index < length; index += 1) {
      this.#put(text.charCodeAt(index));
    }
  }

  /** Rows are short: a loop is faster than a call of the runtime. */
  #copy(from: Uint8Array, start: number, end: number): void {
    const bytes = this.#bytes;
    const shift = this.#at - start;
    if (end - start > MOST_LOOPED) {
      bytes.set(from.subarray(start, end), this.#at);
    } else {
      for (let index = start; index < end; index += 1) {
        bytes[index + shift] = byteAt(from, index);
      }
    }
    this.#at = end + shift;
  }

  #put(octet: number): void {
    this.#bytes[this.#at] = octet;
    this.#at += 1;
  }

  #uint32(value: number): void {
    this.#put(value >>> 24);
    this.#put((value >>> 16) & 0xff);
    this.#put((value >>> 8) & 0xff);
    this.#put(value & 0xff);
  }

  /** Of a length: it is below the least that takes four bytes. */
  #varint(value: number): void {
    if (value < FIRST_LONG) {
      this.#put(value);
      return;
    }
    this.#put(FIRST_LONG + (value & 0x0f));
    const rest = (value - FIRST_LONG) >>> 4;
    if (rest < LATER_LONG) {
      this.#put(rest);
    } else {
      this.#put(LATER_LONG + (rest & 0x7f));
      this.#put((rest - LATER_LONG) >>> 7);
    }
  }

  #makeRoom(count: number): void {
    if (this.#at + count <= this.#bytes.length) {
      return;
    }
    const larger = new Uint8Array(2 * this.#bytes.length + count);
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}

const MOST_LOOPED = 64;
