/** Numbers in and out of bytes whose length has been checked. */
import { invariant } from '../base/unreachable.js';

/** One byte. Reading behind the end is our mistake and throws. */
export function byteAt(bytes: Uint8Array, offset: number): number {
  const value = bytes[offset];
  invariant(value !== undefined, 'a read stays inside the bytes it was checked for');
  return value;
}

/** Two bytes, network order. */
export function wordAt(bytes: Uint8Array, offset: number): number {
  return (byteAt(bytes, offset) << 8) | byteAt(bytes, offset + 1);
}

/** Writes two bytes at `offset`, network order. */
export function putWord(bytes: Uint8Array, offset: number, value: number): void {
  bytes.set([value >>> 8, value & 0xff], offset);
}

/** Both, in bytes of their own. */
export function oneAfterOther(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

/** The same bytes and no Buffer: what meets one kind of arrays only runs faster. */
export function plainOctets(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
