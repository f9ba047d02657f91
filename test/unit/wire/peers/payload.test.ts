import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MOST_UINT32,
  oneByteText,
  PayloadReader,
  PayloadWriter,
} from '../../../../src/wire/peers/payload.js';

const ANY = { least: 0, most: MOST_UINT32 };

function reader(...octets: readonly number[]): PayloadReader {
  return new PayloadReader(Uint8Array.from(octets));
}

describe('a payload', () => {
  it('is read field for field as it was written', () => {
    const { written } = new PayloadWriter()
      .varint(2n ** 60n)
      .uint32(MOST_UINT32)
      .float64(-1.5)
      .text('web')
      .varint(4660)
      .bytes(Uint8Array.of(1, 2))
      .bytes(Uint8Array.of(3));
    const payload = new PayloadReader(written);
    expect(payload.varint('a')).toBe(2n ** 60n);
    expect(payload.uint32('b')).toBe(MOST_UINT32);
    expect(payload.float64('half')).toBe(-1.5);
    expect(payload.text('c', payload.number('c', ANY))).toBe('web');
    expect(payload.number('d', ANY)).toBe(4660);
    expect(payload.part('e', 2).rest()).toEqual(Uint8Array.of(1, 2));
    expect(payload.left).toBe(1);
    expect(payload.rest()).toEqual(Uint8Array.of(3));
    expect(payload.left).toBe(0);
    expect(payload.violation).toBeUndefined();
  });

  it.each<[string, PayloadReader, (payload: PayloadReader) => unknown, object]>([
    [
      'a varint that goes on',
      reader(0xff),
      (payload) => payload.varint('age'),
      { code: 'truncated', where: 'age', found: '1 bytes', expected: 'a whole number of 64 bits' },
    ],
    [
      'a varint of more than 64 bits',
      reader(...Array<number>(10).fill(0xff)),
      (payload) => payload.varint('age'),
      { code: 'overflow', where: 'age', found: '10 bytes', expected: 'a whole number of 64 bits' },
    ],
    [
      'a number below its bounds',
      reader(0),
      (payload) => payload.number('slot', { least: 1, most: 128 }),
      { code: 'out-of-range', where: 'slot', found: 0, expected: '1 to 128' },
    ],
    [
      'a number above its bounds',
      reader(129),
      (payload) => payload.number('slot', { least: 1, most: 128 }),
      { code: 'out-of-range', where: 'slot', found: 129, expected: '1 to 128' },
    ],
    [
      'a number beyond the exact ones',
      new PayloadReader(new PayloadWriter().varint(2n ** 63n).written),
      (payload) => payload.number('slot', { least: 1, most: 128 }),
      { code: 'out-of-range', where: 'slot', found: '9223372036854775808', expected: '1 to 128' },
    ],
    [
      'too few bytes of a word',
      reader(1, 2, 3),
      (payload) => payload.uint32('id'),
      { code: 'truncated', where: 'id', found: '3 bytes', expected: '4 bytes' },
    ],
    [
      'a control character',
      reader(0x61, 0x0a),
      (payload) => payload.text('name', 2),
      {
        code: 'malformed',
        where: 'name',
        found: String.raw`"a\n"`,
        expected: 'text without control characters',
      },
    ],
  ])('names %s, and is empty from there on', (_what, payload, read, violation) => {
    expect([0, '']).toContain(read(payload));
    expect(payload.violation).toEqual(violation);
    expect(payload.left).toBe(0);
    expect(payload.varint('later')).toBe(0);
    expect(payload.number('later', { least: 1, most: 2 })).toBe(0);
    expect(payload.uint32('later')).toBe(0);
    expect(payload.float64('later')).toBe(0);
    expect(payload.text('later', 1)).toBe('');
    expect(payload.rest()).toHaveLength(0);
    payload.refuse({ code: 'unset', where: 'later', found: 1, expected: 'nothing' });
    expect(payload.violation).toEqual(violation);
  });

  it('text keeps every byte above the control characters', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_none, byte) => byte).filter(
      (byte) => (byte >= 0x20 && byte < 0x7f) || byte >= 0x80,
    );
    const text = oneByteText(bytes);
    const payload = new PayloadReader(new PayloadWriter().text(text).written);
    expect(payload.text('text', payload.number('length', ANY))).toBe(text);
  });

  it.each([[-1], [MOST_UINT32 + 1], [0.5]])('a word of %s is our mistake', (value) => {
    expect(() => new PayloadWriter().uint32(value)).toThrow('32 bits');
  });

  it.each([[''], ['a\n'], ['žlutý']])('text %j is our mistake', (text) => {
    expect(() => new PayloadWriter().text(text)).toThrow('one byte');
  });

  it('never hands out what is not there, whatever the bytes are', () => {
    const step = fc.constantFrom<(payload: PayloadReader, count: number) => unknown>(
      (payload) => payload.varint('x'),
      (payload) => payload.number('x', ANY),
      (payload) => payload.uint32('x'),
      (payload, count) => payload.bytes('x', count),
      (payload, count) => payload.text('x', count),
      (payload, count) => payload.part('x', count).rest(),
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.array(fc.tuple(step, fc.nat(100))),
        (bytes, steps) => {
          const payload = new PayloadReader(bytes);
          for (const [run, count] of steps) {
            run(payload, count);
            expect(payload.left).toBeGreaterThanOrEqual(0);
            expect(payload.left).toBeLessThanOrEqual(bytes.length);
          }
        },
      ),
    );
  });
});
