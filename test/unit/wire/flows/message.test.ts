/** What flow replicators say to each other. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../../src/base/ip.js';
import { BrokenAssumption } from '../../../../src/base/unreachable.js';
import { BUCKETS } from '../../../../src/wire/flows/flow-hash.js';
import type { FlowMessage } from '../../../../src/wire/flows/message.js';
import {
  ALL_BUCKETS,
  readFlowMessage,
  writeFlowMessage,
} from '../../../../src/wire/flows/message.js';
import { PayloadWriter } from '../../../../src/wire/peers/payload.js';

const anyCount = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const anyUint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const anyTime = fc.double({ min: 0, max: Number.MAX_SAFE_INTEGER, noNaN: true });
const anyBuckets = fc
  .uniqueArray(fc.nat(BUCKETS - 1))
  .map((buckets) => buckets.toSorted((a, b) => a - b));
const anyWords = fc.uint32Array({ minLength: BUCKETS, maxLength: BUCKETS });
const anyAddress = fc.constantFrom('10.77.0.100' as Ip, 'fd77::100' as Ip, '0.0.0.0' as Ip);

const anyMessage: fc.Arbitrary<FlowMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('hello' as const),
    protocol: fc.integer({ min: 1, max: 0xffff_ffff }),
    node: fc.string({ minLength: 1, maxLength: 255, unit: 'grapheme-ascii' }),
  }),
  fc.record({ kind: fc.constant('acknowledged' as const), sequence: anyUint32 }),
  fc.record({
    kind: fc.constant('owns' as const),
    addresses: fc.array(anyAddress, { maxLength: 20 }),
  }),
  fc.record({
    kind: fc.constantFrom('list-begins' as const, 'list-ends' as const),
    buckets: anyBuckets,
  }),
  fc.record({
    kind: fc.constant('digest' as const),
    ...{ round: anyCount, counts: anyWords, sums: anyWords },
  }),
  fc.record({
    kind: fc.constant('verdict' as const),
    ...{ round: anyCount, differing: anyBuckets, refused: anyCount },
  }),
  fc.record({
    kind: fc.constant('alive' as const),
    ...{ clock: anyTime, echo: anyTime, heldFor: anyTime },
  }),
);

const said = (type: number, body: Uint8Array): unknown => {
  const read = readFlowMessage({ type, body });
  return read.ok ? read.value : [read.error.code, read.error.where];
};

describe('messages of the link', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(readFlowMessage(writeFlowMessage(message))).toEqual({ ok: true, value: message });
      }),
    );
    const all: FlowMessage = { kind: 'list-begins', buckets: ALL_BUCKETS };
    expect(readFlowMessage(writeFlowMessage(all))).toEqual({ ok: true, value: all });
  });

  it('of a later version are skipped, and so is what it has added', () => {
    expect(said(99, new Uint8Array(3))).toBeUndefined();
    const { type, body } = writeFlowMessage({ kind: 'acknowledged', sequence: 5 });
    expect(said(type, Uint8Array.from([...body, 7, 7]))).toEqual({
      ...{ kind: 'acknowledged', sequence: 5 },
    });
  });

  it('survive noise', () => {
    fc.assert(
      fc.property(fc.nat(12), fc.uint8Array({ maxLength: 100 }), (type, body) => {
        readFlowMessage({ type, body });
      }),
    );
  });

  it('are refused where they cannot be', () => {
    const time = new Uint8Array(24).fill(0xff);
    expect(said(10, time)).toEqual(['out-of-range', 'clock']);
    expect(said(10, new Uint8Array(3))).toEqual(['truncated', 'clock']);
    const address = new PayloadWriter().varint(2).text('10.77.0.300').text('10.77.0.1').written;
    expect(said(5, address)).toEqual(['malformed', 'address']);
    expect(said(8, new Uint8Array(9))).toEqual(['truncated', 'counts of flows']);
    expect(() =>
      writeFlowMessage({ kind: 'owns', addresses: new Array<Ip>(1025).fill('::' as Ip) }),
    ).toThrow(BrokenAssumption);
    expect(() => writeFlowMessage({ kind: 'never' } as unknown as FlowMessage)).toThrow(
      BrokenAssumption,
    );
  });
});
