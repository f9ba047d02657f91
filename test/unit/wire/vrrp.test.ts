import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ipv4 } from '../../../src/base/ipv4.js';
import { ipv4FromBytes } from '../../../src/base/ipv4.js';
import type { Ipv6 } from '../../../src/base/ipv6.js';
import { ok } from '../../../src/base/result.js';
import { centis } from '../../../src/base/time.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type { ChecksumForm } from '../../../src/wire/vrrp-checksum.js';
import { checksumFor } from '../../../src/wire/vrrp-checksum.js';
import type { AdvertV2, AdvertV3 } from '../../../src/wire/vrrp.js';
import { VRRP_GROUPS } from '../../../src/wire/vrrp-groups.js';
import {
  authenticationFor,
  decodeAdvert,
  encodeAdvert,
  LONGEST_ADVERT_INTERVAL,
  MOST_ADVERT_ADDRESSES,
  PASSWORD_BYTES,
  readAdvert,
  TRAILER_BYTES,
  verifyAdvert,
  vridOf,
} from '../../../src/wire/vrrp.js';

const FORMS: readonly ChecksumForm[] = ['with-pseudo-header', 'without-pseudo-header'];
const ENDPOINTS = { source: '198.51.100.10' as Ipv4, destination: VRRP_GROUPS.ipv4 };
const ADVERT: AdvertV3 = {
  version: 3,
  vrid: 51,
  priority: 200,
  maxAdvertInterval: centis(100),
  addresses: ['192.0.2.100' as Ipv4],
};
/** The same advert, its checksum computed by hand. */
const VECTORS: Readonly<Record<ChecksumForm, string>> = {
  'without-pseudo-header': '3133c80100644402c0000264',
  // Words of the pseudo-header: c633 640a e000 0012 0070 000c.
  'with-pseudo-header': '3133c80100643935c0000264',
};

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const address = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((four) => ipv4FromBytes(four, 0));
const adverts = fc.record({
  version: fc.constant(3 as const),
  vrid: fc.integer({ min: 1, max: 255 }),
  priority: fc.integer({ min: 0, max: 255 }),
  maxAdvertInterval: fc.integer({ min: 1, max: 4_095 }).map(centis),
  addresses: fc.array(address, { minLength: 1, maxLength: 20 }),
});

/** The words of `message` with its checksum made right again, so that only the field under test is wrong. */
function resealed(message: Uint8Array): Uint8Array {
  const sealed = Uint8Array.from(message);
  sealed.set([0, 0], 6);
  const found = decodeAdvert(sealed, ENDPOINTS);
  if (!found.ok && found.error.code === 'checksum') {
    const right = found.error.expected['without-pseudo-header'];
    sealed.set([right >>> 8, right & 0xff], 6);
  }
  return sealed;
}

function changed(changes: Readonly<Record<number, number>>): Uint8Array {
  const message = encodeAdvert(ADVERT, { ...ENDPOINTS, checksum: 'without-pseudo-header' });
  for (const [at, value] of Object.entries(changes)) {
    message[Number(at)] = value;
  }
  return message;
}

describe.each(FORMS)('RFC 9568 §5.2 an advert %s', (checksum) => {
  it('is written as computed by hand', () => {
    expect(encodeAdvert(ADVERT, { ...ENDPOINTS, checksum })).toEqual(bytes(VECTORS[checksum]));
  });

  it('is read as computed by hand, and says which form it has', () => {
    expect(decodeAdvert(bytes(VECTORS[checksum]), ENDPOINTS)).toEqual(
      ok({ advert: ADVERT, checksum }),
    );
  });

  it('reads back as it was written', () => {
    fc.assert(
      fc.property(adverts, address, address, (advert, source, destination) => {
        const message = encodeAdvert(advert, { source, destination, checksum });
        const decoded = decodeAdvert(message, { source, destination });
        expect(decoded).toMatchObject({ ok: true, value: { advert } });
      }),
    );
  });

  it('carries the extremes of every field', () => {
    const extremes: readonly AdvertV3[] = [
      { ...ADVERT, vrid: 1, priority: 0, maxAdvertInterval: centis(1) },
      { ...ADVERT, vrid: 255, priority: 255, maxAdvertInterval: LONGEST_ADVERT_INTERVAL },
      { ...ADVERT, addresses: Array<Ipv4>(MOST_ADVERT_ADDRESSES).fill('255.255.255.255' as Ipv4) },
    ];
    for (const advert of extremes) {
      const message = encodeAdvert(advert, { ...ENDPOINTS, checksum });
      expect(decodeAdvert(message, ENDPOINTS)).toEqual(ok({ advert, checksum }));
    }
  });

  // The endpoints matter here: a pseudo-header that adds up to a power of two could turn one form into the other.
  it('with any one bit flipped is refused, reserved bits included: the checksum covers them', () => {
    for (let bit = 0; bit < 12 * 8; bit += 1) {
      const message = bytes(VECTORS[checksum]);
      message[bit >>> 3]! ^= 1 << (bit & 7);
      expect(decodeAdvert(message, ENDPOINTS).ok, `bit ${String(bit)}`).toBe(false);
    }
  });

  it('cut short or with bytes behind it is refused at every length', () => {
    const whole = bytes(VECTORS[checksum]);
    for (let length = 0; length < 40; length += 1) {
      const message = new Uint8Array(length);
      message.set(whole.subarray(0, length));
      const error = { found: length, expected: length < 8 ? 8 : 12 };
      expect(decodeAdvert(message, ENDPOINTS)).toMatchObject(
        length === 12
          ? { ok: true }
          : { error: { ...error, code: length < 8 ? 'truncated' : 'length' } },
      );
    }
  });
});

describe('an advert on receipt', () => {
  it.each([0, 1, 2, 4, 15])('RFC 9568 §7.1 of version %i is refused', (found) => {
    const error = { code: 'version', found, expected: 3 };
    expect(decodeAdvert(changed({ 0: (found << 4) | 1 }), ENDPOINTS)).toEqual({ ok: false, error });
  });

  it.each([0, 2, 3, 15])('RFC 9568 §7.1 of type %i is refused', (found) => {
    const error = { code: 'type', found, expected: 1 };
    expect(decodeAdvert(changed({ 0: 0x30 | found }), ENDPOINTS)).toEqual({ ok: false, error });
  });

  it('RFC 9568 §5.2.5 without addresses is refused, even where its length fits', () => {
    const error = { code: 'count-zero', found: 0, expected: 1 };
    const message = resealed(changed({ 3: 0 })).subarray(0, 8);
    expect(decodeAdvert(message, ENDPOINTS)).toEqual({ ok: false, error });
  });

  it.each([2, 255])('RFC 9568 §7.1 that counts %i addresses and has one is refused', (count) => {
    const error = { code: 'length', found: 12, expected: 8 + 4 * count };
    expect(decodeAdvert(changed({ 3: count }), ENDPOINTS)).toEqual({ ok: false, error });
  });

  it.each([0, 0x4401, 0x4403, 0x3934, 0xffff])(
    'RFC 9568 §5.2.8 with checksum %i is refused and told both right ones',
    (found) => {
      const expected = { 'without-pseudo-header': 0x4402, 'with-pseudo-header': 0x3935 };
      const message = changed({ 6: found >>> 8, 7: found & 0xff });
      const error = { code: 'checksum', found, expected };
      expect(decodeAdvert(message, ENDPOINTS)).toEqual({ ok: false, error });
    },
  );

  it('RFC 5798 §5.2.8 with a pseudo-header is refused when it took another way', () => {
    const message = bytes(VECTORS['with-pseudo-header']);
    const elsewhere = { ...ENDPOINTS, source: '198.51.100.11' as Ipv4 };
    expect(decodeAdvert(message, elsewhere)).toMatchObject({ error: { code: 'checksum' } });
  });

  it.each([0x00, 0xf0])(
    'RFC 9568 §7.1 erratum 8301 with interval 0 and reserved %i is refused',
    (high) => {
      const error = { code: 'interval-zero', found: 0, expected: 1 };
      const message = resealed(changed({ 4: high, 5: 0 }));
      expect(decodeAdvert(message, ENDPOINTS)).toEqual({ ok: false, error });
    },
  );

  it('RFC 9568 §5.2.6 with reserved bits set is read as if they were not', () => {
    const message = resealed(changed({ 4: 0xf0 }));
    expect(message[4]).toBe(0xf0);
    expect(decodeAdvert(message, ENDPOINTS)).toMatchObject({ ok: true, value: { advert: ADVERT } });
  });

  it('says the form of RFC 9568 where a pseudo-header that adds up to nothing leaves both', () => {
    // 0070 000c and ff83 0000 add up to ffff, which is zero in one's complement.
    const endpoints = { source: '255.131.0.0' as Ipv4, destination: '0.0.0.0' as Ipv4 };
    for (const checksum of FORMS) {
      const message = encodeAdvert(ADVERT, { ...endpoints, checksum });
      expect(decodeAdvert(message, endpoints)).toEqual(
        ok({ advert: ADVERT, checksum: 'without-pseudo-header' }),
      );
    }
  });

  it('survives noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
        expect(decodeAdvert(noise, ENDPOINTS).ok).toBe(false);
      }),
    );
  });

  it('survives noise behind a right header, and reads whatever has a right checksum', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 100 }), (noise) => {
        const count = Math.floor((noise.length - 8) / 4);
        const message = noise.slice(0, 8 + 4 * count);
        message.set([0x31, 51, 200, count]);
        message[5] = 1;
        expect(decodeAdvert(resealed(message), ENDPOINTS)).toMatchObject({
          ok: true,
          value: { advert: { vrid: 51, priority: 200 } },
        });
      }),
    );
  });

  it('can be verified, recognized and read step by step', () => {
    const message = bytes(VECTORS['without-pseudo-header']);
    expect(verifyAdvert(message, ENDPOINTS, 3)).toEqual(
      ok({ checksum: 'without-pseudo-header', message, trailer: undefined }),
    );
    expect(vridOf(message)).toBe(51);
    expect(readAdvert(message, 3, 'ipv4')).toEqual(ok(ADVERT));
  });
});

describe('an advert with a trailer', () => {
  const trailer = Uint8Array.from({ length: TRAILER_BYTES }, (_, index) => index);

  it('is read without it, and hands it on', () => {
    const message = bytes(VECTORS['with-pseudo-header']);
    const signed = Uint8Array.from([...message, ...trailer]);
    const verified = verifyAdvert(signed, ENDPOINTS, 3);
    expect(verified).toEqual(ok({ checksum: 'with-pseudo-header', message, trailer }));
  });

  it('RFC 8200 §8.1 over IPv6 is covered by the checksum, which the kernel wrote', () => {
    const message = encodeAdvert(SIX, { ...SIX_ENDPOINTS, checksum: 'with-pseudo-header' });
    const signed = Uint8Array.from([...message, ...trailer]);
    expect(verifyAdvert(signed, SIX_ENDPOINTS, 3)).toMatchObject({ error: { code: 'checksum' } });
    signed.set([0, 0], 6);
    const right = checksumFor(signed, SIX_ENDPOINTS, 'with-pseudo-header');
    signed.set([right >>> 8, right & 0xff], 6);
    expect(verifyAdvert(signed, SIX_ENDPOINTS, 3)).toMatchObject({ ok: true, value: { trailer } });
  });
});

const SIX_ENDPOINTS = { source: 'fe80::1' as Ipv6, destination: VRRP_GROUPS.ipv6 };
const SIX: AdvertV3 = { ...ADVERT, addresses: ['fe80::100' as Ipv6, 'fd77::100' as Ipv6] };

describe('RFC 9568 §5.2 an advert over IPv6', () => {
  it.each(FORMS)('covers the pseudo-header, asked for %s', (checksum) => {
    const message = encodeAdvert(SIX, { ...SIX_ENDPOINTS, checksum });
    expect(message).toHaveLength(8 + 32);
    expect(decodeAdvert(message, SIX_ENDPOINTS)).toEqual(
      ok({ advert: SIX, checksum: 'with-pseudo-header' }),
    );
  });

  it('RFC 9568 §5.2.8 without the pseudo-header is refused', () => {
    const message = encodeAdvert(SIX, { ...SIX_ENDPOINTS, checksum: 'with-pseudo-header' });
    message.set([0, 0], 6);
    const wrong = checksumFor(message, SIX_ENDPOINTS, 'without-pseudo-header');
    message.set([wrong >>> 8, wrong & 0xff], 6);
    expect(decodeAdvert(message, SIX_ENDPOINTS)).toMatchObject({ error: { code: 'checksum' } });
  });

  it('carries addresses of its own family alone', () => {
    const encode = () => encodeAdvert(ADVERT, { ...SIX_ENDPOINTS, checksum: 'with-pseudo-header' });
    expect(encode).toThrow(BrokenAssumption);
  });
});

const TWO: AdvertV2 = { ...ADVERT, version: 2, authentication: authenticationFor(undefined) };

describe('RFC 3768 §5.1 an advert of version 2', () => {
  // 2133 + c801 + 0001 + c000 + 0264, the password's eight zeros left out.
  const VECTOR = '2133c80100015465c00002640000000000000000';

  it('is written as computed by hand, whatever form was asked for', () => {
    for (const checksum of FORMS) {
      expect(encodeAdvert(TWO, { ...ENDPOINTS, checksum })).toEqual(bytes(VECTOR));
    }
  });

  it.each(['secret', 'eightchr', 'longer than eight'])('carries the password %s', (text) => {
    const authentication = authenticationFor(new TextEncoder().encode(text));
    const advert: AdvertV2 = { ...TWO, authentication, maxAdvertInterval: centis(25_500) };
    const message = encodeAdvert(advert, { ...ENDPOINTS, checksum: 'with-pseudo-header' });
    expect(authentication.octets).toHaveLength(PASSWORD_BYTES);
    expect(decodeAdvert(message, ENDPOINTS, 2)).toEqual(
      ok({ advert, checksum: 'without-pseudo-header' }),
    );
  });

  it('RFC 3768 §7.1 is refused where version 3 is spoken, and the other way round', () => {
    expect(decodeAdvert(bytes(VECTOR), ENDPOINTS, 3)).toMatchObject({
      error: { code: 'version', found: 2 },
    });
    expect(decodeAdvert(bytes(VECTORS['with-pseudo-header']), ENDPOINTS, 2)).toMatchObject({
      error: { code: 'version', found: 3 },
    });
  });

  it('RFC 3768 §5.3.7 of interval 0 is refused', () => {
    const message = bytes(VECTOR);
    message.set([0, 0, 0x54, 0x66], 4);
    expect(decodeAdvert(message, ENDPOINTS, 2)).toMatchObject({ error: { code: 'interval-zero' } });
  });

  it.each<[string, Partial<AdvertV2>]>([
    ['RFC 3768 §5.3.7 an interval of half a second', { maxAdvertInterval: centis(50) }],
    ['RFC 3768 §5.3.7 an interval of 256 seconds', { maxAdvertInterval: centis(25_600) }],
  ])('%s is our mistake', (_name, wrong) => {
    const encode = () =>
      encodeAdvert({ ...TWO, ...wrong }, { ...ENDPOINTS, checksum: 'with-pseudo-header' });
    expect(encode).toThrow(BrokenAssumption);
  });

  it('RFC 3768 §1 over IPv6 is our mistake', () => {
    const encode = () => encodeAdvert(TWO, { ...SIX_ENDPOINTS, checksum: 'with-pseudo-header' });
    expect(encode).toThrow(BrokenAssumption);
  });
});

describe('an advert to send', () => {
  it.each<[string, Partial<AdvertV3>]>([
    ['RFC 9568 §5.2.3 VRID 0', { vrid: 0 }],
    ['RFC 9568 §5.2.3 VRID 256', { vrid: 256 }],
    ['RFC 9568 §5.2.3 VRID 1.5', { vrid: 1.5 }],
    ['RFC 9568 §5.2.4 priority -1', { priority: -1 }],
    ['RFC 9568 §5.2.4 priority 256', { priority: 256 }],
    ['RFC 9568 §5.2.5 no address', { addresses: [] }],
    ['RFC 9568 §5.2.5 256 addresses', { addresses: Array<Ipv4>(256).fill('192.0.2.1' as Ipv4) }],
    ['RFC 9568 §5.2.7 interval 0', { maxAdvertInterval: centis(0) }],
    ['RFC 9568 §5.2.7 interval 4096', { maxAdvertInterval: centis(4_096) }],
    ['RFC 9568 §5.2.7 interval 0.5', { maxAdvertInterval: centis(0.5) }],
  ])('%s is our mistake', (_name, wrong) => {
    const encode = () =>
      encodeAdvert({ ...ADVERT, ...wrong }, { ...ENDPOINTS, checksum: 'with-pseudo-header' });
    expect(encode).toThrow(BrokenAssumption);
  });
});
