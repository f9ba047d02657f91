/**
 * The dictionary of one direction of one session: texts that recur, here names of servers, are sent once and then meant by
 * the number of their slot. All tables share it, and it is forgotten with the connection.
 *
 * A reader that ignores a table ignores the texts in its rows too: whoever writes rows of a table that the other side does
 * not have must leave such values out, or a later slot means another server there.
 */
import { invariant } from '../../base/unreachable.js';
import type { PayloadReader } from './payload.js';
import { PayloadWriter } from './payload.js';

/** HAProxy 2.6 writes outside its memory for a greater slot, and does not look for room for a long text. */
export const MOST_SLOTS = 128;
export const MOST_TEXT_BYTES = 255;

/** Two varints of two bytes, and the text. */
const MOST_REFERENCE_BYTES = MOST_TEXT_BYTES + 4;

/** A text, and what stands for it in hashes of content. */
export interface KnownText {
  readonly text: string;
  readonly hash: number;
}

export function knownText(text: string): KnownText {
  let hash = HASH_SEED;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), HASH_PRIME);
  }
  return { text, hash };
}

/** Of FNV-1a. */
const HASH_SEED = 0x811c9dc5;
const HASH_PRIME = 0x01000193;

/** What the other side's slots mean. */
export class DictionaryReader {
  readonly #texts: (KnownText | undefined)[] = [];

  /** The value that comes next; undefined where there is none, and the reader of the row keeps what it had. */
  read(payload: PayloadReader): string | undefined {
    return this.learn(payload)?.text;
  }

  /** What a slot means at present; undefined where it means nothing. */
  known(slot: number): KnownText | undefined {
    return this.#texts[slot];
  }

  /** As {@link read}. */
  learn(payload: PayloadReader): KnownText | undefined {
    const length = payload.number('dictionary value length', {
      least: 0,
      most: MOST_REFERENCE_BYTES,
    });
    if (length === 0) {
      return undefined;
    }
    const field = payload.part('dictionary value', length);
    const text = this.#readField(field);
    if (field.violation !== undefined) {
      payload.refuse(field.violation);
    }
    return text;
  }

  #readField(field: PayloadReader): KnownText | undefined {
    const slot = field.number('dictionary slot', { least: 1, most: MOST_SLOTS });
    if (field.left > 0) {
      const length = field.number('dictionary text length', { least: 1, most: MOST_TEXT_BYTES });
      const text = field.text('dictionary text', length);
      if (field.violation === undefined) {
        this.#texts[slot] = knownText(text);
      }
    }
    const text = this.#texts[slot];
    if (text === undefined) {
      field.refuse({
        code: 'unset',
        where: 'dictionary slot',
        found: slot,
        expected: 'a slot in use',
      });
    }
    return text;
  }
}

/** Our own slots, filled one after the other and then again from the first on. */
export class DictionaryWriter {
  readonly #slots = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #most: number;
  #next = 1;

  /** `most`: the greatest slot that is used. */
  constructor(most: number = MOST_SLOTS) {
    this.#most = most;
  }

  /** The slot of a text that is in one; where it is not yet, the one that it gets, as a negative number. */
  slot(text: string): number {
    return this.#slots.get(text) ?? -this.#assign(text);
  }

  /** A text that is empty or too long is our mistake and throws. */
  write(payload: PayloadWriter, text: string | undefined): void {
    if (text === undefined) {
      payload.varint(0);
      return;
    }
    const slot = this.slot(text);
    const field = new PayloadWriter();
    if (slot < 0) {
      field.varint(-slot).text(text);
    } else {
      field.varint(slot);
    }
    const { written } = field;
    payload.varint(written.length).bytes(written);
  }

  #assign(text: string): number {
    invariant(text.length >= 1 && text.length <= MOST_TEXT_BYTES, 'a text has 1 to 255 characters');
    const slot = this.#next;
    const former = this.#texts[slot];
    if (former !== undefined) {
      this.#slots.delete(former);
    }
    this.#slots.set(text, slot);
    this.#texts[slot] = text;
    this.#next = (slot % this.#most) + 1;
    return slot;
  }
}
