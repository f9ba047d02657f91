/** IPv4 addresses as values: parsed once, compared as numbers, printed as people write them. */
import type { Result } from './result.js';
import { fail, ok } from './result.js';

declare const kind: unique symbol;

/** An IPv4 address in its one canonical dotted form, such as `10.77.0.100`. */
export type Ipv4 = string & { readonly [kind]: 'ipv4' };

export interface NotAnAddress {
  readonly code: 'not-an-address';
  readonly found: string;
}

/** Accepts only dotted decimal without leading zeros, because `010` means different things to different programs. */
export function parseIpv4(text: string): Result<Ipv4, NotAnAddress> {
  const parts = text.split('.');
  const valid =
    parts.length === 4 &&
    parts.every((part) => /^(?:0|[1-9]\d{0,2})$/u.test(part) && Number(part) <= 255);
  return valid ? ok(text as Ipv4) : fail({ code: 'not-an-address', found: text });
}

/** Four bytes, network order. */
export function ipv4Bytes(address: Ipv4): Uint8Array {
  const number = asNumber(address);
  return Uint8Array.of(number >>> 24, (number >>> 16) & 0xff, (number >>> 8) & 0xff, number & 0xff);
}

/** Reads four bytes at `offset`, network order. */
export function ipv4FromBytes(bytes: Uint8Array, offset: number): Ipv4 {
  // Four plain reads are several times faster than `join`, and every packet received comes through here.
  const [a, b, c, d] = [bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]];
  return `${String(a)}.${String(b)}.${String(c)}.${String(d)}` as Ipv4;
}

/** Negative, zero or positive, comparing as numbers: the tie-break of RFC 9568 §6.4.3. */
export function compareIpv4(a: Ipv4, b: Ipv4): number {
  return asNumber(a) - asNumber(b);
}

/** The groups 224.0.0.0/4 (RFC 1112 §4). */
export function isMulticast(address: Ipv4): boolean {
  return asNumber(address) >>> 28 === 0b1110;
}

/** One pass over the characters: several times faster than `split`, and every advert comes through here. */
function asNumber(address: Ipv4): number {
  let total = 0;
  let part = 0;
  for (let at = 0; at < address.length; at += 1) {
    const code = address.charCodeAt(at);
    if (code === DOT) {
      total = total * 256 + part;
      part = 0;
    } else {
      part = part * 10 + code - ZERO;
    }
  }
  return total * 256 + part;
}

const DOT = '.'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);
