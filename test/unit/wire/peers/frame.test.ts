import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeersFrame } from '../../../../src/wire/peers/frame.js';
import {
  encodePeersFrame,
  MOST_PAYLOAD_BYTES,
  MOST_SENT_BYTES,
  PeersFrameReader,
} from '../../../../src/wire/peers/frame.js';

const NOTHING = new Uint8Array(0);

const anyFrame = fc
  .record({
    class: fc.integer({ min: 0, max: 254 }),
    type: fc.integer({ min: 0, max: 255 }),
    payload: fc.uint8Array({ maxLength: 300 }),
  })
  .map((frame) => ((frame.type & 0x80) === 0 ? { ...frame, payload: NOTHING } : frame));

function pushed(...octets: readonly number[]) {
  return new PeersFrameReader().push(Uint8Array.from(octets));
}

describe('messages in a stream', () => {
  it('are read as they were written, in whatever pieces they arrive', () => {
    const frames = fc.array(anyFrame, { maxLength: 6 });
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 40 }), (sent, size) => {
        const stream = Buffer.concat(sent.map(encodePeersFrame));
        const reader = new PeersFrameReader();
        const got: PeersFrame[] = [];
        for (let at = 0; at < stream.length; at += size) {
          const read = reader.push(stream.subarray(at, at + size));
          got.push(...(read.ok ? read.value : []));
        }
        expect(got).toEqual(sent);
      }),
    );
  });

  it.each<[string, number[], PeersFrame]>([
    ['a heartbeat', [0, 4], { class: 0, type: 4, payload: NOTHING }],
    [
      'an acknowledgement',
      [10, 0x84, 5, 1, 0, 0, 0, 9],
      { class: 10, type: 0x84, payload: Uint8Array.of(1, 0, 0, 0, 9) },
    ],
    ['an empty payload', [10, 0x81, 0], { class: 10, type: 0x81, payload: NOTHING }],
  ])('%s has these bytes', (_what, octets, frame) => {
    expect([...encodePeersFrame(frame)]).toEqual(octets);
    expect(pushed(...octets)).toEqual({ ok: true, value: [frame] });
  });

  it.each([
    [
      'a payload of 64 KiB, before it is there',
      [10, 0x81, 0xf0, 0xf1, 0x1e],
      {
        code: 'too-long',
        where: 'message length',
        found: '65536',
        expected: 'at most 15000 bytes',
      },
    ],
    [
      'a length of more than 64 bits',
      [10, 0x81, ...Array<number>(10).fill(0xff)],
      {
        code: 'too-long',
        where: 'message length',
        found: 'more than 64 bits',
        expected: 'at most 15000 bytes',
      },
    ],
    [
      'the reserved class',
      [255, 0],
      { code: 'not-known', where: 'message class', found: 255, expected: 'a class from 0 to 254' },
    ],
  ])('%s ends the stream', (_what, octets, error) => {
    expect(pushed(...octets)).toEqual({ ok: false, error });
  });

  it('the longest is read, one byte more is not, and our own are a little longer', () => {
    const longest = { class: 10, type: 0x81, payload: new Uint8Array(MOST_PAYLOAD_BYTES) };
    const reader = new PeersFrameReader();
    expect(reader.push(encodePeersFrame(longest))).toEqual({ ok: true, value: [longest] });
    const longer = { ...longest, payload: new Uint8Array(MOST_PAYLOAD_BYTES + 1) };
    expect(reader.push(encodePeersFrame(longer))).toMatchObject({
      ok: false,
      error: { code: 'too-long' },
    });
    const ours = { ...longest, payload: new Uint8Array(MOST_SENT_BYTES - 5) };
    expect(encodePeersFrame(ours)).toHaveLength(MOST_SENT_BYTES);
    const tooLong = { ...longest, payload: new Uint8Array(MOST_SENT_BYTES - 4) };
    expect(() => encodePeersFrame(tooLong)).toThrow('buffer of its reader');
  });

  it('a payload of a type without one is our mistake', () => {
    const frame = { class: 0, type: 4, payload: Uint8Array.of(1) };
    expect(() => encodePeersFrame(frame)).toThrow('has no payload');
  });

  it('a piece that is handed over may be used again', () => {
    const piece = Uint8Array.of(10, 0x81, 1, 7, 10);
    const reader = new PeersFrameReader();
    const read = reader.push(piece);
    piece.fill(0xff);
    expect(read).toEqual({
      ok: true,
      value: [{ class: 10, type: 0x81, payload: Uint8Array.of(7) }],
    });
    expect(reader.push(Uint8Array.of(0x81, 0))).toMatchObject({ ok: true, value: [{ class: 10 }] });
  });

  it('never throws, and never has more payload than it was given', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (pieces) => {
        const reader = new PeersFrameReader();
        let given = 0;
        let got = 0;
        for (const piece of pieces) {
          given += piece.length;
          const read = reader.push(piece);
          if (!read.ok) {
            return;
          }
          got += read.value.reduce((total, { payload }) => total + 2 + payload.length, 0);
          expect(got).toBeLessThanOrEqual(given);
        }
      }),
    );
  });
});
