import { describe, expect, it } from 'vitest';
import { encodeLinkFrame } from '../../../../src/wire/tables/frame.js';
import { writeLinkMessage } from '../../../../src/wire/tables/message.js';
import { RowsWriter } from '../../../../src/wire/tables/rows.js';
import { Checksum, readSnapshot, SNAPSHOT_MARK } from '../../../../src/wire/tables/snapshot.js';
import type { TableDefinition } from '../../../../src/wire/peers/table.js';

const NOW = 1_700_000_000_000;
const TABLE: TableDefinition = {
  ...{ id: 3, name: 'web', keyType: 'ipv4', keyLength: 4, expire: 60_000, unknown: [] },
  columns: [{ type: 'gpc0', elements: 1, period: undefined }],
  rest: new Uint8Array(0),
};
const DEFINED = encodeLinkFrame(writeLinkMessage({ kind: 'definition', table: TABLE }));
const ROWS = batch(NOW - 5);

function batch(version: number): Uint8Array {
  const writer = new RowsWriter();
  const bytes = new Uint8Array([10, 0, 0, 1, 7]);
  const where = { headAt: 0, headEnd: 5, tailAt: 5, tailEnd: 5 };
  writer.add({ version, bytes, server: undefined, ...where });
  return writer.take(TABLE.id, 1);
}

/** With its mark before it and its checksum behind it. */
function snapshot(...frames: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.concat([SNAPSHOT_MARK, ...frames]);
  const checksum = new Checksum();
  checksum.add(bytes);
  return new Uint8Array(Buffer.concat([bytes, checksum.bytes]));
}

const WHOLE = snapshot(DEFINED, ROWS);

describe('a snapshot of rows', () => {
  it('is read as its tables and their rows', () => {
    const read = readSnapshot(WHOLE, NOW);
    expect(read).toEqual({
      ok: true,
      value: [
        { kind: 'definition', table: TABLE },
        { kind: 'rows', body: ROWS.subarray(5) },
      ],
    });
    expect(readSnapshot(snapshot(), NOW)).toEqual({ ok: true, value: [] });
  });

  it('counts for nothing with any byte of it changed', () => {
    for (const at of WHOLE.keys()) {
      const damaged = new Uint8Array(WHOLE);
      damaged[at] = damaged[at]! ^ (1 << (at % 8));
      expect([at, readSnapshot(damaged, NOW).ok]).toEqual([at, false]);
    }
  });

  it('counts for nothing where it ends too soon, or goes on', () => {
    for (const end of WHOLE.keys()) {
      expect([end, readSnapshot(WHOLE.subarray(0, end), NOW).ok]).toEqual([end, false]);
    }
    expect(readSnapshot(new Uint8Array([...WHOLE, 0]), NOW).ok).toBe(false);
  });

  it.each([
    ['another file', Buffer.from('#!/bin/sh\nexec something\n'), 'is no snapshot of this version'],
    [
      'rows of the future',
      snapshot(DEFINED, batch(NOW + 1)),
      'has rows that are none here: version',
    ],
    ['rows of no table', snapshot(ROWS), 'has rows of a table that it does not define'],
    [
      'something else than rows',
      snapshot(encodeLinkFrame(writeLinkMessage({ kind: 'teach-asked' }))),
      'has a frame of type 5 that is no definition',
    ],
    [
      'a definition that is none',
      snapshot(encodeLinkFrame({ type: 2, body: new Uint8Array(1) })),
      'has a frame of type 2 that is no definition',
    ],
    ['a frame without an end', snapshot(DEFINED.subarray(0, 9)), 'ends in the middle of a frame'],
    ['a frame that is too long', snapshot(new Uint8Array(9).fill(255)), 'has a frame that is none'],
  ])('says what is wrong with %s', (_what, bytes, why) => {
    const read = readSnapshot(bytes, NOW);
    expect(read.ok ? '' : read.error).toContain(why);
  });

  it('has the checksum that everybody else computes', () => {
    const checksum = new Checksum();
    checksum.add(Buffer.from('12345'));
    checksum.add(Buffer.from('6789'));
    expect(Buffer.from(checksum.bytes).toString('hex')).toBe('cbf43926');
  });
});
