/** Batches of flows. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokenAssumption } from '../../../../src/base/unreachable.js';
import type { FlowWord } from '../../../../src/wire/flows/batch.js';
import { BATCH_TYPE, BatchWriter, readBatch } from '../../../../src/wire/flows/batch.js';
import { LinkFrameReader } from '../../../../src/wire/tables/frame.js';
import { anyFlow, anySctp, flowOf } from '../../flows/given-flows.js';

const anyWord: fc.Arbitrary<FlowWord> = fc.oneof(
  fc.oneof(anyFlow, anySctp).map((flow) => ({ kind: 'is' as const, flow })),
  fc
    .tuple(fc.constantFrom('gone' as const, 'yours' as const), anyFlow)
    .map(([kind, { protocol, zone, original }]) => ({ kind, key: { protocol, zone, original } })),
);

function bodyOf(frame: Uint8Array): Uint8Array {
  const frames = new LinkFrameReader().push(frame);
  if (!frames.ok || frames.value.length !== 1) {
    throw new Error('one frame');
  }
  expect(frames.value[0]?.type).toBe(BATCH_TYPE);
  return frames.value[0]!.body;
}

function written(...words: readonly FlowWord[]): Uint8Array {
  const writer = new BatchWriter();
  words.forEach((word) => {
    writer.add(word);
  });
  return bodyOf(writer.take({ sequence: 3, since: 4.5 }));
}

describe('a batch of flows', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(anyWord, { maxLength: 40 }), (words) => {
        expect(readBatch(written(...words))).toEqual({
          ok: true,
          value: { sequence: 3, since: 4.5, words },
        });
      }),
    );
  });

  it('takes words until it is full, and none beyond', () => {
    const writer = new BatchWriter();
    while (!writer.isFull) {
      writer.add({ kind: 'is', flow: flowOf() });
    }
    expect(writer.words).toBeGreaterThan(1000);
    expect(() => {
      writer.add({ kind: 'is', flow: flowOf() });
    }).toThrow(BrokenAssumption);
    const read = readBatch(bodyOf(writer.take({ sequence: 1, since: 0 })));
    expect(read.ok && read.value.words.length).toBeGreaterThan(1000);
    expect([writer.words, writer.isFull]).toEqual([0, false]);
  });

  it('does not wrap a timeout that is longer than the field', () => {
    const read = readBatch(written({ kind: 'is', flow: flowOf({ timeout: 2 ** 33 }) }));
    expect(read.ok && read.value.words).toMatchObject([{ flow: { timeout: 0xffff_ffff } }]);
  });

  it('survives noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        readBatch(bytes);
      }),
    );
    fc.assert(
      fc.property(anyWord, fc.nat(200), fc.nat(255), (word, at, value) => {
        const bytes = written(word);
        bytes[at % bytes.length] = value;
        readBatch(bytes);
      }),
    );
  });

  it('says what is wrong with it', () => {
    const whole = written({ kind: 'is', flow: flowOf() });
    const wrong = (at: number, value: number): Uint8Array => {
      const bytes = whole.slice();
      bytes[at] = value;
      return bytes;
    };
    const said = (bytes: Uint8Array): unknown => {
      const read = readBatch(bytes);
      return read.ok ? read.value : [read.error.code, read.error.where];
    };
    expect(said(whole.subarray(0, 9))).toEqual(['truncated', 'a batch']);
    expect(said(wrong(4, 0xff))).toEqual(['out-of-range', 'time of a batch']);
    expect(said(wrong(14, 3))).toEqual(['not-known', 'kind of a word']);
    expect(said(whole.subarray(0, 20))).toEqual(['truncated', 'a flow']);
    expect(said(whole.subarray(0, -1))).toEqual(['truncated', 'progress of a flow']);
    expect(said(wrong(whole.length - 6, 9))).toEqual(['not-known', 'progress of a flow']);
    expect(said(wrong(13, 2))).toEqual(['truncated', 'a flow']);
  });
});
