/** The messages in one netlink datagram (linux/netlink.h, struct nlmsghdr), without an object for each. */
import { byteAt } from '../octets.js';

/** Length, type, flags, sequence, and the port of who asked for it. */
export const MESSAGE_HEAD_BYTES = 16;

/** Where they stand in it. */
export const HEAD = { type: 4, flags: 6, sequence: 8, port: 12 } as const;

/** Goes from message to message. What stands here is of the one at which it is. */
export class DatagramReader {
  type = 0;
  flags = 0;
  sequence = 0;
  /** Of an event: the socket whose request caused it, or zero. */
  port = 0;
  /** Where its body lies in {@link bytes}. */
  at = 0;
  end = 0;
  bytes: Uint8Array = NOTHING;
  #next = 0;
  #length = 0;

  /** Begins with the first `length` of these bytes, which must stay as they are until it is through. */
  begin(bytes: Uint8Array, length: number): void {
    this.bytes = bytes;
    this.#next = 0;
    this.#length = length;
  }

  /** Whether there is one more message. What is not whole is none. */
  next(): boolean {
    const { bytes } = this;
    const start = this.#next;
    if (start + MESSAGE_HEAD_BYTES > this.#length) {
      return false;
    }
    const length = hostLong(bytes, start);
    const end = start + length;
    if (length < MESSAGE_HEAD_BYTES || end > this.#length) {
      return false;
    }
    this.type = hostShort(bytes, start + HEAD.type);
    this.flags = hostShort(bytes, start + HEAD.flags);
    this.sequence = hostLong(bytes, start + HEAD.sequence);
    this.port = hostLong(bytes, start + HEAD.port);
    this.at = start + MESSAGE_HEAD_BYTES;
    this.end = end;
    this.#next = start + aligned(length);
    return true;
  }
}

/** Messages and attributes begin at multiples of four. */
export function aligned(length: number): number {
  return (length + 3) & ~3;
}

/** Two bytes in the order of the machine: little-endian where we run. */
export function hostShort(bytes: Uint8Array, at: number): number {
  return byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8);
}

/** Four of them. */
export function hostLong(bytes: Uint8Array, at: number): number {
  return (hostShort(bytes, at) | (hostShort(bytes, at + 2) << 16)) >>> 0;
}

const NOTHING = new Uint8Array(0);
