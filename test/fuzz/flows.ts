/** Flows: what the kernel tells, which traffic chooses, and what the other node sends. */
import assert from 'node:assert/strict';
import { DatagramReader } from '../../src/wire/conntrack/datagram.js';
import type { Flow } from '../../src/wire/conntrack/flow.js';
import { FlowIds } from '../../src/wire/conntrack/flow-id.js';
import { FlowMessageReader } from '../../src/wire/conntrack/message-reader.js';
import { inverseOf } from '../../src/wire/conntrack/protocol.js';
import {
  FlowRecordReader,
  FlowRecordWriter,
  MOST_TIMEOUT_SECONDS,
} from '../../src/wire/conntrack/record.js';
import { FlowRequestWriter } from '../../src/wire/conntrack/request-writer.js';
import { NATTED, ROUTED } from '../unit/wire/conntrack/given-flows.js';
import { fromHex, TOLD } from '../unit/wire/conntrack/given-messages.js';
import type { Target } from './target.js';

/** A flow that was read can be named, and put elsewhere. */
function checkFlow(flow: Flow): void {
  const ids = new FlowIds();
  const { protocol, zone, original } = flow;
  assert.deepEqual(ids.keyOf(ids.of(flow)), { protocol, zone, original });
  const writer = new FlowRequestWriter(1);
  writer.create(flow, 1);
  const reader = new DatagramReader();
  const datagram = writer.take();
  reader.begin(datagram, datagram.length);
  assert(reader.next());
  const again = new FlowMessageReader().read(datagram, reader.at, reader.end);
  assert(again !== undefined);
  assert.deepEqual(again.original, original);
  assert.deepEqual(again.reply, inverseOf(original, protocol));
  assert(!reader.next());
}

const MESSAGE: Target = {
  name: 'flow-message',
  seeds: TOLD.map(([, hex]) => fromHex(hex)),
  mend: undefined,
  run: (input) => {
    const flow = new FlowMessageReader().read(input, 0, input.length);
    if (flow === undefined) {
      return 'none';
    }
    checkFlow(flow);
    return `${String(flow.protocol)} ${flow.tcp === undefined ? 'bare' : 'with progress'}`;
  },
};

function recordsOf(...flows: readonly Flow[]): Uint8Array {
  const writer = new FlowRecordWriter();
  for (const flow of flows) {
    writer.is(flow);
    writer.gone(flow);
  }
  return writer.take();
}

const RECORDS: Target = {
  name: 'flow-records',
  seeds: [
    recordsOf(NATTED),
    recordsOf(ROUTED),
    ...TOLD.map(([, , flow]) => recordsOf(flow, { ...flow, zone: 3, mark: 9 })),
  ],
  mend: undefined,
  run: (input) => {
    const read = new FlowRecordReader().read(input);
    if (!read.ok) {
      return `${read.error.code} ${read.error.where}`;
    }
    const writer = new FlowRecordWriter();
    for (const record of read.value) {
      if (record.kind === 'gone') {
        writer.gone(record.key);
      } else {
        assert(record.flow.timeout <= MOST_TIMEOUT_SECONDS);
        checkFlow(record.flow);
        writer.is(record.flow);
      }
    }
    const again = writer.take();
    assert(again.length <= input.length, 'records grew');
    assert.deepEqual(new FlowRecordReader().read(again), read);
    return `${String(Math.min(read.value.length, 3))} records`;
  },
};

export const FLOW_TARGETS: readonly Target[] = [MESSAGE, RECORDS];
