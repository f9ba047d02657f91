/** A whole IPv4 packet as a raw socket delivers it: the header fields we judge, and what it carries. */
import type { Ipv4 } from '../base/ipv4.js';
import { ipv4FromBytes } from '../base/ipv4.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { byteAt, wordAt } from './octets.js';

/** RFC 791 §3.1. The payload is a view of the received bytes, without any padding behind the packet. */
export interface Ipv4Packet {
  readonly source: Ipv4;
  readonly destination: Ipv4;
  /** Time to live: 255 means that no router forwarded the packet. */
  readonly ttl: number;
  readonly protocol: number;
  readonly hasOptions: boolean;
  /** Part of a larger packet: a non-zero offset, or more fragments to come. */
  readonly isFragment: boolean;
  readonly payload: Uint8Array;
}

/** Lengths are in bytes. */
export type MalformedPacket =
  | { readonly code: 'truncated'; readonly found: number; readonly expected: number }
  | { readonly code: 'version'; readonly found: number; readonly expected: 4 }
  | { readonly code: 'header-length'; readonly found: number; readonly expected: number }
  | { readonly code: 'total-length'; readonly found: number; readonly expected: number };

/** The header without options, in bytes (RFC 791 §3.1). */
export const IPV4_HEADER_BYTES = 20;

const TOTAL_LENGTH_AT = 2;
const FRAGMENT_AT = 6;
/** More-fragments and the thirteen bits of the offset; don't-fragment is not among them (RFC 791 §3.1). */
const FRAGMENT_MASK = 0x3fff;
const TTL_AT = 8;
const PROTOCOL_AT = 9;
const SOURCE_AT = 12;
const DESTINATION_AT = 16;

/**
 * Reads the header (RFC 791 §3.1). Its checksum is not looked at, because the kernel drops packets whose checksum is
 * wrong before any socket sees them. Errors name the length or version found and the one that would have been right;
 * a `total-length` expects at most the bytes received, and at least its own header.
 */
export function readIpv4Packet(bytes: Uint8Array): Result<Ipv4Packet, MalformedPacket> {
  if (bytes.length < IPV4_HEADER_BYTES) {
    return fail({ code: 'truncated', found: bytes.length, expected: IPV4_HEADER_BYTES });
  }
  const first = byteAt(bytes, 0);
  if (first >>> 4 !== 4) {
    return fail({ code: 'version', found: first >>> 4, expected: 4 });
  }
  const headerLength = (first & 0x0f) * 4;
  if (headerLength < IPV4_HEADER_BYTES) {
    return fail({ code: 'header-length', found: headerLength, expected: IPV4_HEADER_BYTES });
  }
  const totalLength = wordAt(bytes, TOTAL_LENGTH_AT);
  if (totalLength < headerLength) {
    return fail({ code: 'total-length', found: totalLength, expected: headerLength });
  }
  if (totalLength > bytes.length) {
    return fail({ code: 'total-length', found: totalLength, expected: bytes.length });
  }
  return ok({
    source: ipv4FromBytes(bytes, SOURCE_AT),
    destination: ipv4FromBytes(bytes, DESTINATION_AT),
    ttl: byteAt(bytes, TTL_AT),
    protocol: byteAt(bytes, PROTOCOL_AT),
    hasOptions: headerLength > IPV4_HEADER_BYTES,
    isFragment: (wordAt(bytes, FRAGMENT_AT) & FRAGMENT_MASK) !== 0,
    payload: bytes.subarray(headerLength, totalLength),
  });
}
