import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack, unpack } from '../../../../src/wire/pair/message-pack.js';

const REFUSED = { ok: false };

describe('MessagePack', () => {
  it('reads what it writes, and leaves out what is undefined', () => {
    expect(unpack(pack({ name: 'web', missing: undefined, list: [1, 2] }))).toEqual({
      ok: true,
      value: { name: 'web', list: [1, 2] },
    });
  });

  it.each([
    ['nothing', []],
    ['half a value', [0xa5, 0x61]],
    ['two values', [1, 2]],
    ['a list of four thousand million', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a text of two thousand bytes', [0xda, 0x07, 0xd0]],
  ])('refuses %s', (_what, bytes) => {
    expect(unpack(Uint8Array.from(bytes))).toMatchObject(REFUSED);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(unpack(bytes)).toHaveProperty('ok');
      }),
    );
  });

  it('says what a decoder threw that is no error', () => {
    // A key of a map must be text; `__proto__` must not become one.
    const bytes = Uint8Array.from([0x81, 0xa9, ...new TextEncoder().encode('__proto__'), 1]);
    expect(unpack(bytes)).toMatchObject({ ok: false });
  });
});
