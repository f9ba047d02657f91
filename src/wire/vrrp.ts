/** VRRP advertisements, of version 3 (RFC 9568 §5.2) and 2 (RFC 3768 §5.1): bytes to values and back. */
import type { Family, Ip } from '../base/ip.js';
import { familyOf, ipBytes } from '../base/ip.js';
import { ipv4FromBytes } from '../base/ipv4.js';
import { ipv6FromBytes } from '../base/ipv6.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Centis } from '../base/time.js';
import { centis } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import { byteAt, putWord, wordAt } from './octets.js';
import type { ChecksumForm, Endpoints, ExpectedChecksums } from './vrrp-checksum.js';
import { CHECKSUM_AT, checksumFor, checksumForm } from './vrrp-checksum.js';

/** The IP protocol number (RFC 9568 §5.1.1.4). */
export const VRRP_PROTOCOL = 112;

/** A receiver must drop anything else, which proves the sender is on this link (RFC 9568 §5.1.1.3). */
export const VRRP_TTL = 255;

/** The fixed part of a message, in bytes (RFC 9568 §5.2). */
export const VRRP_HEADER_BYTES = 8;

/** The authentication data at the end of a version 2 message, in bytes (RFC 3768 §5.1). */
export const PASSWORD_BYTES = 8;

/** What keepalived from 2.4.2 on appends to authenticate a message. */
export const TRAILER_BYTES = 28;

/** The master stops taking part (RFC 9568 §5.2.4). */
export const PRIORITY_RESIGNS = 0;

/** The sender owns the addresses (RFC 9568 §5.2.4). */
export const PRIORITY_OWNER = 255;

/** The longest interval twelve bits can carry, 40.95 s (RFC 9568 §5.2.7). */
export const LONGEST_ADVERT_INTERVAL: Centis = centis(0x0fff);

/** What one message can carry (RFC 9568 §5.2.5). */
export const MOST_ADVERT_ADDRESSES = 255;

export type VrrpVersion = 2 | 3;

export type Advert = AdvertV3 | AdvertV2;

interface AdvertFields {
  /** 1–255 (RFC 9568 §5.2.3). */
  readonly vrid: number;
  /** 0–255; see {@link PRIORITY_RESIGNS} and {@link PRIORITY_OWNER}. */
  readonly priority: number;
  /** Hundredths of a second. Version 3: 1–4095 (RFC 9568 §5.2.7). Version 2: 1–255 whole seconds (RFC 3768 §5.3.7). */
  readonly maxAdvertInterval: Centis;
  /** The virtual addresses, 1–255 of them, all of the family it travels over (RFC 9568 §5.2.9). */
  readonly addresses: readonly Ip[];
}

export interface AdvertV3 extends AdvertFields {
  readonly version: 3;
}

export interface AdvertV2 extends AdvertFields {
  readonly version: 2;
  readonly authentication: AdvertAuthentication;
}

/** RFC 3768 §5.3.6 removed what RFC 2338 §5.3.6 had; keepalived and old routers still have the password. */
export interface AdvertAuthentication {
  /** 0: none; 1: a simple password; any other is only ever heard. */
  readonly type: number;
  /** {@link PASSWORD_BYTES} bytes, filled up with zeros. */
  readonly octets: Uint8Array;
}

/** What is wrong with a message, in the order of RFC 9568 §7.1. Lengths are in bytes. */
export type AdvertMalformation =
  | { readonly code: 'truncated'; readonly found: number; readonly expected: number }
  | { readonly code: 'version'; readonly found: number; readonly expected: VrrpVersion }
  | { readonly code: 'type'; readonly found: number; readonly expected: 1 }
  | { readonly code: 'count-zero'; readonly found: 0; readonly expected: 1 }
  | { readonly code: 'length'; readonly found: number; readonly expected: number }
  | { readonly code: 'checksum'; readonly found: number; readonly expected: ExpectedChecksums }
  | IntervalZero;

/** A master that promises adverts every 0 s is taken for dead at once (RFC 9568 §7.1 with erratum 8301). */
export interface IntervalZero {
  readonly code: 'interval-zero';
  readonly found: 0;
  readonly expected: 1;
}

/** A message that is intact, not yet read. */
export interface VerifiedAdvert {
  readonly checksum: ChecksumForm;
  /** Without what follows it. */
  readonly message: Uint8Array;
  /** {@link TRAILER_BYTES} bytes behind the message, not looked at. */
  readonly trailer: Uint8Array | undefined;
}

export interface DecodedAdvert {
  readonly advert: Advert;
  readonly checksum: ChecksumForm;
}

const ADVERTISEMENT = 1;
const VRID_AT = 1;
const PRIORITY_AT = 2;
const COUNT_AT = 3;
/** Version 3: sixteen bits, of which twelve count. */
const INTERVAL_AT = 4;
/** Version 2: a byte each. */
const AUTHENTICATION_TYPE_AT = 4;
const SECONDS_AT = 5;
const CENTIS_PER_SECOND = 100;
const ADDRESS_BYTES: Readonly<Record<Family, number>> = { ipv4: 4, ipv6: 16 };
const NO_AUTHENTICATION: AdvertAuthentication = { type: 0, octets: new Uint8Array(PASSWORD_BYTES) };

/** What a version 2 message says of itself, for a password or for none. */
export function authenticationFor(password: Uint8Array | undefined): AdvertAuthentication {
  if (password === undefined) {
    return NO_AUTHENTICATION;
  }
  const octets = new Uint8Array(PASSWORD_BYTES);
  octets.set(password.subarray(0, PASSWORD_BYTES));
  return { type: 1, octets };
}

/**
 * One message without an IP header (RFC 9568 §7.2), checksum included; over IPv6 the kernel writes it anew where a
 * trailer follows. A field out of range is our mistake and throws.
 */
export function encodeAdvert(
  advert: Advert,
  as: Endpoints & { readonly checksum: ChecksumForm },
): Uint8Array {
  const { version, vrid, priority, maxAdvertInterval, addresses } = advert;
  const family = familyOf(as.source);
  const count = addresses.length;
  invariant(isWhole(vrid, 1, 255), 'a VRID is 1 to 255');
  invariant(isWhole(priority, PRIORITY_RESIGNS, PRIORITY_OWNER), 'a priority is 0 to 255');
  invariant(isWhole(count, 1, MOST_ADVERT_ADDRESSES), 'an advert has 1 to 255 addresses');
  invariant(version === 3 || family === 'ipv4', 'version 2 travels over IPv4');
  const message = new Uint8Array(messageBytes(version, family, count));
  message.set([(version << 4) | ADVERTISEMENT, vrid, priority, count]);
  addresses.forEach((address, index) => {
    invariant(familyOf(address) === family, 'an advert carries addresses of its own family');
    message.set(ipBytes(address), VRRP_HEADER_BYTES + index * ADDRESS_BYTES[family]);
  });
  if (advert.version === 3) {
    invariant(
      isWhole(maxAdvertInterval, 1, LONGEST_ADVERT_INTERVAL),
      'an interval is 1 to 4095 cs',
    );
    putWord(message, INTERVAL_AT, maxAdvertInterval);
  } else {
    const seconds = maxAdvertInterval / CENTIS_PER_SECOND;
    invariant(isWhole(seconds, 1, 255), 'a version 2 interval is 1 to 255 whole seconds');
    message.set([advert.authentication.type, seconds], AUTHENTICATION_TYPE_AT);
    message.set(advert.authentication.octets, message.length - PASSWORD_BYTES);
  }
  putWord(message, CHECKSUM_AT, checksumFor(message, as, formOf(version, family, as.checksum)));
  return message;
}

/** IPv6 always covers the pseudo-header (RFC 9568 §5.2.8), version 2 never (RFC 3768 §5.3.8). */
function formOf(version: VrrpVersion, family: Family, chosen: ChecksumForm): ChecksumForm {
  if (version === 2) {
    return 'without-pseudo-header';
  }
  return family === 'ipv6' ? 'with-pseudo-header' : chosen;
}

/**
 * The checks of {@link verifyAdvert}, then those of {@link readAdvert}. Never throws, whatever the bytes.
 * The four reserved bits are covered by the checksum and otherwise ignored (RFC 9568 §5.2.6).
 */
export function decodeAdvert(
  bytes: Uint8Array,
  endpoints: Endpoints,
  version: VrrpVersion = 3,
): Result<DecodedAdvert, AdvertMalformation> {
  const verified = verifyAdvert(bytes, endpoints, version);
  if (!verified.ok) {
    return verified;
  }
  const { message, checksum } = verified.value;
  const advert = readAdvert(message, version, familyOf(endpoints.source));
  return advert.ok ? ok({ advert: advert.value, checksum }) : advert;
}

/**
 * Whether these bytes are one intact advertisement of the version, and whose idea of a checksum it carries (RFC 9568
 * §7.1). Allocates next to nothing, so that noise is cheap. The length has to fit exactly, without a trailer or with
 * one: RFC 9568 §7.1 asks for a complete message only, but what follows the last address is not covered by the count.
 */
export function verifyAdvert(
  bytes: Uint8Array,
  endpoints: Endpoints,
  version: VrrpVersion,
): Result<VerifiedAdvert, AdvertMalformation> {
  if (bytes.length < VRRP_HEADER_BYTES) {
    return fail({ code: 'truncated', found: bytes.length, expected: VRRP_HEADER_BYTES });
  }
  const first = byteAt(bytes, 0);
  if (first >>> 4 !== version) {
    return fail({ code: 'version', found: first >>> 4, expected: version });
  }
  if ((first & 0x0f) !== ADVERTISEMENT) {
    return fail({ code: 'type', found: first & 0x0f, expected: ADVERTISEMENT });
  }
  const count = byteAt(bytes, COUNT_AT);
  if (count === 0) {
    return fail({ code: 'count-zero', found: 0, expected: 1 });
  }
  const family = familyOf(endpoints.source);
  const expected = messageBytes(version, family, count);
  const isSigned = bytes.length === expected + TRAILER_BYTES;
  if (!isSigned && bytes.length !== expected) {
    return fail({ code: 'length', found: bytes.length, expected });
  }
  const message = isSigned ? bytes.subarray(0, expected) : bytes;
  // Over IPv4 the checksum is that of the message; over IPv6 it is that of the packet, which the kernel writes.
  const form = checksumForm(
    family === 'ipv6' ? bytes : message,
    endpoints,
    formsOf(version, family),
  );
  const trailer = isSigned ? bytes.subarray(expected) : undefined;
  return form.ok
    ? ok({ checksum: form.value, message, trailer })
    : fail({ code: 'checksum', ...form.error });
}

/** Those that are understood. Both camps are right over IPv4; see {@link ChecksumForm}. */
function formsOf(version: VrrpVersion, family: Family): readonly ChecksumForm[] {
  if (version === 2) {
    return MESSAGE_ONLY;
  }
  return family === 'ipv6' ? PSEUDO_ONLY : EITHER;
}

const MESSAGE_ONLY = ['without-pseudo-header'] as const;
const PSEUDO_ONLY = ['with-pseudo-header'] as const;
const EITHER = ['without-pseudo-header', 'with-pseudo-header'] as const;

/** The virtual router a message of at least {@link VRRP_HEADER_BYTES} bytes speaks for, in either version. */
export function vridOf(message: Uint8Array): number {
  return byteAt(message, VRID_AT);
}

/** The fields of a message that {@link verifyAdvert} has accepted; only its interval can still be wrong. */
export function readAdvert(
  message: Uint8Array,
  version: VrrpVersion,
  family: Family,
): Result<Advert, IntervalZero> {
  const interval =
    version === 3
      ? wordAt(message, INTERVAL_AT) & LONGEST_ADVERT_INTERVAL
      : byteAt(message, SECONDS_AT) * CENTIS_PER_SECOND;
  if (interval === 0) {
    return fail({ code: 'interval-zero', found: 0, expected: 1 });
  }
  const fields = {
    vrid: vridOf(message),
    priority: byteAt(message, PRIORITY_AT),
    maxAdvertInterval: centis(interval),
    addresses: readAddresses(message, family),
  };
  return ok(
    version === 3
      ? { version, ...fields }
      : { version, ...fields, authentication: readAuthentication(message) },
  );
}

function readAddresses(message: Uint8Array, family: Family): readonly Ip[] {
  const size = ADDRESS_BYTES[family];
  const end = VRRP_HEADER_BYTES + byteAt(message, COUNT_AT) * size;
  const addresses: Ip[] = [];
  for (let at = VRRP_HEADER_BYTES; at < end; at += size) {
    addresses.push(family === 'ipv6' ? ipv6FromBytes(message, at) : ipv4FromBytes(message, at));
  }
  return addresses;
}

function readAuthentication(message: Uint8Array): AdvertAuthentication {
  return {
    type: byteAt(message, AUTHENTICATION_TYPE_AT),
    octets: message.subarray(message.length - PASSWORD_BYTES),
  };
}

function messageBytes(version: VrrpVersion, family: Family, count: number): number {
  const password = version === 2 ? PASSWORD_BYTES : 0;
  return VRRP_HEADER_BYTES + count * ADDRESS_BYTES[family] + password;
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
