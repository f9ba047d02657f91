/** A whole IPv6 packet as a packet socket delivers it: the header fields we judge, and what it carries. */
import type { Ipv6 } from '../base/ipv6.js';
import { IPV6_BYTES, ipv6FromBytes } from '../base/ipv6.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { byteAt, wordAt } from './octets.js';

/** RFC 8200 §3. The payload is a view of the received bytes, without any padding behind the packet. */
export interface Ipv6Packet {
  readonly source: Ipv6;
  readonly destination: Ipv6;
  /** 255 means that no router forwarded the packet. */
  readonly hopLimit: number;
  /** What follows the header: a protocol, or an extension header, into which we do not look. */
  readonly nextHeader: number;
  readonly payload: Uint8Array;
}

/** Lengths are in bytes. */
export type MalformedIpv6Packet =
  | { readonly code: 'truncated'; readonly found: number; readonly expected: number }
  | { readonly code: 'version'; readonly found: number; readonly expected: 6 };

/** The header, in bytes (RFC 8200 §3). */
export const IPV6_HEADER_BYTES = 40;

const PAYLOAD_LENGTH_AT = 4;
const NEXT_HEADER_AT = 6;
const HOP_LIMIT_AT = 7;
const SOURCE_AT = 8;
const DESTINATION_AT = SOURCE_AT + IPV6_BYTES;

/** Reads the header (RFC 8200 §3). Never throws, whatever the bytes. */
export function readIpv6Packet(bytes: Uint8Array): Result<Ipv6Packet, MalformedIpv6Packet> {
  if (bytes.length < IPV6_HEADER_BYTES) {
    return fail({ code: 'truncated', found: bytes.length, expected: IPV6_HEADER_BYTES });
  }
  const version = byteAt(bytes, 0) >>> 4;
  if (version !== 6) {
    return fail({ code: 'version', found: version, expected: 6 });
  }
  const end = IPV6_HEADER_BYTES + wordAt(bytes, PAYLOAD_LENGTH_AT);
  if (end > bytes.length) {
    return fail({ code: 'truncated', found: bytes.length, expected: end });
  }
  return ok({
    source: ipv6FromBytes(bytes, SOURCE_AT),
    destination: ipv6FromBytes(bytes, DESTINATION_AT),
    hopLimit: byteAt(bytes, HOP_LIMIT_AT),
    nextHeader: byteAt(bytes, NEXT_HEADER_AT),
    payload: bytes.subarray(IPV6_HEADER_BYTES, end),
  });
}
