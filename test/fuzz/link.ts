/** The codec of the link between two replicators: the other one may be of another version, or may lie. */
import assert from 'node:assert/strict';
import type { LinkFrame } from '../../src/wire/tables/frame.js';
import { encodeLinkFrame, FRAME_HEAD_BYTES, LinkFrameReader } from '../../src/wire/tables/frame.js';
import type { LinkMessage } from '../../src/wire/tables/message.js';
import { readLinkMessage, writeLinkMessage } from '../../src/wire/tables/message.js';
import type { LinkRow } from '../../src/wire/tables/rows.js';
import { readRows, RowsWriter } from '../../src/wire/tables/rows.js';
import { TABLE } from '../unit/wire/peers/given-peers.js';
import type { Target } from './target.js';

const LATEST = 2_000_000_000_000;

const MESSAGES: readonly LinkMessage[] = [
  {
    kind: 'hello',
    protocol: 1,
    node: 'lb1',
    epoch: 7,
    clock: 1_700_000_000_000.5,
    seed: { high: 1, low: 2, since: 3 },
  },
  { kind: 'definition', table: TABLE },
  { kind: 'acknowledged', sequence: 300 },
  { kind: 'teach-asked' },
  { kind: 'teaching-ends', how: 'partial' },
  { kind: 'digest', table: 1, cut: 1_700_000_000_000, rows: 500, high: 1, low: 2, heard: 3 },
  { kind: 'digest-verdict', table: 1, verdict: 'differs' },
  { kind: 'alive', clock: 1_700_000_000_000 },
];

function rowsFrame(servers: readonly (string | undefined)[]): Uint8Array {
  const writer = new RowsWriter();
  for (const [index, server] of servers.entries()) {
    writer.add({
      version: 1_700_000_000_000 + index,
      bytes: Uint8Array.of(1, 2, 3, 4, 5),
      headAt: 0,
      headEnd: index % 4,
      server,
      tailAt: 3,
      tailEnd: 5,
    });
  }
  return writer.take(1, 1);
}

const ROWS = [
  rowsFrame([undefined]),
  rowsFrame(['web1', undefined, 'web1', 'web2']),
  rowsFrame([]),
];

/** All frames of a stream in pieces of this size, or the violation that ends it. */
function split(stream: Uint8Array, size: number) {
  const reader = new LinkFrameReader();
  const frames: LinkFrame[] = [];
  for (let at = 0; at < stream.length; at += size) {
    const read = reader.push(stream.subarray(at, at + size));
    if (!read.ok) {
      return { frames, violation: read.error };
    }
    frames.push(...read.value.map(({ type, body }) => ({ type, body: body.slice() })));
  }
  return { frames, violation: undefined };
}

const STREAM: Target = {
  name: 'link-stream',
  seeds: [
    ...ROWS,
    Uint8Array.from(
      MESSAGES.slice(2, 5).flatMap((message) => [...encodeLinkFrame(writeLinkMessage(message))]),
    ),
  ],
  mend: undefined,
  run: (input) => {
    const { frames, violation } = split(input, 1);
    const whole = split(input, input.length);
    assert.deepEqual(whole.violation, violation);
    if (violation === undefined) {
      assert.deepEqual(whole.frames, frames);
    }
    const again = Uint8Array.from(frames.flatMap((frame) => [...encodeLinkFrame(frame)]));
    assert.deepEqual(again, input.slice(0, again.length));
    return violation?.where ?? (again.length === input.length ? 'whole' : 'more to come');
  },
};

const MESSAGE: Target = {
  name: 'link-message',
  seeds: MESSAGES.map((message) => {
    const { type, body } = writeLinkMessage(message);
    return Uint8Array.of(type, ...body);
  }),
  mend: undefined,
  run: (input) => {
    const [type = 0] = input;
    const read = readLinkMessage({ type, body: input.subarray(1) });
    if (!read.ok) {
      return `${read.error.code} ${read.error.where}`;
    }
    if (read.value === undefined) {
      return 'unknown';
    }
    const again = writeLinkMessage(read.value);
    assert.equal(again.type, type);
    assert.deepEqual(again.body, input.slice(1, 1 + again.body.length));
    return read.value.kind;
  },
};

const BATCH: Target = {
  name: 'link-rows',
  seeds: ROWS.map((frame) => frame.slice(FRAME_HEAD_BYTES)),
  mend: undefined,
  run: (input) => {
    const read = readRows(input, LATEST);
    if (!read.ok) {
      return `${read.error.code} ${read.error.where}`;
    }
    const batch = read.value;
    const rows: LinkRow[] = [];
    const writer = new RowsWriter();
    let bytes = 12;
    while (batch.next()) {
      const { row } = batch;
      assert(row.version >= 1 && row.version <= batch.newest && batch.newest <= LATEST);
      assert(row.headAt <= row.headEnd && row.headEnd === row.tailAt);
      assert(row.tailAt <= row.tailEnd && row.tailEnd <= input.length);
      bytes += 13 + row.tailEnd - row.headAt;
      rows.push({ ...row });
      if (!writer.isFull) {
        writer.add(row);
      }
    }
    // All that is left are the names of servers, each said once.
    const names = new Set(rows.flatMap(({ server }) => (server === undefined ? [] : [server])));
    assert(bytes + names.size <= input.length || rows.length === 0);
    const again = readRows(
      writer.take(batch.table, batch.sequence).slice(FRAME_HEAD_BYTES),
      LATEST,
    );
    assert(again.ok);
    for (const { version, server } of rows.slice(0, MOST_COMPARED)) {
      assert(again.value.next());
      assert.deepEqual([again.value.row.version, again.value.row.server], [version, server]);
    }
    return `rows ${String(Math.min(rows.length, 3))}`;
  },
};

/** Fewer than any batch is full of. */
const MOST_COMPARED = 2;

export const LINK_TARGETS: readonly Target[] = [STREAM, MESSAGE, BATCH];
