/** Addresses in messages of flows, of which there are a hundred thousand a second. */
import type { Ip } from '../../base/ip.js';
import { ipv4FromBytes } from '../../base/ipv4.js';
import { IPV6_BYTES, ipv6FromBytes } from '../../base/ipv6.js';
import { wordAt } from '../octets.js';

/** Two generations of them are kept at most, some megabytes: the older one is forgotten when the newer one is full. */
export const MOST_REMEMBERED_ADDRESSES = 16_384;

/** A memory of a bounded number of answers, of which those asked for lately stay. */
export class Remembered<Key, Value> {
  #newer = new Map<Key, Value>();
  #older = new Map<Key, Value>();

  of(key: Key, make: (key: Key) => Value): Value {
    const known = this.#newer.get(key);
    return known ?? this.#note(key, this.#older.get(key) ?? make(key));
  }

  #note(key: Key, value: Value): Value {
    if (this.#newer.size >= MOST_REMEMBERED_ADDRESSES) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(key, value);
    return value;
  }
}

/** Reads addresses. */
export class AddressReader {
  readonly #ipv6 = new Remembered<string, Ip>();

  /** Four bytes at `at`, which are there. To remember these takes as long as to write them. */
  ipv4(bytes: Uint8Array, at: number): Ip {
    return ipv4FromBytes(bytes, at);
  }

  /** Sixteen bytes at `at`, which are there. */
  ipv6(bytes: Uint8Array, at: number): Ip {
    return this.#ipv6.of(packedWords(bytes, at, at + IPV6_BYTES), () => ipv6FromBytes(bytes, at));
  }
}

/** Two bytes a character. */
export function packedWords(bytes: Uint8Array, at: number, end: number): string {
  let packed = '';
  for (let index = at; index < end; index += 2) {
    packed += String.fromCharCode(wordAt(bytes, index));
  }
  return packed;
}
