import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Uint64 } from '../../../../src/wire/peers/varint.js';
import { MOST_VARINT_BYTES, putVarint, readVarint } from '../../../../src/wire/peers/varint.js';

function encoded(value: Uint64): Uint8Array {
  const octets: number[] = [];
  putVarint(octets, value);
  return Uint8Array.from(octets);
}

const MOST = 2n ** 64n - 1n;

describe('an encoded integer', () => {
  it.each<[string, Uint64, number[]]>([
    ['the example of the reference', 0x1234, [0xf4, 0x94, 0x01]],
    ['nothing', 0, [0]],
    ['the greatest of one byte', 239, [0xef]],
    ['the least of two', 240, [0xf0, 0x00]],
    ['the greatest of two', 2287, [0xff, 0x7f]],
    ['the least of three', 2288, [0xf0, 0x80, 0x00]],
    ['the greatest of all', MOST, [0xff, 0xf0, ...Array<number>(7).fill(0xfe), 0x0e]],
  ])('%s is written and read', (_what, value, octets) => {
    expect([...encoded(value)]).toEqual(octets);
    expect(readVarint(Uint8Array.from(octets), 0)).toEqual({
      ok: true,
      value: { value, end: octets.length },
    });
  });

  it.each([
    [1, 240],
    [2, 2288],
    [3, 264_432],
    [4, 33_818_864],
    [5, 4_328_786_160],
  ])('has %i bytes below %i, and one more from there on', (length, bound) => {
    expect(encoded(bound - 1)).toHaveLength(length);
    expect(encoded(bound)).toHaveLength(length + 1);
  });

  it('is read back, wherever it stands, and is a number where that is exact', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: MOST }),
        fc.nat(20),
        fc.nat(5),
        (wide, before, after) => {
          const value = wide <= Number.MAX_SAFE_INTEGER ? Number(wide) : wide;
          const bytes = encoded(wide);
          expect(encoded(value)).toEqual(bytes);
          const stream = Buffer.concat([Buffer.alloc(before, 0xff), bytes, Buffer.alloc(after)]);
          const end = before + bytes.length;
          expect(readVarint(stream, before)).toEqual({ ok: true, value: { value, end } });
        },
      ),
    );
  });

  it('is read back just around the greatest exact number', () => {
    for (let value = 2n ** 53n - 3n; value < 2n ** 53n + 3n; value += 1n) {
      const read = readVarint(encoded(value), 0);
      expect(read.ok && BigInt(read.value.value)).toBe(value);
    }
  });

  it.each([
    ['nothing', []],
    ['a first byte', [0xf0]],
    ['nine bytes', Array<number>(9).fill(0xff)],
  ])('ends too early after %s', (_what, octets) => {
    const read = readVarint(Uint8Array.from(octets), 0);
    expect(read).toEqual({ ok: false, error: { code: 'truncated' } });
  });

  it.each([
    ['ten bytes that all go on', Array<number>(MOST_VARINT_BYTES).fill(0xff)],
    ['one more than sixty-four bits', [0xf0, 0xf1, ...Array<number>(7).fill(0xfe), 0x0e]],
    ['eleven bytes', Array<number>(11).fill(0x80).fill(0xff, 0, 1)],
  ])('is too great: %s', (_what, octets) => {
    const read = readVarint(Uint8Array.from(octets), 0);
    expect(read).toEqual({ ok: false, error: { code: 'overflow' } });
  });

  it('has exactly one form', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 12 }), (bytes) => {
        const read = readVarint(bytes, 0);
        if (read.ok) {
          expect(encoded(read.value.value)).toEqual(bytes.slice(0, read.value.end));
        }
      }),
    );
  });

  it.each([[-1], [0.5], [2 ** 53], [MOST + 1n], [-1n]])('%s is our mistake', (value) => {
    expect(() => encoded(value)).toThrow('64 bits');
  });
});
