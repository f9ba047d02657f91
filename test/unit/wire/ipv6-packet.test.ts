import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readIpv6Packet } from '../../../src/wire/ipv6-packet.js';

const HEADER = '60000000000c70fffe800000000000000000000000000001ff020000000000000000000000000012';
const PAYLOAD = '3133c80100644402c0000264';

/** The packet above with some bytes overwritten. */
function packet(changes: Readonly<Record<number, number>> = {}): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(HEADER + PAYLOAD, 'hex'));
  for (const [at, value] of Object.entries(changes)) {
    bytes[Number(at)] = value;
  }
  return bytes;
}

describe('RFC 8200 §3 an IPv6 packet', () => {
  it('is read field by field', () => {
    expect(readIpv6Packet(packet())).toEqual({
      ok: true,
      value: {
        source: 'fe80::1',
        destination: 'ff02::12',
        hopLimit: 255,
        nextHeader: 112,
        payload: Uint8Array.from(Buffer.from(PAYLOAD, 'hex')),
      },
    });
  });

  it('is followed by padding that is none of its own', () => {
    const padded = Uint8Array.from([...packet(), 0, 0, 0, 0, 0, 0]);
    expect(readIpv6Packet(padded)).toEqual(readIpv6Packet(packet()));
  });

  it.each([
    ['nothing', new Uint8Array(0), { code: 'truncated', found: 0, expected: 40 }],
    ['half a header', packet().subarray(0, 39), { code: 'truncated', found: 39, expected: 40 }],
    ['another version', packet({ 0: 0x45 }), { code: 'version', found: 4, expected: 6 }],
    ['less than it says', packet().subarray(0, 51), { code: 'truncated', found: 51, expected: 52 }],
  ])('that is %s is refused', (_what, bytes, error) => {
    expect(readIpv6Packet(bytes)).toEqual({ ok: false, error });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        readIpv6Packet(bytes);
      }),
    );
  });
});
