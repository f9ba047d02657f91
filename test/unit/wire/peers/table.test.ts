import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PayloadReader, PayloadWriter } from '../../../../src/wire/peers/payload.js';
import type { TableDefinition } from '../../../../src/wire/peers/table.js';
import {
  DATA_TYPES,
  MOST_KEY_BYTES,
  readDefinition,
  writeDefinition,
} from '../../../../src/wire/peers/table.js';
import { anyTable, TABLE } from './given-peers.js';

function written(table: TableDefinition): Uint8Array {
  const payload = new PayloadWriter();
  writeDefinition(payload, table);
  return payload.written;
}

function violationOf(...octets: readonly number[]) {
  const payload = new PayloadReader(Uint8Array.from(octets));
  readDefinition(payload);
  return payload.violation;
}

describe('the definition of a table', () => {
  it('has these bytes', () => {
    const simple: TableDefinition = {
      ...TABLE,
      keyType: 'ipv4',
      keyLength: 4,
      expire: 100,
      columns: [
        { type: 'gpc0_rate', elements: 1, period: 100 },
        { type: 'conn_cnt', elements: 1, period: undefined },
      ],
    };
    const octets = [1, 3, 0x61, 0x70, 0x70, 4, 4, 0b11000, 100, 3, 100];
    expect([...written(simple)]).toEqual(octets);
    expect(readDefinition(new PayloadReader(Uint8Array.from(octets)))).toEqual(simple);
  });

  it('knows the numbers of all data types', () => {
    const numbers = Object.keys(DATA_TYPES);
    expect(numbers).toHaveLength(27);
    expect([numbers[0], numbers[13], numbers[19], numbers[24], numbers[26]]).toEqual([
      'server_id',
      'bytes_in_cnt',
      'server_key',
      'gpc_rate',
      'glitch_rate',
    ]);
  });

  it('is read as it was written, with whatever it stores', () => {
    fc.assert(
      fc.property(anyTable, (table) => {
        const payload = new PayloadReader(written(table));
        expect(readDefinition(payload)).toEqual(table);
        expect(payload.violation).toBeUndefined();
      }),
    );
  });

  const KEY = [1, 1, 0x61];
  it.each([
    [
      'a name of no length',
      [1, 0],
      { code: 'out-of-range', where: 'table name length', found: 0, expected: '1 to 255' },
    ],
    [
      'a key type that is none',
      [...KEY, 3, 4],
      { code: 'not-known', where: 'table key type', found: 3, expected: 'one of 2, 4, 5, 6, 7' },
    ],
    [
      'an address of another length',
      [...KEY, 4, 5, 0, 0],
      { code: 'out-of-range', where: 'table key length', found: 5, expected: '4 to 4' },
    ],
    [
      'a string without room',
      [...KEY, 6, 0, 0, 0],
      { code: 'out-of-range', where: 'table key length', found: 0, expected: '1 to 8192' },
    ],
    [
      'keys of 64 KiB',
      [...KEY, 6, 0xf0, 0xf1, 0x1e, 0, 0],
      { code: 'out-of-range', where: 'table key length', found: 65_536, expected: '1 to 8192' },
    ],
    [
      'parameters of another type',
      [...KEY, 4, 4, 0b1000, 0, 5, 100],
      {
        code: 'out-of-range',
        where: 'table parameters, number of gpc0_rate',
        found: 5,
        expected: '3 to 3',
      },
    ],
    [
      'a rate without a period',
      [...KEY, 4, 4, 0b1000, 0, 3],
      {
        code: 'truncated',
        where: 'table period of gpc0_rate',
        found: '0 bytes',
        expected: 'a whole number of 64 bits',
      },
    ],
    [
      'an array of too many elements',
      // Bit 22 is 4,194,304.
      [...KEY, 4, 4, 0xf0, 0xf1, 0xfe, 0x0e, 0, 22, 101],
      { code: 'out-of-range', where: 'table elements of gpt', found: 101, expected: '1 to 100' },
    ],
    [
      'nothing',
      [],
      {
        code: 'truncated',
        where: 'table id',
        found: '0 bytes',
        expected: 'a whole number of 64 bits',
      },
    ],
  ])('is refused with %s', (_what, octets, violation) => {
    expect(violationOf(...octets)).toEqual(violation);
  });

  it('the longest key is read', () => {
    const table: TableDefinition = { ...TABLE, keyLength: MOST_KEY_BYTES };
    expect(readDefinition(new PayloadReader(written(table)))).toEqual(table);
  });

  it.each<[string, Partial<TableDefinition>]>([
    ['columns in another order', { columns: TABLE.columns.toReversed() }],
    ['a column twice', { columns: [TABLE.columns[0]!, TABLE.columns[0]!] }],
    ['an unknown type that is known', { unknown: [3] }],
    ['a rate without period', { columns: [{ type: 'gpc0_rate', elements: 1, period: undefined }] }],
  ])('%s: our mistake', (_what, change) => {
    expect(() => written({ ...TABLE, ...change })).toThrow();
  });

  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (noise) => {
        readDefinition(new PayloadReader(noise));
        const after = new PayloadReader(Uint8Array.of(...KEY, 4, 4, ...noise));
        const table = readDefinition(after);
        if (after.violation === undefined) {
          expect(readDefinition(new PayloadReader(written(table)))).toEqual(table);
        }
      }),
    );
  });
});
