/** Frames of the link between replicators. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LinkFrame } from '../../../../src/wire/tables/frame.js';
import {
  encodeLinkFrame,
  LinkFrameReader,
  MOST_FRAME_BYTES,
} from '../../../../src/wire/tables/frame.js';

const anyFrame = fc.record({
  type: fc.integer({ min: 0, max: 255 }),
  body: fc.uint8Array({ maxLength: 40 }),
});

function plain({ type, body }: LinkFrame): { type: number; body: number[] } {
  return { type, body: [...body] };
}

describe('frames of the link', () => {
  it('are read as they were written, in whatever pieces they arrive', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { maxLength: 5 }),
        fc.integer({ min: 1, max: 50 }),
        (frames, size) => {
          const stream = Buffer.concat(frames.map(encodeLinkFrame));
          const reader = new LinkFrameReader();
          const read: unknown[] = [];
          for (let at = 0; at < stream.length; at += size) {
            const pushed = reader.push(stream.subarray(at, at + size));
            read.push(...(pushed.ok ? pushed.value.map(plain) : ['violation']));
          }
          expect(read).toEqual(frames.map(plain));
        },
      ),
    );
  });

  it.each([0, MOST_FRAME_BYTES + 1, 0xffff_ffff])(
    'a length of %i ends the stream before anything is kept',
    (length) => {
      const head = new Uint8Array(4);
      new DataView(head.buffer).setUint32(0, length);
      expect(new LinkFrameReader().push(head)).toMatchObject({
        ok: false,
        error: { code: 'out-of-range', where: 'frame length', found: length },
      });
    },
  );

  it('the longest is read, and a longer one is our mistake', () => {
    const body = new Uint8Array(MOST_FRAME_BYTES - 1);
    expect(new LinkFrameReader().push(encodeLinkFrame({ type: 7, body }))).toMatchObject({
      ok: true,
      value: [{ type: 7 }],
    });
    expect(() => encodeLinkFrame({ type: 7, body: new Uint8Array(MOST_FRAME_BYTES) })).toThrow();
  });
});
