/** Packets on protocol 112 as they arrive, right but for what a test says is wrong with them. */
import { familyOf, ipBytes } from '../../../src/base/ip.js';
import type { Ip } from '../../../src/base/ip.js';
import type { Ipv6 } from '../../../src/base/ipv6.js';
import type { Arrived } from '../../../src/core/receive-checks.js';
import { putWord } from '../../../src/wire/octets.js';
import { encodeTrailer } from '../../../src/wire/trailer.js';
import type { ChecksumForm } from '../../../src/wire/vrrp-checksum.js';
import { CHECKSUM_AT, checksumFor } from '../../../src/wire/vrrp-checksum.js';
import type { Advert } from '../../../src/wire/vrrp.js';
import { encodeAdvert } from '../../../src/wire/vrrp.js';

/** Offsets and what to write there; negative ones count from the end. */
export type Bytes = Readonly<Record<number, number>>;

export interface Signature {
  readonly keyId: number;
  readonly secret: Uint8Array;
  readonly sequence: bigint;
}

export interface Sent {
  readonly advert: Advert;
  readonly source: Ip;
  readonly destination: Ip;
  /** TTL or hop limit; 255 where nothing is said. */
  readonly ttl?: number;
  /** Written into the message before its checksum and its signature are made. */
  readonly fields?: Bytes;
  /** How many bytes to take away from the end of the message before that, and what to put there. */
  readonly without?: number;
  readonly more?: readonly number[];
  readonly signature?: Signature | undefined;
  /** Written into the message and its trailer once all is done. */
  readonly spoilt?: Bytes;
  /** What is left of message and trailer. */
  readonly cutTo?: number;
  /** Written into the IPv4 header. */
  readonly header?: Bytes;
  readonly options?: readonly number[];
  /** The form with a pseudo-header is what keepalived sends; version 2 never has one. */
  readonly checksum?: ChecksumForm;
  readonly checksumOffBy?: number;
}

export function arrive(sent: Sent): Arrived {
  const { source, destination, ttl = 255, header = {}, options = [] } = sent;
  const payload = payloadOf(sent);
  if (familyOf(source) === 'ipv6') {
    const addresses = { source: source as Ipv6, destination: destination as Ipv6 };
    return { family: 'ipv6', ...addresses, hopLimit: ttl, payload };
  }
  const length = 20 + options.length + payload.length;
  const packet = Uint8Array.from([
    ...[0x45 + options.length / 4, 0xc0, length >>> 8, length & 0xff, 0, 1, 0, 0, ttl, 112, 0, 0],
    ...ipBytes(source),
    ...ipBytes(destination),
    ...options,
    ...payload,
  ]);
  write(packet, header);
  return { family: 'ipv4', packet };
}

function payloadOf(sent: Sent): Uint8Array {
  const { advert, source, destination, fields = {}, signature, spoilt = {}, cutTo } = sent;
  const form = advert.version === 2 ? 'without-pseudo-header' : 'with-pseudo-header';
  const endpoints = { source, destination, checksum: sent.checksum ?? form };
  const whole = encodeAdvert(advert, endpoints);
  const kept = whole.subarray(0, whole.length - (sent.without ?? 0));
  const message = Uint8Array.from([...kept, ...(sent.more ?? [])]);
  write(message, fields);
  const trailer =
    signature === undefined
      ? []
      : encodeTrailer(signature, { version: advert.version, source, message }, signature.secret);
  const payload = Uint8Array.from([...message, ...trailer]);
  // Over IPv6 it is the kernel that writes the checksum, over all that it sends.
  const covered = familyOf(source) === 'ipv6' ? payload : message;
  putWord(covered, CHECKSUM_AT, 0);
  const right = checksumFor(covered, endpoints, endpoints.checksum);
  putWord(payload, CHECKSUM_AT, (right + (sent.checksumOffBy ?? 0)) & 0xffff);
  write(payload, spoilt);
  return payload.subarray(0, cutTo);
}

function write(bytes: Uint8Array, changes: Bytes): void {
  for (const [at, value] of Object.entries(changes)) {
    const offset = Number(at) < 0 ? bytes.length + Number(at) : Number(at);
    bytes[offset] = value;
  }
}
