import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import { byteAt, oneAfterOther, putWord, wordAt } from '../../../src/wire/octets.js';

it('a word reads back as it was written, in network order', () => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.nat(6), (value, offset) => {
      const bytes = new Uint8Array(8);
      putWord(bytes, offset, value);
      expect(wordAt(bytes, offset)).toBe(value);
      expect(byteAt(bytes, offset) * 256 + byteAt(bytes, offset + 1)).toBe(value);
    }),
  );
});

it.each([-1, 2, 3])('reading byte %i of two is our mistake', (offset) => {
  expect(() => byteAt(Uint8Array.of(1, 2), offset)).toThrow(BrokenAssumption);
});

it('reading a word across the end is our mistake', () => {
  expect(() => wordAt(Uint8Array.of(1, 2), 1)).toThrow(BrokenAssumption);
});

it('bytes one after the other are their own: those they were made of may be used again', () => {
  const first = Uint8Array.of(1, 2);
  const both = oneAfterOther(first, Uint8Array.of(3));
  first[0] = 9;
  expect([...both]).toEqual([1, 2, 3]);
});
