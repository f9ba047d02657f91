import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aligned,
  DatagramReader,
  hostLong,
  hostShort,
} from '../../../../src/wire/conntrack/datagram.js';

/** Messages one after the other: length, type, flags, sequence, port, body. */
function datagram(...bodies: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    bodies.flatMap((body, index) => [
      ...[16 + body.length, 0, 0, 0],
      ...[index, 1, 4, 0],
      ...[7, 0, 0, 0x80],
      ...[9, 0, 0, 0],
      ...body,
      ...Array.from({ length: aligned(body.length) - body.length }, () => 0xaa),
    ]),
  );
}

function bodiesIn(bytes: Uint8Array, length = bytes.length): readonly (readonly number[])[] {
  const reader = new DatagramReader();
  reader.begin(bytes, length);
  const bodies: (readonly number[])[] = [];
  while (reader.next()) {
    expect([reader.type, reader.flags, reader.sequence, reader.port]).toEqual([
      256 + bodies.length,
      4,
      0x8000_0007,
      9,
    ]);
    bodies.push([...bytes.subarray(reader.at, reader.end)]);
  }
  return bodies;
}

describe('a netlink datagram', () => {
  it('has messages one after the other, padded to four bytes', () => {
    const anyBody = fc.array(fc.nat(255), { maxLength: 40 });
    fc.assert(
      fc.property(fc.array(anyBody, { maxLength: 20 }), (bodies) => {
        expect(bodiesIn(datagram(...bodies))).toEqual(bodies);
      }),
    );
  });

  it.each([
    ['a head that is cut off', 15, 0],
    ['a body that is cut off', 19, 0],
    ['a second head that is cut off', 30, 1],
  ])('ends before %s', (_what, length, messages) => {
    expect(bodiesIn(datagram([1, 2, 3, 4], [5]), length)).toHaveLength(messages);
  });

  it('ends at a length that no message has', () => {
    const bytes = datagram([1], [2]);
    bytes[0] = 15;
    expect(bodiesIn(bytes)).toEqual([]);
  });

  it('never makes the reader go on for ever', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const reader = new DatagramReader();
        reader.begin(bytes, bytes.length);
        let messages = 0;
        while (reader.next()) {
          messages += 1;
        }
        expect(messages).toBeLessThanOrEqual(bytes.length / 16);
      }),
    );
  });
});

describe('numbers of the machine', () => {
  it('have the least byte first', () => {
    const bytes = Uint8Array.of(0, 1, 2, 3, 0xff);
    expect(hostShort(bytes, 1)).toBe(0x0201);
    expect(hostLong(bytes, 1)).toBe(0xff03_0201);
  });
});
