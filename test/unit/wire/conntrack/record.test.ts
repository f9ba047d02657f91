/** Records of flows on the link between two nodes. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Flow } from '../../../../src/wire/conntrack/flow.js';
import type { FlowRecord } from '../../../../src/wire/conntrack/record.js';
import {
  FlowRecordReader,
  FlowRecordWriter,
  MOST_RECORD_BYTES,
  MOST_TIMEOUT_SECONDS,
} from '../../../../src/wire/conntrack/record.js';
import { anyFlow, NATTED, ROUTED } from './given-flows.js';

const GONE_BYTES = 15;

function written(records: readonly FlowRecord[]): Uint8Array {
  const writer = new FlowRecordWriter();
  for (const record of records) {
    if (record.kind === 'is') {
      writer.is(record.flow);
    } else {
      writer.gone(record.key);
    }
  }
  expect(writer.records).toBe(records.length);
  const { length } = writer;
  const bytes = writer.take();
  expect([bytes.length, writer.length, writer.records]).toEqual([length, 0, 0]);
  return bytes;
}

function read(bytes: Uint8Array) {
  const records = new FlowRecordReader().read(bytes);
  return records.ok ? records.value : records.error;
}

function gone({ protocol, zone, original }: Flow): FlowRecord {
  return { kind: 'gone', key: { protocol, zone, original } };
}

/** The first record with one byte of it changed. */
function changed(record: FlowRecord, at: number, value: number): Uint8Array {
  const bytes = written([record]);
  bytes[at] = value;
  return bytes;
}

const anyRecord: fc.Arbitrary<FlowRecord> = fc.oneof(
  anyFlow.map((flow) => ({ kind: 'is', flow }) as const),
  anyFlow.map(gone),
);

describe('records of flows', () => {
  it('are read as they were written, in their order', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 200 }), (records) => {
        expect(read(written(records))).toEqual(records);
      }),
    );
  });

  it('never are longer than they may be', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(written([record]).length).toBeLessThanOrEqual(MOST_RECORD_BYTES);
      }),
    );
    const longest: Flow = {
      ...ROUTED,
      zone: 1,
      mark: 1,
      protocol: 132,
      reply: { ...ROUTED.reply, sourcePort: 54 },
      sctp: { state: 3, originalTag: 1, replyTag: 2 },
    };
    expect(written([{ kind: 'is', flow: longest }])).toHaveLength(MOST_RECORD_BYTES);
  });

  it('may be as many as anybody likes', () => {
    const many = Array.from({ length: 5_000 }, (_each, mark): FlowRecord => {
      return { kind: 'is', flow: { ...ROUTED, mark } };
    });
    expect(read(written(many))).toEqual(many);
  });

  it('are short', () => {
    expect(written([{ kind: 'is', flow: NATTED }])).toHaveLength(40);
    expect(written([gone(NATTED)])).toHaveLength(GONE_BYTES);
  });

  it('say no timeout that would be refused', () => {
    const bytes = written([{ kind: 'is', flow: { ...ROUTED, timeout: 2 ** 32 - 1 } }]);
    expect(read(bytes)).toMatchObject([{ flow: { timeout: MOST_TIMEOUT_SECONDS } }]);
  });

  it('with more behind what is known are read', () => {
    const bytes = Uint8Array.of(GONE_BYTES, ...written([gone(NATTED)]).subarray(1), 77);
    expect(read(bytes)).toEqual([gone(NATTED)]);
  });

  it('of two families in one flow are our mistake', () => {
    const { original } = ROUTED;
    const mixed = { ...original, source: NATTED.original.source };
    expect(() => written([gone({ ...ROUTED, original: mixed })])).toThrow('one family');
  });

  it('that are forgotten are not taken', () => {
    const writer = new FlowRecordWriter();
    writer.gone(NATTED);
    writer.clear();
    writer.gone(ROUTED);
    expect(read(writer.take())).toEqual([gone(ROUTED)]);
  });

  const is: FlowRecord = { kind: 'is', flow: NATTED };
  it.each<[string, Uint8Array, string, string]>([
    ['a length behind the end', written([is]).subarray(0, 30), 'truncated', 'record'],
    ['a length that cuts off', changed(is, 0, 30), 'truncated', 'record'],
    ['nothing in it', Uint8Array.of(0), 'truncated', 'record'],
    ['an address that is cut off', Uint8Array.of(4, 4, 6, 1, 2), 'truncated', 'record'],
    ['fields that nobody knows', changed(is, 1, 128), 'out-of-range', 'fields'],
    ['state of TCP in another protocol', changed(is, 2, 17), 'out-of-range', 'fields'],
    ['state of SCTP in another protocol', changed(is, 1, 4 + 64), 'out-of-range', 'fields'],
    ['a mark of what is gone', changed(gone(NATTED), 1, 16), 'out-of-range', 'fields'],
    ['ICMPv6 over IPv4', changed(gone(NATTED), 2, 58), 'out-of-range', 'protocol'],
    ['ICMP over IPv6', changed(gone(ROUTED), 2, 1), 'out-of-range', 'protocol'],
    ['a timeout beyond the bound', changed(is, 19, 1), 'out-of-range', 'timeout'],
    ['a state that does not exist', changed(is, 35, 10), 'out-of-range', 'state'],
    ['a window scale beyond the bound', changed(is, 36, 15), 'out-of-range', 'window scale'],
    ['an answer with such a scale', changed(is, 38, 15), 'out-of-range', 'window scale'],
  ])('with %s are refused, all of them', (_what, bytes, code, where) => {
    const all = Uint8Array.of(...written([gone(ROUTED)]), ...bytes);
    expect(read(all)).toMatchObject({ code, where });
  });

  it('never make the reader throw', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 3 }), fc.nat(), fc.nat(255), (some, at, to) => {
        const bytes = written(some);
        if (bytes.length > 0) {
          bytes[at % bytes.length] = to;
        }
        const found = read(bytes);
        expect(Array.isArray(found) || 'code' in found).toBe(true);
      }),
    );
  });
});
