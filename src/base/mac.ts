/** Ethernet addresses as values: parsed once, in the one form the kernel prints them. */
import type { Result } from './result.js';
import { fail, ok } from './result.js';

declare const kind: unique symbol;

/** An Ethernet address in lower case with colons, such as `02:00:00:00:00:0a`. */
export type MacAddress = string & { readonly [kind]: 'mac' };

export interface NotAMacAddress {
  readonly code: 'not-a-mac-address';
  readonly found: string;
}

/** Octets of an Ethernet address. */
export const MAC_BYTES = 6;

/** Accepts six pairs of hexadecimal digits with colons, in either case. */
export function parseMac(text: string): Result<MacAddress, NotAMacAddress> {
  return /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/iu.test(text)
    ? ok(text.toLowerCase() as MacAddress)
    : fail({ code: 'not-a-mac-address', found: text });
}

/** Reads six bytes at `offset`; the caller has checked that they are there. */
export function macFromBytes(bytes: Uint8Array, offset: number): MacAddress {
  const octets = bytes.subarray(offset, offset + MAC_BYTES);
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(':') as MacAddress;
}

/** Six bytes, in the order they go onto the wire. */
export function macBytes(mac: MacAddress): Uint8Array {
  return Uint8Array.from(mac.split(':'), (octet) => Number.parseInt(octet, 16));
}
