/** HAProxy's encoded integers: sixty-four bits in one to ten bytes, each value in exactly one way. */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { invariant } from '../../base/unreachable.js';

/** From 0 to 2⁶⁴ − 1: a number wherever a number is exact, so that two equal values are equal here too. */
export type Uint64 = number | bigint;

export interface Varint {
  readonly value: Uint64;
  /** Where the next thing begins. */
  readonly end: number;
}

export interface NotAVarint {
  /** It goes on behind the last byte, or is greater than sixty-four bits can say. */
  readonly code: 'truncated' | 'overflow';
}

export const MOST_VARINT_BYTES = 10;

/** The least first byte that has another one behind it; its upper four bits are set. */
const FIRST_LONG = 240;
/** The least of the later bytes that has another one behind it. */
const LATER_LONG = 128;
/** What the first byte holds of a longer value, and what each later one holds. */
const FIRST_BITS = 4;
const LATER_BITS = 7;
/** As many bytes as a number can add up without rounding. */
const EXACT_BYTES = 7;
const MOST_UINT64 = 2n ** 64n - 1n;

/** The one that begins at `at`. Never throws. */
export function readVarint(bytes: Uint8Array, at: number): Result<Varint, NotAVarint> {
  let low = 0;
  let high = 0n;
  let least = FIRST_LONG;
  for (let index = 0; index < MOST_VARINT_BYTES; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) {
      return fail({ code: 'truncated' });
    }
    // Whole bytes are added, their marks included: that is what makes the ranges of the lengths meet without overlap.
    const shift = index === 0 ? 0 : FIRST_BITS + LATER_BITS * (index - 1);
    if (index < EXACT_BYTES) {
      low += byte * 2 ** shift;
    } else {
      high += BigInt(byte) << BigInt(shift);
    }
    if (byte < least) {
      return whole(low, high, at + index + 1);
    }
    least = LATER_LONG;
  }
  return fail({ code: 'overflow' });
}

function whole(low: number, high: bigint, end: number): Result<Varint, NotAVarint> {
  if (high === 0n) {
    return ok({ value: low, end });
  }
  const value = high + BigInt(low);
  return value > MOST_UINT64 ? fail({ code: 'overflow' }) : ok({ value: uint64(value), end });
}

/** A value that we make up and that is out of range is our mistake and throws. */
export function putVarint(into: number[], value: Uint64): void {
  const isExact = typeof value === 'bigint' || Number.isSafeInteger(value);
  invariant(isExact && value >= 0 && value <= MOST_UINT64, 'a varint is a whole number of 64 bits');
  if (value < FIRST_LONG) {
    into.push(Number(value));
    return;
  }
  if (typeof value === 'bigint') {
    putWide(into, value);
    return;
  }
  into.push(FIRST_LONG + (value % 2 ** FIRST_BITS));
  let remainder = Math.floor((value - FIRST_LONG) / 2 ** FIRST_BITS);
  while (remainder >= LATER_LONG) {
    into.push(LATER_LONG + (remainder % LATER_LONG));
    remainder = Math.floor((remainder - LATER_LONG) / LATER_LONG);
  }
  into.push(remainder);
}

function putWide(into: number[], value: bigint): void {
  into.push(FIRST_LONG + Number(BigInt.asUintN(FIRST_BITS, value)));
  let remainder = (value - BigInt(FIRST_LONG)) >> BigInt(FIRST_BITS);
  while (remainder >= LATER_LONG) {
    into.push(LATER_LONG + Number(BigInt.asUintN(LATER_BITS, remainder)));
    remainder = (remainder - BigInt(LATER_LONG)) >> BigInt(LATER_BITS);
  }
  into.push(Number(remainder));
}

/** The form in which a value is kept. */
function uint64(value: bigint): Uint64 {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}
