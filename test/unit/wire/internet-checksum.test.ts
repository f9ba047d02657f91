import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checksumHolds, checksumOf, wordSum } from '../../../src/wire/internet-checksum.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

it('RFC 1071 §3 its own example adds up to ddf2', () => {
  const sum = wordSum(hex('0001f203f4f5f6f7'));
  expect(sum).toBe(0x2ddf0);
  expect(checksumOf(sum)).toBe(0xffff - 0xddf2);
});

it.each([
  ['', 0xffff],
  ['0000', 0xffff],
  ['ffff', 0x0000],
  ['ffffffff', 0x0000],
  ['ffff0001', 0xfffe],
  ['450000730000400040110000c0a80001c0a800c7', 0xb861],
])('the checksum of %s is %i', (text, expected) => {
  expect(checksumOf(wordSum(hex(text)))).toBe(expected);
});

it('RFC 1071 §4.1 an odd last byte is the high half of a word', () => {
  expect(wordSum(hex('010203'))).toBe(wordSum(hex('01020300')));
});

it('RFC 1071 §2 sums of parts add up to the sum of the whole', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (head, tail) => {
      const even = head.subarray(0, head.length & ~1);
      const whole = Uint8Array.from([...even, ...tail]);
      expect(wordSum(tail, wordSum(even))).toBe(wordSum(whole));
    }),
  );
});

it('RFC 1071 §1 what carries its checksum holds, and one bit more or less does not', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (bytes, seed) => {
      const sum = wordSum(bytes);
      const checksum = checksumOf(sum);
      expect(checksumHolds(sum + checksum)).toBe(true);
      expect(checksumHolds(sum + (checksum ^ (1 << (seed % 16))))).toBe(false);
    }),
  );
});

it('the largest packet does not overflow', () => {
  expect(checksumOf(wordSum(new Uint8Array(65_536).fill(0xff)))).toBe(0);
});
