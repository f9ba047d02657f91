/** Batches of flows. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokenAssumption } from '../../../../src/base/unreachable.js';
import { FlowRecordReader } from '../../../../src/wire/conntrack/record.js';
import type { FlowWord } from '../../../../src/wire/flows/batch.js';
import {
  BATCH_TYPE,
  BatchWriter,
  numberBatch,
  readBatch,
} from '../../../../src/wire/flows/batch.js';
import { LinkFrameReader } from '../../../../src/wire/tables/frame.js';
import { NATTED, ROUTED } from '../conntrack/given-flows.js';

const reader = new FlowRecordReader();
const keyOf = ({ protocol, zone, original }: typeof NATTED) => ({ protocol, zone, original });
const IS: FlowWord = { kind: 'is', flow: NATTED };
const GONE: FlowWord = { kind: 'gone', key: keyOf(ROUTED) };
const YOURS: FlowWord = { kind: 'yours', key: keyOf(NATTED) };

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
  const frame = writer.take(4.5);
  numberBatch(frame, 3);
  return bodyOf(frame);
}

describe('a batch of flows', () => {
  it.each([[[]], [[IS, GONE]], [[YOURS, YOURS]]])('is read as it was written: %#', (words) => {
    expect(readBatch(written(...words), reader)).toEqual({
      ok: true,
      value: { sequence: 3, since: 4.5, words },
    });
  });

  it('takes words of one subject until it is full, and none beyond', () => {
    const writer = new BatchWriter();
    while (!writer.isClosedTo(IS)) {
      writer.add(IS);
    }
    expect(writer.words).toBeGreaterThan(1000);
    expect(() => {
      writer.add(IS);
    }).toThrow(BrokenAssumption);
    const read = readBatch(bodyOf(writer.take(0)), reader);
    expect(read.ok && read.value.words.length).toBeGreaterThan(1000);
    expect([writer.words, writer.isClosedTo(YOURS)]).toEqual([0, false]);
    writer.add(YOURS);
    expect([writer.isClosedTo(GONE), writer.isClosedTo(YOURS)]).toEqual([true, false]);
  });

  it('says nothing of a flow that is the other node’s but its name', () => {
    const body = written(IS);
    body[12] = 1;
    const read = readBatch(body, reader);
    expect(read.ok && read.value.words).toMatchObject([YOURS]);
  });

  it('survives noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        readBatch(bytes, reader);
      }),
    );
  });

  it('says what is wrong with it', () => {
    const wrong = (at: number, value: number): Uint8Array => {
      const bytes = written(IS);
      bytes[at] = value;
      return bytes;
    };
    const said = (bytes: Uint8Array): unknown => {
      const read = readBatch(bytes, reader);
      return read.ok ? read.value : [read.error.code, read.error.where];
    };
    expect(said(written(IS).subarray(0, 9))).toEqual(['truncated', 'a batch']);
    expect(said(wrong(4, 0xff))).toEqual(['out-of-range', 'time of a batch']);
    expect(said(wrong(12, 3))).toEqual(['not-known', 'subject of a batch']);
    expect(said(written(IS).subarray(0, -1))).toEqual(['truncated', 'record']);
  });
});
