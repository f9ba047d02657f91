import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import type { Signed } from '../../../src/wire/trailer.js';
import { encodeTrailer, isSignedWith, readTrailer } from '../../../src/wire/trailer.js';
import { TRAILER_BYTES } from '../../../src/wire/vrrp.js';

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index);
const MESSAGE = Uint8Array.from(Buffer.from('3133c80100644402c0000264', 'hex'));
const SIGNED: Signed = { version: 3, source: '198.51.100.10' as Ip, message: MESSAGE };
const SEQUENCE = 0x6800000080000000n;
const TRAILER = encodeTrailer({ keyId: 1, sequence: SEQUENCE }, SIGNED, KEY);

describe('a trailer', () => {
  it('is the one that keepalived 2.4.3 documents', () => {
    expect(Buffer.from(TRAILER).toString('hex')).toBe(
      '0101000068000000800000001b84bc4e8e43892dc6d98448f8ee2265',
    );
  });

  it('reads back as it was written, and is signed with its key alone', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 64 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 255 }),
        fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
        bytes,
        bytes,
        (keyId, sequence, key, other) => {
          const trailer = encodeTrailer({ keyId, sequence }, SIGNED, key);
          expect(trailer).toHaveLength(TRAILER_BYTES);
          expect(readTrailer(trailer)).toMatchObject({ ok: true, value: { keyId, sequence } });
          expect(isSignedWith(trailer, SIGNED, key)).toBe(true);
          expect(isSignedWith(trailer, SIGNED, other)).toBe(Buffer.compare(key, other) === 0);
        },
      ),
    );
  });

  it('does not cover the checksum, which the kernel writes later', () => {
    const resealed = Uint8Array.from(MESSAGE);
    resealed.set([0xab, 0xcd], 6);
    expect(isSignedWith(TRAILER, { ...SIGNED, message: resealed }, KEY)).toBe(true);
  });

  it.each<[string, Signed]>([
    ['another priority', { ...SIGNED, message: MESSAGE.with(2, 201) }],
    ['another virtual router', { ...SIGNED, message: MESSAGE.with(1, 52) }],
    ['another source', { ...SIGNED, source: '198.51.100.11' as Ip }],
    ['a source of another family', { ...SIGNED, source: 'fe80::1' as Ip }],
    ['another version', { ...SIGNED, version: 2 }],
    ['another address', { ...SIGNED, message: MESSAGE.with(11, 101) }],
  ])('does not sign %s', (_name, signed) => {
    expect(isSignedWith(TRAILER, signed, KEY)).toBe(false);
  });

  it('with any one bit flipped is malformed or wrong', () => {
    for (let bit = 0; bit < TRAILER_BYTES * 8; bit += 1) {
      const flipped = Uint8Array.from(TRAILER);
      flipped[bit >>> 3]! ^= 1 << (bit & 7);
      expect(readTrailer(flipped).ok && isSignedWith(flipped, SIGNED, KEY)).toBe(false);
    }
  });

  it.each<[string, Uint8Array]>([
    ['cut short', TRAILER.subarray(0, 27)],
    ['of another scheme', Uint8Array.from(TRAILER).with(0, 2)],
    ['of key 0', Uint8Array.from(TRAILER).with(1, 0)],
    ['whose zero is none', Uint8Array.from(TRAILER).with(3, 1)],
  ])('%s is malformed', (_name, trailer) => {
    expect(readTrailer(trailer)).toEqual({ ok: false, error: { code: 'trailer-malformed' } });
  });

  it.each([
    { keyId: 0, sequence: 1n },
    { keyId: 256, sequence: 1n },
    { keyId: 1, sequence: -1n },
    { keyId: 1, sequence: 1n << 64n },
  ])('with key $keyId and sequence $sequence is our mistake', (fields) => {
    expect(() => encodeTrailer(fields, SIGNED, KEY)).toThrow(BrokenAssumption);
  });
});
