import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DictionaryReader,
  DictionaryWriter,
  MOST_SLOTS,
  MOST_TEXT_BYTES,
} from '../../../../src/wire/peers/dictionary.js';
import { PayloadReader, PayloadWriter } from '../../../../src/wire/peers/payload.js';

function reader(...octets: readonly number[]): PayloadReader {
  return new PayloadReader(Uint8Array.from(octets));
}

function written(dictionary: DictionaryWriter, text: string | undefined): Uint8Array {
  const payload = new PayloadWriter();
  dictionary.write(payload, text);
  return payload.written;
}

const WEB1 = [6, 1, 4, ...Buffer.from('web1')];

describe('a dictionary', () => {
  it('spells a text out once, and then means its slot', () => {
    const ours = new DictionaryWriter();
    expect([...written(ours, 'web1')]).toEqual(WEB1);
    expect([...written(ours, 'web1')]).toEqual([1, 1]);
    expect([...written(ours, 'b')]).toEqual([3, 2, 1, 0x62]);
    expect([...written(ours, undefined)]).toEqual([0]);
    const theirs = new DictionaryReader();
    const payload = reader(...WEB1, 1, 1, 3, 2, 1, 0x62, 0, 1, 1);
    const texts = Array.from({ length: 5 }, () => theirs.read(payload));
    expect(texts).toEqual(['web1', 'web1', 'b', undefined, 'web1']);
    expect(payload.violation).toBeUndefined();
    expect(payload.left).toBe(0);
  });

  it('keeps what a later version says behind a text apart', () => {
    const payload = reader(5, 1, 1, 0x61, 9, 9, 7);
    expect(new DictionaryReader().read(payload)).toBe('a');
    expect(payload.rest()).toEqual(Uint8Array.of(7));
  });

  it('fills its slots in turn, and forgets the text that stood there', () => {
    const ours = new DictionaryWriter();
    for (let slot = 1; slot <= MOST_SLOTS; slot += 1) {
      expect(written(ours, `web${String(slot)}`)[1]).toBe(slot);
    }
    expect([...written(ours, 'web2')]).toEqual([1, 2]);
    expect([...written(ours, 'new')]).toEqual([5, 1, 3, ...Buffer.from('new')]);
    expect([...written(ours, 'web1')]).toEqual([6, 2, 4, ...Buffer.from('web1')]);
    expect([...written(ours, 'new')]).toEqual([1, 1]);
  });

  it('is understood by the other side, however many texts there are', () => {
    const texts = fc.array(
      fc.option(
        fc.oneof(
          fc.integer({ min: 0, max: 300 }).map((number) => `web${String(number)}`),
          fc.string({ minLength: 1, maxLength: MOST_TEXT_BYTES, unit: 'grapheme-ascii' }),
        ),
        { nil: undefined },
      ),
      { maxLength: 600, size: 'max' },
    );
    fc.assert(
      fc.property(texts, (sent) => {
        const ours = new DictionaryWriter();
        const theirs = new DictionaryReader();
        for (const text of sent) {
          const payload = new PayloadReader(written(ours, text));
          expect(theirs.read(payload)).toBe(text);
          expect(payload.violation).toBeUndefined();
        }
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    [
      'a slot that nothing was put into',
      [1, 7],
      { code: 'unset', where: 'dictionary slot', found: 7, expected: 'a slot in use' },
    ],
    [
      'slot 0',
      [3, 0, 1, 0x61],
      { code: 'out-of-range', where: 'dictionary slot', found: 0, expected: '1 to 128' },
    ],
    [
      'slot 129',
      [3, 129, 1, 0x61],
      { code: 'out-of-range', where: 'dictionary slot', found: 129, expected: '1 to 128' },
    ],
    [
      'an empty text',
      [2, 1, 0],
      { code: 'out-of-range', where: 'dictionary text length', found: 0, expected: '1 to 255' },
    ],
    [
      'a text beyond its field',
      [3, 1, 2, 0x61, 0x62],
      { code: 'truncated', where: 'dictionary text', found: '1 bytes', expected: '2 bytes' },
    ],
    [
      'a field beyond the row',
      [4, 1, 2, 0x61],
      { code: 'truncated', where: 'dictionary value', found: '3 bytes', expected: '4 bytes' },
    ],
    [
      'a field that is too long',
      [0xf4, 0x01],
      { code: 'out-of-range', where: 'dictionary value length', found: 260, expected: '0 to 259' },
    ],
    [
      'a text with a line feed',
      [3, 1, 1, 0x0a],
      {
        code: 'malformed',
        where: 'dictionary text',
        found: String.raw`"\n"`,
        expected: 'text without control characters',
      },
    ],
  ])('refuses %s', (_what, octets, violation) => {
    const payload = reader(...octets);
    expect(new DictionaryReader().read(payload)).toBeUndefined();
    expect(payload.violation).toEqual(violation);
  });

  it('a text that is too long is our mistake', () => {
    const longest = 'x'.repeat(MOST_TEXT_BYTES);
    const payload = new PayloadReader(written(new DictionaryWriter(), longest));
    expect(new DictionaryReader().read(payload)).toBe(longest);
    expect(() => written(new DictionaryWriter(), `${longest}x`)).toThrow('255 characters');
    expect(() => written(new DictionaryWriter(), '')).toThrow('255 characters');
  });
});
