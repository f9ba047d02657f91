/** The codec of HAProxy's peers protocol: whoever reaches its socket may send anything. */
import assert from 'node:assert/strict';
import { DictionaryReader, DictionaryWriter } from '../../src/wire/peers/dictionary.js';
import { readEntry, writeEntry } from '../../src/wire/peers/entry.js';
import type { PeersFrame } from '../../src/wire/peers/frame.js';
import { encodePeersFrame, PeersFrameReader } from '../../src/wire/peers/frame.js';
import {
  encodePeersHello,
  encodePeersStatus,
  readPeersHello,
  readPeersStatus,
} from '../../src/wire/peers/hello.js';
import { decodePeersMessage, encodePeersMessage } from '../../src/wire/peers/message.js';
import { PayloadReader, PayloadWriter } from '../../src/wire/peers/payload.js';
import { planRows, RowWalker } from '../../src/wire/peers/row.js';
import { PeersStreamReader } from '../../src/wire/peers/stream.js';
import type { TableDefinition } from '../../src/wire/peers/table.js';
import { readDefinition, writeDefinition } from '../../src/wire/peers/table.js';
import { putVarint, readVarint } from '../../src/wire/peers/varint.js';
import { capture } from '../unit/wire/peers/given-peers.js';
import type { Target } from './target.js';

const STATUS_BYTES = 4;

/** What HAProxy sent behind its hello or its status. */
function messagesOf(name: string): Uint8Array {
  const stream = capture(name);
  const hello = readPeersHello(stream);
  return stream.slice((hello.ok ? hello.value?.end : undefined) ?? STATUS_BYTES);
}

const STREAMS = [
  messagesOf('live.caller'),
  messagesOf('live.called'),
  messagesOf('resync.caller'),
  messagesOf('resync.called'),
];

const FRAMES = STREAMS.flatMap((stream) => {
  const read = new PeersFrameReader().push(stream);
  assert(read.ok);
  return read.value;
});

/** Definitions and the first row behind each. */
const ROWS = FRAMES.flatMap((frame, index) => {
  const next = FRAMES[index + 1];
  return frame.type === 0x82 && next !== undefined ? [[frame, next] as const] : [];
});

/** All frames of a stream in pieces of this size, or the violation that ends it. */
function split(stream: Uint8Array, size: number) {
  const reader = new PeersFrameReader();
  const frames: PeersFrame[] = [];
  for (let at = 0; at < stream.length; at += size) {
    const read = reader.push(stream.subarray(at, at + size));
    if (!read.ok) {
      return { frames, violation: read.error };
    }
    frames.push(...read.value);
  }
  return { frames, violation: undefined };
}

const STREAM: Target = {
  name: 'peers-stream',
  seeds: STREAMS.map((stream) => stream.slice(0, 80)),
  mend: undefined,
  run: (input) => {
    const { frames, violation } = split(input, 1);
    const whole = split(input, input.length);
    assert.deepEqual(whole.violation, violation);
    if (violation === undefined) {
      assert.deepEqual(whole.frames, frames);
    }
    let passed = 0;
    const pass = (): undefined => {
      passed += 1;
      return undefined;
    };
    const passing = new PeersStreamReader().push(input, { update: pass, message: pass });
    // It looks into messages as well, and may find something that is wrong in one.
    assert(passing !== undefined || (violation === undefined && passed === frames.length));
    const again = Buffer.concat(frames.map(encodePeersFrame));
    assert.deepEqual(Uint8Array.from(again), input.slice(0, again.length));
    return violation?.where ?? (again.length === input.length ? 'whole' : 'more to come');
  },
};

const MESSAGE: Target = {
  name: 'peers-message',
  seeds: FRAMES.map((frame) => Uint8Array.of(frame.class, frame.type, ...frame.payload)),
  mend: undefined,
  run: (input) => {
    const [ofClass = 0, type = 0] = input;
    const read = decodePeersMessage({ class: ofClass, type, payload: input.subarray(2) });
    if (!read.ok) {
      return `${read.error.code} ${read.error.where}`;
    }
    const again = encodePeersMessage(read.value);
    assert.deepEqual([again.class, again.type], [ofClass, type]);
    const isNamed = ofClass < 2 && read.value.kind !== 'unknown';
    const length = isNamed ? 0 : again.payload.length;
    assert.deepEqual(again.payload.slice(0, length), input.slice(2, 2 + length));
    return read.value.kind;
  },
};

/** A byte that says how long the definition is, the definition, and a row. */
const ROW: Target = {
  name: 'peers-row',
  seeds: ROWS.flatMap(([{ payload }, { class: ofClass, type, payload: update }]) => {
    const read = decodePeersMessage({ class: ofClass, type, payload: update });
    return read.ok && read.value.kind === 'update'
      ? [Uint8Array.of(payload.length, ...payload, ...read.value.body)]
      : [];
  }),
  mend: undefined,
  run: (input) => {
    const [length = 0] = input;
    const definition = new PayloadReader(input.subarray(1, 1 + length));
    const table = readDefinition(definition);
    if (definition.violation !== undefined) {
      return `${definition.violation.code} ${definition.violation.where}`;
    }
    const again = new PayloadWriter();
    writeDefinition(again, table);
    assert.deepEqual(again.written, input.slice(1, 1 + length));
    return runRow(input.subarray(1 + length), table);
  },
};

function runRow(body: Uint8Array, table: TableDefinition): string {
  const payload = new PayloadReader(body);
  const entry = readEntry(payload, table, new DictionaryReader());
  const walker = new RowWalker({ high: 1, low: 2 });
  const range = { at: 0, end: body.length };
  const walked = walker.walk(planRows(table, undefined), body, range, new DictionaryReader());
  assert.equal(walked, payload.violation === undefined ? 'right' : 'wrong');
  if (payload.violation !== undefined) {
    return `row ${payload.violation.code}`;
  }
  const written = new PayloadWriter();
  writeEntry(written, entry, { table, dictionary: new DictionaryWriter() });
  const reread = new PayloadReader(written.written);
  assert.deepEqual(readEntry(reread, table, new DictionaryReader()), entry);
  assert(written.written.length <= body.length, 'a row grew');
  return `row of ${table.keyType}`;
}

const HELLO: Target = {
  name: 'peers-hello',
  seeds: [
    encodePeersHello({ minor: 1, called: 'b', caller: 'a', pid: 7 }),
    encodePeersHello({ minor: 0, called: 'nodeB', caller: 'nodeA', pid: 4711 }),
    encodePeersStatus(200),
    encodePeersStatus(503),
  ],
  mend: undefined,
  run: (input) => {
    const status = readPeersStatus(input);
    if (status.ok && status.value !== undefined) {
      return 'status';
    }
    const hello = readPeersHello(input);
    if (!hello.ok) {
      return `${hello.error.code} ${hello.error.where}`;
    }
    if (hello.value === undefined) {
      return 'more to come';
    }
    const { greeting, end } = hello.value;
    assert.equal(input[end - 1], 10);
    const again = readPeersHello(encodePeersHello(greeting));
    assert(again.ok);
    assert.deepEqual(again.value?.greeting, greeting);
    return `hello of ${String(greeting.minor)}`;
  },
};

const VARINT: Target = {
  name: 'peers-varint',
  seeds: [Uint8Array.of(7), Uint8Array.of(0xf4, 0x94, 0x01), new Uint8Array(11).fill(0xff)],
  mend: undefined,
  run: (input) => {
    const read = readVarint(input, 0);
    if (!read.ok) {
      return read.error.code;
    }
    // By another way than the codec's: with wide integers throughout.
    const { value, end } = read.value;
    const sum = Array.from(input.subarray(0, end), BigInt).reduce(
      (total, byte, index) => total + (byte << BigInt(index === 0 ? 0 : 7 * index - 3)),
      0n,
    );
    assert.equal(BigInt(value), sum);
    const octets: number[] = [];
    putVarint(octets, value);
    assert.deepEqual(Uint8Array.from(octets), input.slice(0, end));
    return `${typeof value} of ${String(end)}`;
  },
};

export const PEERS_TARGETS: readonly Target[] = [STREAM, MESSAGE, ROW, HELLO, VARINT];
