/**
 * The trailer that authenticates a VRRP message: HMAC-SHA-256, as keepalived has it from 2.4.2 on. It stands behind the
 * message, in either version and over either family.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Ip } from '../base/ip.js';
import { familyOf, ipBytes } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { invariant } from '../base/unreachable.js';
import { byteAt, wordAt } from './octets.js';
import { CHECKSUM_AT } from './vrrp-checksum.js';
import type { VrrpVersion } from './vrrp.js';
import { TRAILER_BYTES, vridOf } from './vrrp.js';

/** One trailer, its signature apart. */
export interface Trailer {
  /** 1–255. */
  readonly keyId: number;
  /** Sixty-four bits: seconds since 1970, their fraction in 1/65536, and a counter. It only ever grows. */
  readonly sequence: bigint;
  /** The first {@link SIGNATURE_BYTES} bytes of the HMAC. */
  readonly signature: Uint8Array;
}

/** What is signed beside the trailer's own fields. The destination is not, so copies to several peers are one. */
export interface Signed {
  readonly version: VrrpVersion;
  readonly source: Ip;
  /** Without a trailer; its checksum is read as zero, because the kernel writes it later. */
  readonly message: Uint8Array;
}

export const SIGNATURE_BYTES = 16;

const SCHEME_HMAC_SHA_256 = 1;
const KEY_ID_AT = 1;
const ZERO_AT = 2;
const SEQUENCE_AT = 4;
const SIGNATURE_AT = 12;
const PSEUDO_HEADER_BYTES = 20;
const ADDRESS_IN_PSEUDO_HEADER_AT = 4;
const SEQUENCE_BITS = 64;

/** The trailer for a message. A key id or sequence out of range is our mistake and throws. */
export function encodeTrailer(
  { keyId, sequence }: Pick<Trailer, 'keyId' | 'sequence'>,
  signed: Signed,
  secret: Uint8Array,
): Uint8Array {
  invariant(Number.isInteger(keyId) && keyId >= 1 && keyId <= 255, 'a key id is 1 to 255');
  invariant(sequence === BigInt.asUintN(SEQUENCE_BITS, sequence), 'a sequence has 64 bits');
  const trailer = Buffer.alloc(TRAILER_BYTES);
  trailer[0] = SCHEME_HMAC_SHA_256;
  trailer[KEY_ID_AT] = keyId;
  trailer.writeBigUInt64BE(sequence, SEQUENCE_AT);
  trailer.set(signatureOf(trailer, signed, secret), SIGNATURE_AT);
  return trailer;
}

/** Whether these {@link TRAILER_BYTES} bytes are a trailer we know; says nothing of who made it. Never throws. */
export function readTrailer(
  bytes: Uint8Array,
): Result<Trailer, { readonly code: 'trailer-malformed' }> {
  const malformed =
    bytes.length !== TRAILER_BYTES ||
    byteAt(bytes, 0) !== SCHEME_HMAC_SHA_256 ||
    byteAt(bytes, KEY_ID_AT) === 0 ||
    wordAt(bytes, ZERO_AT) !== 0;
  if (malformed) {
    return fail({ code: 'trailer-malformed' });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return ok({
    keyId: byteAt(bytes, KEY_ID_AT),
    sequence: view.getBigUint64(SEQUENCE_AT),
    signature: bytes.subarray(SIGNATURE_AT),
  });
}

/** Whether the trailer was made with this key for this message; takes as long for a wrong one as for a right one. */
export function isSignedWith(trailer: Uint8Array, signed: Signed, secret: Uint8Array): boolean {
  return timingSafeEqual(trailer.subarray(SIGNATURE_AT), signatureOf(trailer, signed, secret));
}

/**
 * Over a pseudo-header (family 4 or 6, version, VRID, zero, source), the message with its checksum zero, the trailer's
 * fields, and zeros in the place of the signature.
 */
function signatureOf(
  trailer: Uint8Array,
  { version, source, message }: Signed,
  secret: Uint8Array,
): Uint8Array {
  const pseudo = new Uint8Array(PSEUDO_HEADER_BYTES);
  pseudo.set([familyOf(source) === 'ipv6' ? 6 : 4, version, vridOf(message)]);
  pseudo.set(ipBytes(source), ADDRESS_IN_PSEUDO_HEADER_AT);
  return createHmac('sha256', secret)
    .update(pseudo)
    .update(message.subarray(0, CHECKSUM_AT))
    .update(NO_CHECKSUM)
    .update(message.subarray(CHECKSUM_AT + NO_CHECKSUM.length))
    .update(trailer.subarray(0, SIGNATURE_AT))
    .update(NO_SIGNATURE)
    .digest()
    .subarray(0, SIGNATURE_BYTES);
}

const NO_CHECKSUM = new Uint8Array(2);
const NO_SIGNATURE = new Uint8Array(SIGNATURE_BYTES);
