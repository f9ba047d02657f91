/** Batches of rows. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LinkRow } from '../../../../src/wire/tables/rows.js';
import { readRows, RowsWriter } from '../../../../src/wire/tables/rows.js';
import { FRAME_HEAD_BYTES, LinkFrameReader } from '../../../../src/wire/tables/frame.js';

interface PlainRow {
  readonly version: number;
  readonly server: string | undefined;
  readonly head: readonly number[];
  readonly tail: readonly number[];
}

const LATEST = 2_000_000_000_000;
const HEAD_BYTES = 12;

const anyRow: fc.Arbitrary<PlainRow> = fc.record({
  version: fc.double({ min: 1, max: LATEST, noNaN: true }),
  server: fc.option(fc.constantFrom('s1', 's2', 'a longer name of a server'), { nil: undefined }),
  head: fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 90 }),
  tail: fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 90 }),
});

/** Head and tail lie somewhere in more bytes. */
function linkRow({ version, server, head, tail }: PlainRow): LinkRow {
  const bytes = Uint8Array.of(1, 2, ...head, 3, ...tail, 4);
  const tailAt = 3 + head.length;
  const ends = { headEnd: 2 + head.length, tailEnd: tailAt + tail.length };
  return { version, bytes, headAt: 2, server, tailAt, ...ends };
}

function plainRow({ version, bytes, server, headAt, headEnd, tailAt, tailEnd }: LinkRow): PlainRow {
  const part = (from: number, to: number): number[] => [...bytes.subarray(from, to)];
  return { version, server, head: part(headAt, headEnd), tail: part(tailAt, tailEnd) };
}

function bodyOf(rows: readonly PlainRow[], table = 3, sequence = 9): Uint8Array {
  const writer = new RowsWriter();
  for (const row of rows) {
    writer.add(linkRow(row));
  }
  expect(writer.rows).toBe(rows.length);
  return writer.take(table, sequence).subarray(FRAME_HEAD_BYTES);
}

function read(body: Uint8Array) {
  const batch = readRows(body, LATEST);
  if (!batch.ok) {
    return batch.error;
  }
  const rows: PlainRow[] = [];
  while (batch.value.next()) {
    rows.push(plainRow(batch.value.row));
  }
  const { table, sequence, newest } = batch.value;
  return { table, sequence, newest, rows };
}

const ROW: PlainRow = { version: 1000, server: 's1', head: [1, 2, 3], tail: [4] };

describe('batches of rows', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 20 }), (rows) => {
        const newest = Math.max(0, ...rows.map(({ version }) => version));
        expect(read(bodyOf(rows))).toEqual({ table: 3, sequence: 9, newest, rows });
      }),
    );
  });

  it('may be kept in bytes of its own, from its beginning', () => {
    const body = bodyOf([ROW, ROW]);
    const batch = readRows(body, LATEST);
    if (!batch.ok) {
      throw new Error('the batch is good');
    }
    batch.value.next();
    const kept = batch.value.kept();
    body.fill(0);
    expect([kept.next(), plainRow(kept.row), kept.next(), kept.next()]).toEqual([
      true,
      ROW,
      true,
      false,
    ]);
  });

  it('a writer begins anew behind each batch', () => {
    const writer = new RowsWriter();
    writer.add(linkRow(ROW));
    writer.take(1, 1);
    writer.add(linkRow(ROW));
    const frames = new LinkFrameReader().push(writer.take(2, 2));
    expect(frames.ok && read(frames.value[0]!.body)).toMatchObject({ table: 2, rows: [ROW] });
    expect(writer.rows).toBe(0);
  });

  it('a batch is full by bytes, and takes the longest row before', () => {
    const writer = new RowsWriter();
    const long: PlainRow = { ...ROW, head: Array.from({ length: 14_999 }, () => 7) };
    let rows = 0;
    while (!writer.isFull) {
      writer.add(linkRow(long));
      rows += 1;
    }
    expect(rows).toBe(3);
    expect(() => {
      writer.add(linkRow(ROW));
    }).toThrow();
    expect(read(writer.take(1, 1).subarray(FRAME_HEAD_BYTES))).toMatchObject({
      rows: [long, long, long],
    });
  });

  it('a batch is full by names of servers', () => {
    const writer = new RowsWriter();
    const rows: PlainRow[] = [];
    while (!writer.isFull) {
      rows.push({ ...ROW, server: `s${String(rows.length)}` });
      writer.add(linkRow(rows.at(-1)!));
    }
    expect(rows.length).toBe(254);
    expect(read(writer.take(1, 1).subarray(FRAME_HEAD_BYTES))).toMatchObject({ rows });
  });

  it.each<[string, PlainRow]>([
    ['that is too long', { ...ROW, head: Array.from({ length: 15_001 }, () => 7) }],
    ['whose server has no name', { ...ROW, server: '' }],
    ['whose server has a name that is too long', { ...ROW, server: 's'.repeat(256) }],
  ])('to write a row %s is our mistake', (_why, row) => {
    expect(() => {
      new RowsWriter().add(linkRow(row));
    }).toThrow();
  });

  it('is refused wherever it ends too early', () => {
    const body = bodyOf([ROW, { ...ROW, server: 's2' }]);
    const first = bodyOf([ROW]).length;
    for (let length = 0; length < body.length; length += 1) {
      // Where a row ends the batch may end.
      const isWhole = length === HEAD_BYTES || length === first;
      expect([length, 'code' in read(body.subarray(0, length))]).toEqual([length, !isWhole]);
    }
  });

  it.each<[string, (body: Uint8Array, view: DataView) => void, object]>([
    [
      'a version from the future',
      (_body, view) => {
        view.setFloat64(HEAD_BYTES, LATEST + 1);
      },
      { code: 'out-of-range', where: 'version' },
    ],
    [
      'a version that is none',
      (_body, view) => {
        view.setFloat64(HEAD_BYTES, Number.NaN);
      },
      { code: 'out-of-range', where: 'version' },
    ],
    [
      'a sequence that is none',
      (_body, view) => {
        view.setFloat64(4, 1.5);
      },
      { code: 'out-of-range', where: 'sequence' },
    ],
    [
      'sequence zero',
      (_body, view) => {
        view.setFloat64(4, 0);
      },
      { code: 'out-of-range', where: 'sequence' },
    ],
    [
      'a server that was not named',
      (body) => {
        body[HEAD_BYTES + 8] = 2;
      },
      { code: 'not-known', where: 'server', found: 2 },
    ],
    [
      'a server without a name',
      (body) => {
        body[HEAD_BYTES + 9] = 0;
      },
      { code: 'malformed', where: 'name of a server' },
    ],
    [
      'a server whose name has a control character',
      (body) => {
        body[HEAD_BYTES + 10] = 7;
      },
      { code: 'malformed', where: 'name of a server' },
    ],
    [
      'a row that is too long',
      (_body, view) => {
        view.setUint16(HEAD_BYTES + 12, 15_001);
      },
      { code: 'too-long', where: 'row' },
    ],
    [
      'a row that goes on behind the end',
      (_body, view) => {
        view.setUint16(HEAD_BYTES + 12, 50);
      },
      { code: 'truncated', where: 'row' },
    ],
  ])('refuses %s', (_why, spoil, expected) => {
    const body = bodyOf([ROW]);
    spoil(body, new DataView(body.buffer, body.byteOffset, body.length));
    expect(read(body)).toMatchObject(expected);
  });

  it('refuses more servers than a batch may name', () => {
    const writer = new RowsWriter();
    for (let index = 0; index < 254; index += 1) {
      writer.add(linkRow({ ...ROW, server: `s${String(index)}` }));
    }
    const body = writer.take(1, 1).subarray(FRAME_HEAD_BYTES);
    const more = Uint8Array.of(...body, ...bodyOf([ROW]).subarray(HEAD_BYTES));
    more[body.length + 8] = 255;
    expect(read(more)).toMatchObject({ code: 'not-known', where: 'server', found: 255 });
  });
});
