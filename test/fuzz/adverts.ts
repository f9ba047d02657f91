/** The decoder of VRRP messages, in each version and over each family. */
import assert from 'node:assert/strict';
import type { Ip } from '../../src/base/ip.js';
import { ipBytes, parseIp } from '../../src/base/ip.js';
import { centis } from '../../src/base/time.js';
import type { ChecksumForm, Endpoints } from '../../src/wire/vrrp-checksum.js';
import type { Advert, VrrpVersion } from '../../src/wire/vrrp.js';
import {
  decodeAdvert,
  encodeAdvert,
  MOST_ADVERT_ADDRESSES,
  TRAILER_BYTES,
  VRRP_PROTOCOL,
} from '../../src/wire/vrrp.js';
import type { Target } from './target.js';
import { internetChecksum, pseudoHeader, putChecksum, withoutChecksum } from './target.js';

export function ip(text: string): Ip {
  const parsed = parseIp(text);
  assert(parsed.ok, text);
  return parsed.value;
}

export const OVER = {
  ipv4: { source: ip('10.77.0.2'), destination: ip('224.0.0.18') },
  ipv6: { source: ip('fe80::2'), destination: ip('ff02::12') },
} as const;

const CHECKSUM_AT = 6;
const FORMS = ['with-pseudo-header', 'without-pseudo-header'] as const;

/** By hand, and not with the code that is fuzzed. */
export function checksumByHand(
  message: Uint8Array,
  { source, destination }: Endpoints,
  form: ChecksumForm,
): number {
  const { length } = message;
  const pseudo = pseudoHeader(ipBytes(source), ipBytes(destination), {
    protocol: VRRP_PROTOCOL,
    length,
  });
  const bare = withoutChecksum(message, CHECKSUM_AT);
  return form === 'with-pseudo-header' ? internetChecksum(pseudo, bare) : internetChecksum(bare);
}

/** What the RFCs say of the fields (RFC 9568 §5.2, RFC 3768 §5.3). */
export function checkFields(advert: Advert, family: 'ipv4' | 'ipv6'): void {
  const { vrid, priority, maxAdvertInterval, addresses, version } = advert;
  assert(vrid >= 0 && vrid <= 255);
  assert(priority >= 0 && priority <= 255);
  assert(maxAdvertInterval >= 1 && maxAdvertInterval <= (version === 3 ? 4095 : 25_500));
  assert(addresses.length >= 1 && addresses.length <= MOST_ADVERT_ADDRESSES);
  assert(addresses.every((address) => ipBytes(address).length === (family === 'ipv4' ? 4 : 16)));
}

/** As {@link checksumByHand} would write it, in a form that the length of the input chooses. */
function mendChecksum(version: VrrpVersion, family: 'ipv4' | 'ipv6') {
  return (input: Uint8Array): void => {
    if (input.length < 8) {
      return;
    }
    const size = family === 'ipv4' ? 4 : 16;
    const message = 8 + input[3]! * size + (version === 2 ? 8 : 0);
    const isSigned = input.length === message + TRAILER_BYTES && family === 'ipv4';
    const covered = isSigned ? input.subarray(0, message) : input;
    const chosen = version === 2 ? 1 : family === 'ipv6' ? 0 : input[2]! % FORMS.length;
    putChecksum(input, CHECKSUM_AT, checksumByHand(covered, OVER[family], FORMS[chosen]!));
  };
}

function checkDecoded(input: Uint8Array, version: VrrpVersion, family: 'ipv4' | 'ipv6'): string {
  const decoded = decodeAdvert(input, OVER[family], version);
  if (!decoded.ok) {
    return decoded.error.code;
  }
  const { advert, checksum } = decoded.value;
  checkFields(advert, family);
  const size = family === 'ipv4' ? 4 : 16;
  const length = 8 + advert.addresses.length * size + (version === 2 ? 8 : 0);
  const trailer = input.length - length;
  assert(trailer === 0 || trailer === TRAILER_BYTES, 'a length that does not fit');
  const covered = family === 'ipv6' ? input : input.subarray(0, length);
  const found = input[CHECKSUM_AT]! * 256 + input[CHECKSUM_AT + 1]!;
  const right = checksumByHand(covered, OVER[family], checksum);
  assert(found % 0xffff === right % 0xffff, 'a wrong checksum');
  checkReadsBack(input.subarray(0, length), advert, { ...OVER[family], checksum });
  return `${checksum} ${trailer > 0 ? 'signed' : 'plain'} ${String(Math.min(advert.addresses.length, 3))}`;
}

/** What was read is written the same, but for the checksum (one of two zeros, or that of a trailer) and reserved bits. */
function checkReadsBack(
  message: Uint8Array,
  advert: Advert,
  as: Endpoints & { readonly checksum: ChecksumForm },
): void {
  if (advert.vrid === 0) {
    return;
  }
  const expected = withoutChecksum(message, CHECKSUM_AT);
  if (advert.version === 3) {
    expected[4]! &= 0x0f;
  }
  assert.deepEqual(withoutChecksum(encodeAdvert(advert, as), CHECKSUM_AT), expected);
}

function target(version: VrrpVersion, family: 'ipv4' | 'ipv6'): Target {
  return {
    name: `advert-v${String(version)}-${family}`,
    seeds: FORMS.flatMap((checksum) =>
      [1, 2, MOST_ADVERT_ADDRESSES].map((count) =>
        goodAdvert(version, family, { checksum, count }),
      ),
    ),
    run: (input) => checkDecoded(input, version, family),
    mend: mendChecksum(version, family),
  };
}

/** As a router of ours would send it. */
export function goodAdvert(
  version: VrrpVersion,
  family: 'ipv4' | 'ipv6',
  { checksum, count }: { readonly checksum: ChecksumForm; readonly count: number },
): Uint8Array {
  const address = family === 'ipv4' ? ip('10.77.0.100') : ip('fd77::100');
  const fields = {
    vrid: 51,
    priority: 254,
    maxAdvertInterval: centis(100),
    addresses: Array.from({ length: count }, () => address),
  };
  const advert: Advert =
    version === 3
      ? { version, ...fields }
      : { version, ...fields, authentication: { type: 0, octets: new Uint8Array(8) } };
  return encodeAdvert(advert, { ...OVER[family], checksum });
}

export const ADVERT_TARGETS: readonly Target[] = [
  target(3, 'ipv4'),
  target(3, 'ipv6'),
  target(2, 'ipv4'),
];
