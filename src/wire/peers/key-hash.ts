/**
 * A key's hash of sixty-four bits under a secret seed: HalfSipHash-1-3 (Aumasson and Bernstein, "SipHash", 2012). Whoever chooses
 * keys, as every client does, cannot make two of them meet without knowing the seed.
 */
import { byteAt } from '../octets.js';

/** Two words of thirty-two bits. */
export interface Seed {
  readonly high: number;
  readonly low: number;
}

const WORD_BYTES = 4;
/** Behind the last word, twice: once for each half of the hash. */
const FINAL_ROUNDS = 3;

/** One object is used for all keys, because there are a hundred thousand a second. */
export class KeyHash {
  high = 0;
  low = 0;

  /** The bytes from `at` to `end`. */
  of(bytes: Uint8Array, at: number, end: number, seed: Seed): void {
    let v0 = seed.low | 0;
    let v1 = seed.high ^ 0xee;
    let v2 = seed.low ^ 0x6c796765;
    let v3 = seed.high ^ 0x74656462;
    const whole = (end - at) >>> 2;
    const rounds = whole + 1 + 2 * FINAL_ROUNDS;
    for (let round = 0; round < rounds; round += 1) {
      const word = round <= whole ? wordOf(bytes, at + WORD_BYTES * round, end, end - at) : 0;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
      if (round === whole) {
        v2 ^= 0xee;
      } else if (round === whole + FINAL_ROUNDS) {
        this.low = (v1 ^ v3) >>> 0;
        v1 ^= 0xdd;
      }
    }
    this.high = (v1 ^ v3) >>> 0;
  }
}

/** Four bytes, or those that are left of them with the length of all above them; least first. */
function wordOf(bytes: Uint8Array, at: number, end: number, length: number): number {
  if (at + WORD_BYTES <= end) {
    return (
      byteAt(bytes, at) |
      (byteAt(bytes, at + 1) << 8) |
      (byteAt(bytes, at + 2) << 16) |
      (byteAt(bytes, at + 3) << 24)
    );
  }
  let word = length << 24;
  for (let index = at; index < end; index += 1) {
    word |= byteAt(bytes, index) << (8 * (index - at));
  }
  return word;
}
