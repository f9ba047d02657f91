/** A row of a stick table as updates carry it: its key, and one cell for each column of its table. */
import { invariant, unreachable } from '../../base/unreachable.js';
import type { DictionaryReader, DictionaryWriter } from './dictionary.js';
import type { PayloadReader, PayloadWriter } from './payload.js';
import type { Column, DataEncoding, TableDefinition } from './table.js';
import { DATA_TYPES } from './table.js';
import type { Uint64 } from './varint.js';

/** Ages are relative, so that two clocks need not agree; one of a counter that never counted is absurdly great. */
export interface Rate {
  /** Milliseconds since the current period began. */
  readonly age: Uint64;
  /** Events in it, and in the one before. */
  readonly current: Uint64;
  readonly previous: Uint64;
}

export type Cell =
  /** One, or as many as the column has elements. Negative ones come as 2⁶⁴ less. */
  | { readonly kind: 'integers'; readonly values: readonly Uint64[] }
  | { readonly kind: 'rates'; readonly values: readonly Rate[] }
  /** Undefined: the reader of the row keeps what it had. */
  | { readonly kind: 'text'; readonly value: string | undefined };

export interface Entry {
  /** As it stands on the wire, the length of a string apart: addresses and integers in network order. */
  readonly key: Uint8Array;
  /** One for each column. */
  readonly cells: readonly Cell[];
  /** The values of data types that we do not know. */
  readonly rest: Uint8Array;
}

/** What has to be known of a table to read and write its rows. */
export type RowShape = Pick<TableDefinition, 'keyType' | 'keyLength' | 'columns'>;

/**
 * The body of an update. The other side's dictionary learns from it, also for a table that nobody here wants. What is
 * wrong is the payload's violation; then nothing of the entry may be used.
 */
export function readEntry(
  payload: PayloadReader,
  table: RowShape,
  dictionary: DictionaryReader,
): Entry {
  const key = readKey(payload, table);
  const cells = table.columns.map((column) => readCell(payload, column, dictionary));
  return { key, cells, rest: payload.rest() };
}

function readKey(payload: PayloadReader, { keyType, keyLength }: RowShape): Uint8Array {
  if (keyType !== 'string') {
    return payload.bytes('key', keyLength);
  }
  const length = payload.number('key length', { least: 0, most: keyLength - 1 });
  const key = payload.bytes('key', length);
  if (key.includes(0)) {
    const expected = 'a string without zeros';
    payload.refuse({ code: 'malformed', where: 'key', found: 'a zero', expected });
  }
  return key;
}

function readCell(payload: PayloadReader, column: Column, dictionary: DictionaryReader): Cell {
  const { type, elements } = column;
  const encoding = DATA_TYPES[type];
  switch (encoding) {
    case 'integer':
    case 'integers':
      return { kind: 'integers', values: times(elements, () => payload.varint(type)) };
    case 'rate':
    case 'rates':
      return { kind: 'rates', values: times(elements, () => readRate(payload, type)) };
    case 'dictionary':
      return { kind: 'text', value: dictionary.read(payload) };
    default:
      return unreachable(encoding);
  }
}

function readRate(payload: PayloadReader, where: string): Rate {
  const age = payload.varint(where);
  const current = payload.varint(where);
  return { age, current, previous: payload.varint(where) };
}

function times<T>(count: number, read: () => T): readonly T[] {
  const values: T[] = [];
  while (values.length < count) {
    values.push(read());
  }
  return values;
}

/** An entry that does not fit its table is our mistake and throws. */
export function writeEntry(
  payload: PayloadWriter,
  entry: Entry,
  { table, dictionary }: { readonly table: RowShape; readonly dictionary: DictionaryWriter },
): void {
  writeKey(payload, entry.key, table);
  invariant(entry.cells.length === table.columns.length, 'a row has a cell for each column');
  for (const [index, column] of table.columns.entries()) {
    const cell = entry.cells[index];
    invariant(cell !== undefined && isOf(cell, column), 'a cell is of the type of its column');
    writeCell(payload, cell, dictionary);
  }
  payload.bytes(entry.rest);
}

function writeKey(payload: PayloadWriter, key: Uint8Array, { keyType, keyLength }: RowShape): void {
  const isString = keyType === 'string';
  const fits = isString ? key.length < keyLength : key.length === keyLength;
  invariant(fits, 'a key is as long as its table says');
  (isString ? payload.varint(key.length) : payload).bytes(key);
}

function isOf(cell: Cell, { type, elements }: Column): boolean {
  const isRightKind = cell.kind === KINDS[DATA_TYPES[type]];
  return isRightKind && (cell.kind === 'text' || cell.values.length === elements);
}

const KINDS: Readonly<Record<DataEncoding, Cell['kind']>> = {
  integer: 'integers',
  integers: 'integers',
  rate: 'rates',
  rates: 'rates',
  dictionary: 'text',
};

function writeCell(payload: PayloadWriter, cell: Cell, dictionary: DictionaryWriter): void {
  if (cell.kind === 'text') {
    dictionary.write(payload, cell.value);
  } else if (cell.kind === 'rates') {
    for (const { age, current, previous } of cell.values) {
      payload.varint(age).varint(current).varint(previous);
    }
  } else {
    for (const value of cell.values) {
      payload.varint(value);
    }
  }
}
