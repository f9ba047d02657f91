import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { macBytes, macFromBytes, parseMac } from '../../../src/base/mac.js';
import { ok } from '../../../src/base/result.js';

describe('an Ethernet address', () => {
  it.each(['02:00:00:00:00:0a', '02:00:00:00:00:0A'])('%s reads as lower case', (text) => {
    expect(parseMac(text)).toEqual(ok('02:00:00:00:00:0a'));
  });

  it.each([
    '',
    '02:00:00:00:00',
    '02:00:00:00:00:0a:0b',
    '2:0:0:0:0:a',
    '02-00-00-00-00-0a',
    '02:00:00:00:00:0g',
    ' 02:00:00:00:00:0a',
    '02:00:00:00:00:0a\n',
  ])('%j is refused and quoted', (found) => {
    expect(parseMac(found)).toEqual({ ok: false, error: { code: 'not-a-mac-address', found } });
  });

  it('reads six bytes at an offset', () => {
    const bytes = Uint8Array.of(9, 9, 0x02, 0x00, 0x5e, 0xff, 0x01, 0x0a, 9);
    expect(macFromBytes(bytes, 2)).toBe('02:00:5e:ff:01:0a');
  });

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (bytes) => {
        const mac = macFromBytes(bytes, 0);
        expect(macBytes(mac)).toEqual(bytes);
        expect(parseMac(mac)).toEqual(ok(mac));
      }),
    );
  });
});
