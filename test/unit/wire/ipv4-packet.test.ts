import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readIpv4Packet } from '../../../src/wire/ipv4-packet.js';

const HEADER = '45c0002012344000ff70aaaac633640ae0000012';
const PAYLOAD = '3133c80100644402c0000264';

/** The packet above with some bytes overwritten. */
function packet(changes: Readonly<Record<number, number>> = {}): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(HEADER + PAYLOAD, 'hex'));
  for (const [at, value] of Object.entries(changes)) {
    bytes[Number(at)] = value;
  }
  return bytes;
}

describe('RFC 791 §3.1 an IPv4 packet', () => {
  it('is read field by field', () => {
    expect(readIpv4Packet(packet())).toEqual({
      ok: true,
      value: {
        source: '198.51.100.10',
        destination: '224.0.0.18',
        ttl: 255,
        protocol: 112,
        hasOptions: false,
        isFragment: false,
        payload: Uint8Array.from(Buffer.from(PAYLOAD, 'hex')),
      },
    });
  });

  it.each([
    ['nothing', { 6: 0x00, 7: 0x00 }, false],
    ["don't-fragment", { 6: 0x40, 7: 0x00 }, false],
    ['the reserved bit', { 6: 0x80, 7: 0x00 }, false],
    ['more-fragments', { 6: 0x20, 7: 0x00 }, true],
    ['the highest bit of the offset', { 6: 0x10, 7: 0x00 }, true],
    ['the lowest bit of the offset', { 6: 0x00, 7: 0x01 }, true],
  ])('with %s set is a fragment or not', (_bit, changes, isFragment) => {
    expect(readIpv4Packet(packet(changes))).toMatchObject({ ok: true, value: { isFragment } });
  });

  it('has its payload behind the options', () => {
    const read = readIpv4Packet(packet({ 0: 0x46 }));
    const payload = Uint8Array.from(Buffer.from(PAYLOAD.slice(8), 'hex'));
    expect(read).toMatchObject({ ok: true, value: { hasOptions: true, payload } });
  });

  it('ends at its total length, whatever padding follows', () => {
    const read = readIpv4Packet(packet({ 3: 24 }));
    expect(read).toMatchObject({
      ok: true,
      value: { payload: Uint8Array.of(0x31, 0x33, 0xc8, 1) },
    });
  });

  it('may carry nothing', () => {
    const read = readIpv4Packet(packet({ 3: 20 }));
    expect(read).toMatchObject({ ok: true, value: { payload: new Uint8Array(0) } });
  });

  it.each([
    [{ 0: 0x65 }, { code: 'version', found: 6, expected: 4 }],
    [{ 0: 0x44 }, { code: 'header-length', found: 16, expected: 20 }],
    [{ 3: 19 }, { code: 'total-length', found: 19, expected: 20 }],
    [{ 0: 0x4f }, { code: 'total-length', found: 32, expected: 60 }],
    [{ 3: 33 }, { code: 'total-length', found: 33, expected: 32 }],
    [
      { 2: 0xff, 3: 0xff },
      { code: 'total-length', found: 0xffff, expected: 32 },
    ],
  ])('with %j is malformed', (changes, error) => {
    expect(readIpv4Packet(packet(changes))).toEqual({ ok: false, error });
  });

  it('cut short is malformed at every length', () => {
    for (let length = 0; length < 32; length += 1) {
      const error =
        length < 20
          ? { code: 'truncated', found: length, expected: 20 }
          : { code: 'total-length', found: 32, expected: length };
      expect(readIpv4Packet(packet().subarray(0, length))).toEqual({ ok: false, error });
    }
  });

  it('survives noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (noise) => {
        const read = readIpv4Packet(noise);
        expect(!read.ok || read.value.payload.length <= noise.length - 20).toBe(true);
      }),
    );
  });
});
