import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../../src/wire/pair/frame.js';
import { encodeFrame, FrameReader, MOST_FRAME_BYTES } from '../../../../src/wire/pair/frame.js';

const frames = fc.array(
  fc.record({
    type: fc.integer({ min: 0, max: 255 }),
    version: fc.integer({ min: 1, max: 255 }),
    body: fc.uint8Array({ maxLength: 300 }),
  }),
  { maxLength: 6 },
);

describe('frames', () => {
  it('are read as they were written, in whatever pieces they arrive', () => {
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 40 }), (sent, size) => {
        const stream = Uint8Array.from(sent.flatMap((frame) => [...encodeFrame(frame)]));
        const reader = new FrameReader();
        const got: Frame[] = [];
        for (let at = 0; at < stream.length;) {
          const read = reader.push(stream.slice(at, at + size));
          got.push(...(read.ok ? read.value : []));
          at += size;
        }
        expect(got).toEqual(sent);
      }),
    );
  });

  it.each([
    [
      'four gigabytes',
      [0xff, 0xff, 0xff, 0xff],
      { code: 'too-long', found: 0xffffffff, expected: MOST_FRAME_BYTES },
    ],
    [
      'one byte too many',
      [0, 1, 0, 1],
      { code: 'too-long', found: 65_537, expected: MOST_FRAME_BYTES },
    ],
    ['no type', [0, 0, 0, 1], { code: 'too-short', found: 1, expected: 2 }],
    ['nothing', [0, 0, 0, 0], { code: 'too-short', found: 0, expected: 2 }],
  ])('a length of %s ends the stream', (_what, bytes, error) => {
    expect(new FrameReader().push(Uint8Array.from(bytes))).toEqual({ ok: false, error });
  });

  it('the longest is read, and a longer one is our mistake', () => {
    const longest = { type: 1, version: 1, body: new Uint8Array(MOST_FRAME_BYTES - 2) };
    expect(new FrameReader().push(encodeFrame(longest))).toEqual({ ok: true, value: [longest] });
    const longer = { ...longest, body: new Uint8Array(MOST_FRAME_BYTES - 1) };
    expect(() => encodeFrame(longer)).toThrow('64 KiB');
  });

  it('never throws, and never waits for more than one frame', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (pieces) => {
        const reader = new FrameReader();
        for (const piece of pieces) {
          if (!reader.push(piece).ok) {
            return;
          }
        }
      }),
    );
  });
});
