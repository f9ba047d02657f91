/** VRRP version 3 advertisements over IPv4 (RFC 9568 §5.2): bytes to values and back. */
import type { Ipv4 } from '../base/ipv4.js';
import type { Ip } from '../base/ip.js';
import { ipBytes } from '../base/ip.js';
import { ipv4FromBytes } from '../base/ipv4.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Centis } from '../base/time.js';
import { centis } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import { checksumHolds, checksumOf, wordSum } from './internet-checksum.js';
import { byteAt, putWord, wordAt } from './octets.js';

/** Where multicast adverts go (RFC 9568 §5.1.1.2). */
export const VRRP_GROUP: Ipv4 = '224.0.0.18' as Ipv4;

/** The IP protocol number (RFC 9568 §5.1.1.4). */
export const VRRP_PROTOCOL = 112;

/** A receiver must drop anything else, which proves the sender is on this link (RFC 9568 §5.1.1.3). */
export const VRRP_TTL = 255;

/** The fixed part of a message, in bytes (RFC 9568 §5.2). */
export const VRRP_HEADER_BYTES = 8;

/** The master stops taking part (RFC 9568 §5.2.4). */
export const PRIORITY_RESIGNS = 0;

/** The sender owns the addresses (RFC 9568 §5.2.4). */
export const PRIORITY_OWNER = 255;

/** The longest interval twelve bits can carry, 40.95 s (RFC 9568 §5.2.7). */
export const LONGEST_ADVERT_INTERVAL: Centis = centis(0x0fff);

/** What one message can carry (RFC 9568 §5.2.5). */
export const MOST_ADVERT_ADDRESSES = 255;

/** One advertisement (RFC 9568 §5.2). Version 2 and IPv6 will be members of a union with this one. */
export interface Advert {
  readonly version: 3;
  /** 1–255 (RFC 9568 §5.2.3). */
  readonly vrid: number;
  /** 0–255; see {@link PRIORITY_RESIGNS} and {@link PRIORITY_OWNER}. */
  readonly priority: number;
  /** Hundredths of a second, 1–4095 (RFC 9568 §5.2.7). */
  readonly maxAdvertInterval: Centis;
  /** The virtual addresses, 1–255 of them (RFC 9568 §5.2.9). */
  readonly addresses: readonly Ip[];
}

/**
 * Whether the checksum covers a pseudo-header. RFC 9568 §5.2.8 leaves it out over IPv4; keepalived, tcpdump and
 * Wireshark read RFC 5798 §5.2.8 to include it. Both are understood.
 */
export type ChecksumForm = 'with-pseudo-header' | 'without-pseudo-header';

/** The IP addresses a message travels between: the pseudo-header names them. */
export interface Endpoints {
  readonly source: Ip;
  readonly destination: Ip;
}

/** What is wrong with a message, in the order of RFC 9568 §7.1. Lengths are in bytes. */
export type AdvertMalformation =
  | { readonly code: 'truncated'; readonly found: number; readonly expected: number }
  | { readonly code: 'version'; readonly found: number; readonly expected: 3 }
  | { readonly code: 'type'; readonly found: number; readonly expected: 1 }
  | { readonly code: 'count-zero'; readonly found: 0; readonly expected: 1 }
  | { readonly code: 'length'; readonly found: number; readonly expected: number }
  | { readonly code: 'checksum'; readonly found: number; readonly expected: ExpectedChecksums }
  | IntervalZero;

/** The right checksum in each form. */
export type ExpectedChecksums = Readonly<Record<ChecksumForm, number>>;

/** A master that promises adverts every 0 s is taken for dead at once (RFC 9568 §7.1 with erratum 8301). */
export interface IntervalZero {
  readonly code: 'interval-zero';
  readonly found: 0;
  readonly expected: 1;
}

export interface DecodedAdvert {
  readonly advert: Advert;
  readonly checksum: ChecksumForm;
}

const VERSION = 3;
const ADVERTISEMENT = 1;
const VRID_AT = 1;
const PRIORITY_AT = 2;
const COUNT_AT = 3;
const INTERVAL_AT = 4;
const CHECKSUM_AT = 6;
const ADDRESS_BYTES = 4;

/** One message without an IP header (RFC 9568 §7.2). A field out of range is our mistake and throws. */
export function encodeAdvert(
  advert: Advert,
  as: Endpoints & { readonly checksum: ChecksumForm },
): Uint8Array {
  const { vrid, priority, maxAdvertInterval, addresses } = advert;
  invariant(isWhole(vrid, 1, 255), 'a VRID is 1 to 255');
  invariant(isWhole(priority, PRIORITY_RESIGNS, PRIORITY_OWNER), 'a priority is 0 to 255');
  invariant(isWhole(maxAdvertInterval, 1, LONGEST_ADVERT_INTERVAL), 'an interval is 1 to 4095 cs');
  invariant(
    isWhole(addresses.length, 1, MOST_ADVERT_ADDRESSES),
    'an advert has 1 to 255 addresses',
  );
  const message = new Uint8Array(VRRP_HEADER_BYTES + addresses.length * ADDRESS_BYTES);
  message.set([(VERSION << 4) | ADVERTISEMENT, vrid, priority, addresses.length]);
  putWord(message, INTERVAL_AT, maxAdvertInterval);
  addresses.forEach((address, index) => {
    message.set(ipBytes(address), VRRP_HEADER_BYTES + index * ADDRESS_BYTES);
  });
  const right = rightChecksums(wordSum(message), pseudoHeaderSum(as, message.length));
  putWord(message, CHECKSUM_AT, right[as.checksum]);
  return message;
}

/**
 * The checks of {@link verifyAdvert}, then those of {@link readAdvert}. Never throws, whatever the bytes.
 * The four reserved bits are covered by the checksum and otherwise ignored (RFC 9568 §5.2.6).
 */
export function decodeAdvert(
  message: Uint8Array,
  endpoints: Endpoints,
): Result<DecodedAdvert, AdvertMalformation> {
  const form = verifyAdvert(message, endpoints);
  if (!form.ok) {
    return form;
  }
  const advert = readAdvert(message);
  return advert.ok ? ok({ advert: advert.value, checksum: form.value }) : advert;
}

/**
 * Whether these bytes are one intact advertisement, and whose idea of a checksum it carries (RFC 9568 §7.1).
 * Allocates next to nothing, so that noise is cheap. The length has to fit exactly: RFC 9568 §7.1 asks for a complete
 * message only, but nothing may follow the last address, and what does is not covered by the count.
 */
export function verifyAdvert(
  message: Uint8Array,
  endpoints: Endpoints,
): Result<ChecksumForm, AdvertMalformation> {
  if (message.length < VRRP_HEADER_BYTES) {
    return fail({ code: 'truncated', found: message.length, expected: VRRP_HEADER_BYTES });
  }
  const first = byteAt(message, 0);
  if (first >>> 4 !== VERSION) {
    return fail({ code: 'version', found: first >>> 4, expected: VERSION });
  }
  if ((first & 0x0f) !== ADVERTISEMENT) {
    return fail({ code: 'type', found: first & 0x0f, expected: ADVERTISEMENT });
  }
  const count = byteAt(message, COUNT_AT);
  if (count === 0) {
    return fail({ code: 'count-zero', found: 0, expected: 1 });
  }
  const expected = VRRP_HEADER_BYTES + count * ADDRESS_BYTES;
  if (message.length !== expected) {
    return fail({ code: 'length', found: message.length, expected });
  }
  return checksumForm(message, endpoints);
}

/** The virtual router an intact message speaks for; {@link verifyAdvert} has accepted it. */
export function vridOf(message: Uint8Array): number {
  return byteAt(message, VRID_AT);
}

/** The fields of a message that {@link verifyAdvert} has accepted; only its interval can still be wrong. */
export function readAdvert(message: Uint8Array): Result<Advert, IntervalZero> {
  const interval = wordAt(message, INTERVAL_AT) & LONGEST_ADVERT_INTERVAL;
  if (interval === 0) {
    return fail({ code: 'interval-zero', found: 0, expected: 1 });
  }
  const addresses: Ipv4[] = [];
  for (let at = VRRP_HEADER_BYTES; at < message.length; at += ADDRESS_BYTES) {
    addresses.push(ipv4FromBytes(message, at));
  }
  return ok({
    version: VERSION,
    vrid: vridOf(message),
    priority: byteAt(message, PRIORITY_AT),
    maxAdvertInterval: centis(interval),
    addresses,
  });
}

/** Where both forms hold, because the pseudo-header adds up to nothing, that of RFC 9568 §5.2.8 is reported. */
function checksumForm(
  message: Uint8Array,
  endpoints: Endpoints,
): Result<ChecksumForm, AdvertMalformation> {
  const sum = wordSum(message);
  if (checksumHolds(sum)) {
    return ok('without-pseudo-header');
  }
  const pseudo = pseudoHeaderSum(endpoints, message.length);
  if (checksumHolds(sum + pseudo)) {
    return ok('with-pseudo-header');
  }
  const found = wordAt(message, CHECKSUM_AT);
  return fail({ code: 'checksum', found, expected: rightChecksums(sum - found, pseudo) });
}

/** `sum` is that of the message with its checksum field read as zero. */
function rightChecksums(sum: number, pseudo: number): ExpectedChecksums {
  return {
    'without-pseudo-header': checksumOf(sum),
    'with-pseudo-header': checksumOf(sum + pseudo),
  };
}

/** Source, destination, a zero byte, the protocol and the message's length, as TCP has it over IPv4 (RFC 793 §3.1). */
function pseudoHeaderSum({ source, destination }: Endpoints, length: number): number {
  return wordSum(ipBytes(source), wordSum(ipBytes(destination), VRRP_PROTOCOL + length));
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
