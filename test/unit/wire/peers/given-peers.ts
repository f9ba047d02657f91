/** Tables and rows of the peers protocol, as tests imagine and as HAProxy sends them. */
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import type { Cell, Entry, RowShape } from '../../../../src/wire/peers/entry.js';
import type { Column, DataType, TableDefinition } from '../../../../src/wire/peers/table.js';
import { DATA_TYPES, MOST_ELEMENTS } from '../../../../src/wire/peers/table.js';
import type { Uint64 } from '../../../../src/wire/peers/varint.js';

export const TABLE: TableDefinition = {
  id: 1,
  name: 'app',
  keyType: 'string',
  keyLength: 33,
  expire: 1_800_000,
  columns: [
    { type: 'server_id', elements: 1, period: undefined },
    { type: 'gpc0_rate', elements: 1, period: 10_000 },
    { type: 'server_key', elements: 1, period: undefined },
    { type: 'gpt', elements: 3, period: undefined },
    { type: 'gpc_rate', elements: 2, period: 10_000 },
  ],
  unknown: [],
  rest: new Uint8Array(0),
};

const TYPES = Object.keys(DATA_TYPES) as DataType[];
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });

function anyColumn(type: DataType): fc.Arbitrary<Column> {
  const encoding = DATA_TYPES[type];
  const isArray = encoding === 'integers' || encoding === 'rates';
  return fc.record({
    type: fc.constant(type),
    elements: isArray ? fc.integer({ min: 1, max: MOST_ELEMENTS }) : fc.constant(1),
    period: encoding.startsWith('rate') ? uint32 : fc.constant(undefined),
  });
}

const anyKey = fc.oneof(
  fc.constantFrom<Pick<RowShape, 'keyType' | 'keyLength'>>(
    { keyType: 'integer', keyLength: 4 },
    { keyType: 'ipv4', keyLength: 4 },
    { keyType: 'ipv6', keyLength: 16 },
  ),
  fc.record({
    keyType: fc.constantFrom('string' as const, 'binary' as const),
    keyLength: fc.integer({ min: 1, max: 40 }),
  }),
);

/** Any table that HAProxy could define, also with data types that are not known yet. */
export const anyTable: fc.Arbitrary<TableDefinition> = fc
  .tuple(
    fc.record({
      id: uint32,
      name: fc.string({ minLength: 1, maxLength: 255, unit: 'grapheme-ascii' }),
      expire: uint32,
      unknown: fc
        .uniqueArray(fc.integer({ min: TYPES.length, max: 63 }), { maxLength: 4 })
        .map((numbers) => numbers.toSorted((a, b) => a - b)),
      rest: fc.uint8Array({ maxLength: 20 }),
    }),
    anyKey,
    fc.subarray(TYPES).chain((types) => fc.tuple(...types.map(anyColumn))),
  )
  .map(([rest, key, columns]) => ({ ...rest, ...key, columns }));

const anyUint64: fc.Arbitrary<Uint64> = fc
  .bigInt({ min: 0n, max: 2n ** 64n - 1n })
  .map((value) => (value <= Number.MAX_SAFE_INTEGER ? Number(value) : value));

/** Few, so that slots are used again. */
const anyServer = fc.option(fc.constantFrom('web1', 'web2', '10.77.0.5:80', 'x'.repeat(255)), {
  nil: undefined,
});

function anyCell({ type, elements }: Column): fc.Arbitrary<Cell> {
  const many = { minLength: elements, maxLength: elements };
  const encoding = DATA_TYPES[type];
  if (encoding === 'dictionary') {
    return fc.record({ kind: fc.constant('text' as const), value: anyServer });
  }
  const rate = fc.record({ age: anyUint64, current: anyUint64, previous: anyUint64 });
  return encoding.startsWith('rate')
    ? fc.record({ kind: fc.constant('rates' as const), values: fc.array(rate, many) })
    : fc.record({ kind: fc.constant('integers' as const), values: fc.array(anyUint64, many) });
}

export function anyEntry({ keyType, keyLength, columns }: RowShape): fc.Arbitrary<Entry> {
  const key =
    keyType === 'string'
      ? fc.uint8Array({ min: 1, maxLength: keyLength - 1 })
      : fc.uint8Array({ minLength: keyLength, maxLength: keyLength });
  return fc.record({
    key,
    cells: fc.tuple(...columns.map(anyCell)),
    rest: fc.uint8Array({ maxLength: 20 }),
  });
}

/** What one side of a real session sent (captures/README.md). */
export function capture(name: string): Uint8Array {
  const text = readFileSync(`test/unit/wire/peers/captures/${name}.hex`, 'utf8');
  return Uint8Array.from(Buffer.from(text.replaceAll('\n', ''), 'hex'));
}
