import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokenAssumption } from '../../../../src/base/unreachable.js';
import { DictionaryReader, DictionaryWriter } from '../../../../src/wire/peers/dictionary.js';
import type { Entry, RowShape } from '../../../../src/wire/peers/entry.js';
import { readEntry, writeEntry } from '../../../../src/wire/peers/entry.js';
import { encodePeersFrame, MOST_PAYLOAD_BYTES } from '../../../../src/wire/peers/frame.js';
import { PayloadReader, PayloadWriter } from '../../../../src/wire/peers/payload.js';
import type { DataType } from '../../../../src/wire/peers/table.js';
import { DATA_TYPES, MOST_ELEMENTS, MOST_KEY_BYTES } from '../../../../src/wire/peers/table.js';
import { anyEntry, anyTable, TABLE } from './given-peers.js';

const NOTHING = new Uint8Array(0);

function written(entry: Entry, table: RowShape, dictionary = new DictionaryWriter()): Uint8Array {
  const payload = new PayloadWriter();
  writeEntry(payload, entry, { table, dictionary });
  return payload.written;
}

function read(octets: readonly number[], table: RowShape) {
  const payload = new PayloadReader(Uint8Array.from(octets));
  const entry = readEntry(payload, table, new DictionaryReader());
  return { entry, violation: payload.violation };
}

const ROW: Entry = {
  key: Uint8Array.from(Buffer.from('ann')),
  cells: [
    { kind: 'integers', values: [2] },
    { kind: 'rates', values: [{ age: 100, current: 3, previous: 4 }] },
    { kind: 'text', value: 'web' },
    { kind: 'integers', values: [5, 6, 7] },
    {
      kind: 'rates',
      values: [
        { age: 1, current: 2, previous: 3 },
        { age: 4, current: 5, previous: 6 },
      ],
    },
  ],
  rest: NOTHING,
};
const ROW_OCTETS = [
  ...[3, 0x61, 0x6e, 0x6e],
  ...[2, 100, 3, 4],
  ...[5, 1, 3, 0x77, 0x65, 0x62],
  ...[5, 6, 7, 1, 2, 3, 4, 5, 6],
];

describe('a row', () => {
  it('has these bytes', () => {
    expect([...written(ROW, TABLE)]).toEqual(ROW_OCTETS);
    expect(read(ROW_OCTETS, TABLE)).toEqual({ entry: ROW, violation: undefined });
  });

  it.each<[RowShape['keyType'], number, number[]]>([
    ['integer', 4, [0, 0, 0, 7]],
    ['ipv4', 4, [10, 77, 0, 9]],
    ['ipv6', 16, [0xfd, 0x77, ...Array<number>(14).fill(0)]],
    ['binary', 3, [0, 1, 2]],
  ])('a key of type %s has its length from the table', (keyType, keyLength, octets) => {
    const table: RowShape = { keyType, keyLength, columns: [] };
    const { entry } = read(octets, table);
    expect([...entry.key]).toEqual(octets);
    expect([...written(entry, table)]).toEqual(octets);
  });

  it('keeps the values of unknown types as they are', () => {
    const table: RowShape = { keyType: 'ipv4', keyLength: 4, columns: [] };
    const { entry } = read([1, 2, 3, 4, 9, 9], table);
    expect(entry.rest).toEqual(Uint8Array.of(9, 9));
    expect([...written(entry, table)]).toEqual([1, 2, 3, 4, 9, 9]);
  });

  it('is read as it was written, and so are those that follow it', () => {
    const rows = anyTable.chain((table) =>
      fc.tuple(fc.constant(table), fc.array(anyEntry(table), { maxLength: 8 })),
    );
    fc.assert(
      fc.property(rows, ([table, entries]) => {
        const ours = new DictionaryWriter();
        const theirs = new DictionaryReader();
        for (const entry of entries) {
          const payload = new PayloadReader(written(entry, table, ours));
          expect(readEntry(payload, table, theirs)).toEqual(entry);
          expect(payload.violation).toBeUndefined();
        }
      }),
    );
  });

  it('fits into a message with the longest key and all data types', () => {
    const types = Object.keys(DATA_TYPES) as DataType[];
    const columns = types.map((type) => ({
      type,
      elements: ['gpt', 'gpc', 'gpc_rate'].includes(type) ? MOST_ELEMENTS : 1,
      period: 1,
    }));
    const value = 2n ** 64n - 1n;
    const cells = columns.map(({ type, elements }) => {
      if (type === 'server_key') {
        return { kind: 'text' as const, value: 'x'.repeat(255) };
      }
      return type.endsWith('rate')
        ? {
            kind: 'rates' as const,
            values: Array.from({ length: elements }, () => ({
              age: value,
              current: value,
              previous: value,
            })),
          }
        : { kind: 'integers' as const, values: Array<bigint>(elements).fill(value) };
    });
    const table: RowShape = { keyType: 'binary', keyLength: MOST_KEY_BYTES, columns };
    const entry: Entry = { key: new Uint8Array(MOST_KEY_BYTES), cells, rest: NOTHING };
    const payload = written(entry, table);
    expect(payload.length).toBeLessThan(MOST_PAYLOAD_BYTES);
    expect(() => encodePeersFrame({ class: 10, type: 0x81, payload })).not.toThrow();
  });

  it.each([
    [
      'a string longer than its table has it',
      [33, ...Array<number>(33).fill(0x61)],
      { code: 'out-of-range', where: 'key length', found: 33, expected: '0 to 32' },
    ],
    [
      'a string with a zero',
      [2, 0x61, 0],
      { code: 'malformed', where: 'key', found: 'a zero', expected: 'a string without zeros' },
    ],
    [
      'a column too few',
      ROW_OCTETS.slice(0, -1),
      {
        code: 'truncated',
        where: 'gpc_rate',
        found: '0 bytes',
        expected: 'a whole number of 64 bits',
      },
    ],
    [
      'a slot that nobody filled',
      [...ROW_OCTETS.slice(0, 8), 1, 9],
      { code: 'unset', where: 'dictionary slot', found: 9, expected: 'a slot in use' },
    ],
  ])('is refused with %s', (_what, octets, violation) => {
    expect(read(octets, TABLE).violation).toEqual(violation);
  });

  it.each<[string, Partial<Entry>]>([
    ['a key that is too long', { key: new Uint8Array(33) }],
    ['a cell too few', { cells: ROW.cells.slice(1) }],
    ['cells in another order', { cells: ROW.cells.toReversed() }],
    [
      'an element too many',
      { cells: ROW.cells.with(0, { kind: 'integers' as const, values: [1, 2] }) },
    ],
  ])('with %s is our mistake', (_what, change) => {
    expect(() => written({ ...ROW, ...change }, TABLE)).toThrow();
  });

  it('with a key of another length than an address has is our mistake', () => {
    const table: RowShape = { keyType: 'ipv4', keyLength: 4, columns: [] };
    expect(() => written({ key: new Uint8Array(5), cells: [], rest: NOTHING }, table)).toThrow(
      'as long as its table',
    );
  });

  it('of a table with a column that no definition can have is our mistake', () => {
    const column = { type: 'colour' as never, elements: 1, period: undefined };
    expect(() => read(ROW_OCTETS, { ...TABLE, columns: [column] })).toThrow(BrokenAssumption);
  });

  it('never throws, whatever the bytes are, and then is written again', () => {
    fc.assert(
      fc.property(anyTable, fc.uint8Array({ maxLength: 200 }), (table, noise) => {
        const payload = new PayloadReader(noise);
        const entry = readEntry(payload, table, new DictionaryReader());
        if (payload.violation === undefined) {
          const again = new PayloadReader(written(entry, table));
          expect(readEntry(again, table, new DictionaryReader())).toEqual(entry);
        }
      }),
    );
  });
});
