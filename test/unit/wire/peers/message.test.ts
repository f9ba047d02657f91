import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokenAssumption } from '../../../../src/base/unreachable.js';
import type { Entry } from '../../../../src/wire/peers/entry.js';
import { readEntry, writeEntry } from '../../../../src/wire/peers/entry.js';
import { DictionaryReader, DictionaryWriter } from '../../../../src/wire/peers/dictionary.js';
import type { PeersFrame } from '../../../../src/wire/peers/frame.js';
import { encodePeersFrame, PeersFrameReader } from '../../../../src/wire/peers/frame.js';
import { readPeersHello, readPeersStatus } from '../../../../src/wire/peers/hello.js';
import type { PeersMessage } from '../../../../src/wire/peers/message.js';
import { decodePeersMessage, encodePeersMessage } from '../../../../src/wire/peers/message.js';
import { PayloadReader, PayloadWriter } from '../../../../src/wire/peers/payload.js';
import type { TableDefinition } from '../../../../src/wire/peers/table.js';
import { anyTable, capture, TABLE } from './given-peers.js';

function frame(ofClass: number, type: number, ...payload: readonly number[]): PeersFrame {
  return { class: ofClass, type, payload: Uint8Array.from(payload) };
}

const BODY = Uint8Array.of(7, 8);

describe('a message', () => {
  it.each<[PeersFrame, PeersMessage]>([
    [frame(0, 0), { kind: 'resync-request' }],
    [frame(0, 1), { kind: 'resync-finished' }],
    [frame(0, 2), { kind: 'resync-partial' }],
    [frame(0, 3), { kind: 'resync-confirm' }],
    [frame(0, 4), { kind: 'heartbeat' }],
    [frame(0, 5), { kind: 'unknown', ...frame(0, 5) }],
    [frame(0, 0x80, 1), { kind: 'unknown', ...frame(0, 0x80, 1) }],
    [frame(1, 0), { kind: 'protocol-error' }],
    [frame(1, 1), { kind: 'size-limit-error' }],
    [frame(1, 2), { kind: 'unknown', ...frame(1, 2) }],
    [frame(2, 0x80, 1), { kind: 'unknown', ...frame(2, 0x80, 1) }],
    [frame(10, 0), { kind: 'unknown', ...frame(10, 0) }],
    [frame(10, 0x87, 1), { kind: 'unknown', ...frame(10, 0x87, 1) }],
    [
      frame(10, 0x80, 0, 0, 1, 2, 7, 8),
      { kind: 'update', id: 258, expiresIn: undefined, body: BODY },
    ],
    [frame(10, 0x81, 7, 8), { kind: 'update', id: undefined, expiresIn: undefined, body: BODY }],
    [
      frame(10, 0x85, 0x80, 0, 0, 1, 0, 0, 1, 0, 7, 8),
      { kind: 'update', id: 0x8000_0001, expiresIn: 256, body: BODY },
    ],
    [
      frame(10, 0x86, 0, 0, 1, 0, 7, 8),
      { kind: 'update', id: undefined, expiresIn: 256, body: BODY },
    ],
    [frame(10, 0x83, 9), { kind: 'switch', table: 9 }],
    [frame(10, 0x84, 9, 0, 0, 0, 5), { kind: 'acknowledgement', table: 9, update: 5 }],
  ])('%j', (bytes, message) => {
    expect(decodePeersMessage(bytes)).toEqual({ ok: true, value: message });
    expect(encodePeersMessage(message)).toEqual(bytes);
  });

  it('of a table is written and read', () => {
    fc.assert(
      fc.property(anyTable, (table) => {
        const message = { kind: 'definition', table } as const;
        const bytes = encodePeersMessage(message);
        expect([bytes.class, bytes.type]).toEqual([10, 0x82]);
        expect(decodePeersMessage(bytes)).toEqual({ ok: true, value: message });
      }),
    );
  });

  it('keeps no bytes that a later version puts behind the fields', () => {
    expect(decodePeersMessage(frame(10, 0x83, 9, 1, 2))).toEqual({
      ok: true,
      value: { kind: 'switch', table: 9 },
    });
  });

  it.each([
    [frame(10, 0x80, 0, 0, 1), 'update id'],
    [frame(10, 0x85, 0, 0, 1, 2, 7), 'expiry'],
    [frame(10, 0x86, 0), 'expiry'],
    [frame(10, 0x83), 'table id'],
    [frame(10, 0x84, 1, 0), 'update id'],
    [frame(10, 0x82), 'table id'],
  ])('is refused where it is too short: %j', (bytes, where) => {
    expect(decodePeersMessage(bytes)).toMatchObject({
      ok: false,
      error: { code: 'truncated', where },
    });
  });

  it('of a kind that there is not is our mistake', () => {
    expect(() => encodePeersMessage({ kind: 'gossip' } as never)).toThrow(BrokenAssumption);
  });

  it('never throws, whatever the bytes are, and what it reads it writes', () => {
    const anyFrame = fc.record({
      class: fc.constantFrom(0, 1, 2, 10),
      type: fc.constantFrom(0, 1, 2, 3, 4, 5, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87),
      payload: fc.uint8Array({ maxLength: 60 }),
    });
    fc.assert(
      fc.property(anyFrame, (bytes) => {
        const read = decodePeersMessage(bytes);
        if (read.ok) {
          expect(decodePeersMessage(encodePeersMessage(read.value))).toEqual(read);
        }
      }),
    );
  });
});

interface Row {
  readonly table: TableDefinition;
  readonly entry: Entry;
}

/** Reads all that one side said; every message must also be written as HAProxy wrote it. */
function replayed(stream: Uint8Array) {
  const reader = new PeersFrameReader();
  const read = reader.push(stream);
  const messages: PeersMessage[] = [];
  const rows: Row[] = [];
  const theirs = new DictionaryReader();
  const ours = new DictionaryWriter();
  let table = TABLE;
  for (const each of read.ok ? read.value : []) {
    const decoded = decodePeersMessage(each);
    expect(decoded).toMatchObject({ ok: true });
    if (!decoded.ok) {
      break;
    }
    const message = decoded.value;
    messages.push(message);
    expect(encodePeersMessage(message)).toEqual(each);
    table = message.kind === 'definition' ? message.table : table;
    if (message.kind === 'update') {
      const payload = new PayloadReader(message.body);
      const entry = readEntry(payload, table, theirs);
      expect(payload.violation).toBeUndefined();
      rows.push({ table, entry });
      const again = new PayloadWriter();
      writeEntry(again, entry, { table, dictionary: ours });
      expect(again.written).toEqual(message.body);
    }
  }
  expect(Buffer.concat((read.ok ? read.value : []).map(encodePeersFrame))).toEqual(
    Buffer.from(stream),
  );
  return { messages, rows };
}

function sessionOf(name: string) {
  const caller = capture(`${name}.caller`);
  const called = capture(`${name}.called`);
  const hello = readPeersHello(caller);
  const status = readPeersStatus(called);
  return {
    hello: hello.ok ? hello.value?.greeting : undefined,
    status: status.ok ? status.value?.greeting : undefined,
    caller: replayed(caller.subarray((hello.ok ? hello.value?.end : undefined) ?? 0)),
    called: replayed(called.subarray((status.ok ? status.value?.end : undefined) ?? 0)),
  };
}

/** The last row of this key, as people would write it. */
function lastRow(rows: readonly Row[], name: string, key: string) {
  const row = rows.findLast(
    ({ table, entry }) => table.name === name && Buffer.from(entry.key).toString('latin1') === key,
  );
  return row?.entry.cells.map((cell) => (cell.kind === 'text' ? cell.value : cell.values));
}

describe('sessions of HAProxy 2.6', () => {
  it('live: every byte is understood, and would be written again', () => {
    const { hello, status, caller, called } = sessionOf('live');
    expect(hello).toMatchObject({ minor: 1, called: 'nodeB', caller: 'nodeA' });
    expect(status).toBe(200);
    const kinds = new Set(caller.messages.map(({ kind }) => kind));
    expect(kinds).toContain('definition');
    expect(kinds).toContain('update');
    expect(kinds).toContain('heartbeat');
    expect(kinds).not.toContain('unknown');
    expect(called.messages.map(({ kind }) => kind)).toContain('acknowledgement');
    const tables = new Map(caller.rows.map(({ table }) => [table.name, table]));
    expect([...tables.keys()].toSorted()).toEqual(['/t1', 'app', 'bins', 'ints', 'six', 'srcs']);
    expect(tables.get('/t1')).toMatchObject({
      keyType: 'string',
      keyLength: 33,
      expire: 600_000,
      columns: [{ type: 'gpc0' }, { type: 'gpc0_rate', period: 10_000 }],
    });
    expect(tables.get('ints')?.columns).toEqual([
      { type: 'gpt', elements: 3, period: undefined },
      { type: 'gpc', elements: 2, period: undefined },
      { type: 'gpc_rate', elements: 2, period: 10_000 },
    ]);
    expect(lastRow(caller.rows, 'app', 'user2')).toEqual([[2], 'web2']);
    expect(lastRow(caller.rows, 'six', '\u00fdw' + '\0'.repeat(12) + '\u0001\0')).toEqual([[4660]]);
    expect(lastRow(caller.rows, 'ints', '\0\0\0\u0007')?.slice(0, 2)).toEqual([
      [0, 300_000, 0],
      [2, 2],
    ]);
    expect(lastRow(caller.rows, 'bins', 'abcdefgh')).toEqual([[1]]);
    expect(lastRow(caller.rows, 'srcs', '\u000aM\0\u0009')?.[2]).toEqual([9007199254740993n]);
  });

  it('resync: rows have an expiry, and the teacher says that it was all', () => {
    const { caller, called } = sessionOf('resync');
    expect(called.messages.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['resync-request', 'resync-confirm']),
    );
    expect(caller.messages.map(({ kind }) => kind)).toContain('resync-finished');
    const updates = caller.messages.filter((message) => message.kind === 'update');
    expect(updates.every(({ expiresIn }) => expiresIn !== undefined)).toBe(true);
    expect(lastRow(caller.rows, 'app', 'user9')).toEqual([[1], 'web1']);
    expect(lastRow(caller.rows, '/t1', 'user2')?.[0]).toEqual([4]);
  });
});
