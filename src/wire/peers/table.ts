/**
 * The definition of a stick table in the peers protocol: its sender's number for it, its name and key, and what it stores
 * in a row. Updates that follow are of this table, until the next definition.
 */
import { invariant } from '../../base/unreachable.js';
import type { PayloadReader, PayloadWriter } from './payload.js';
import { MOST_UINT32 } from './payload.js';
import type { Uint64 } from './varint.js';

export type PeersKeyType = 'integer' | 'ipv4' | 'ipv6' | 'string' | 'binary';

/** How the values of a data type are written. Rates count the events of a period; those in the plural are arrays. */
export type DataEncoding = 'integer' | 'rate' | 'dictionary' | 'integers' | 'rates';

export type DataType =
  | 'server_id'
  | 'gpt0'
  | 'gpc0'
  | 'gpc0_rate'
  | 'conn_cnt'
  | 'conn_rate'
  | 'conn_cur'
  | 'sess_cnt'
  | 'sess_rate'
  | 'http_req_cnt'
  | 'http_req_rate'
  | 'http_err_cnt'
  | 'http_err_rate'
  | 'bytes_in_cnt'
  | 'bytes_in_rate'
  | 'bytes_out_cnt'
  | 'bytes_out_rate'
  | 'gpc1'
  | 'gpc1_rate'
  | 'server_key'
  | 'http_fail_cnt'
  | 'http_fail_rate'
  | 'gpt'
  | 'gpc'
  | 'gpc_rate'
  | 'glitch_cnt'
  | 'glitch_rate';

/** What a table stores in every row. */
export interface Column {
  readonly type: DataType;
  /** 1, but for the types that are arrays. */
  readonly elements: number;
  /** In milliseconds; undefined for what is no rate. */
  readonly period: number | undefined;
}

export interface TableDefinition {
  /** The sender's own number. Both sides know a table by its name. */
  readonly id: number;
  /** Of the proxy it stands in; with a slash in front where it stands in a peers section. */
  readonly name: string;
  readonly keyType: PeersKeyType;
  /** In bytes. Of a string it is the longest and the zero behind it; on the wire a string has its own length. */
  readonly keyLength: number;
  /** In milliseconds; 0 is never. */
  readonly expire: number;
  /** In the order of {@link DATA_TYPES}, which is that of the values in a row. */
  readonly columns: readonly Column[];
  /** Numbers of data types that we do not know, ascending. Their values stand behind all those we know. */
  readonly unknown: readonly number[];
  /** What stands behind the parameters that we know: those of unknown types, or what later versions add. */
  readonly rest: Uint8Array;
}

/** Longer keys of strings and binaries are refused: with them and all data types a row fits into one message. */
export const MOST_KEY_BYTES = 8192;

/** HAProxy's own bound of an array in a row. */
export const MOST_ELEMENTS = 100;

const MOST_NAME_BYTES = 255;
/** Bits of the field that says which data types a table has. */
const MOST_DATA_TYPES = 64;

/** In the order of their numbers on the wire. HAProxy 2.4 to 3.x; the two of glitches are from 3.0 on. */
export const DATA_TYPES: Readonly<Record<DataType, DataEncoding>> = {
  server_id: 'integer',
  gpt0: 'integer',
  gpc0: 'integer',
  gpc0_rate: 'rate',
  conn_cnt: 'integer',
  conn_rate: 'rate',
  conn_cur: 'integer',
  sess_cnt: 'integer',
  sess_rate: 'rate',
  http_req_cnt: 'integer',
  http_req_rate: 'rate',
  http_err_cnt: 'integer',
  http_err_rate: 'rate',
  bytes_in_cnt: 'integer',
  bytes_in_rate: 'rate',
  bytes_out_cnt: 'integer',
  bytes_out_rate: 'rate',
  gpc1: 'integer',
  gpc1_rate: 'rate',
  server_key: 'dictionary',
  http_fail_cnt: 'integer',
  http_fail_rate: 'rate',
  gpt: 'integers',
  gpc: 'integers',
  gpc_rate: 'rates',
  glitch_cnt: 'integer',
  glitch_rate: 'rate',
};

const NAMES = Object.keys(DATA_TYPES) as readonly DataType[];

/** On the wire. 3 is HAProxy's number for any address, which no table has as its key. */
const KEY_TYPES: Readonly<Record<PeersKeyType, number>> = {
  integer: 2,
  ipv4: 4,
  ipv6: 5,
  string: 6,
  binary: 7,
};

const UINT32 = { least: 0, most: MOST_UINT32 };

/** The payload of a definition. What is wrong with it is the payload's violation. */
export function readDefinition(payload: PayloadReader): TableDefinition {
  const id = payload.number('table id', UINT32);
  const nameLength = payload.number('table name length', { least: 1, most: MOST_NAME_BYTES });
  const name = payload.text('table name', nameLength);
  const keyType = readKeyType(payload);
  const keyLength = payload.number('table key length', keyLengths(keyType));
  const types = numbersIn(payload.varint('table data types'));
  const expire = payload.number('table expire', UINT32);
  const known = types.filter((number) => number < NAMES.length);
  const columns = known.map((number) => readColumn(payload, number));
  const unknown = types.slice(known.length);
  return { id, name, keyType, keyLength, expire, columns, unknown, rest: payload.rest() };
}

function readKeyType(payload: PayloadReader): PeersKeyType {
  const number = payload.number('table key type', UINT32);
  const known = (Object.keys(KEY_TYPES) as PeersKeyType[]).find(
    (type) => KEY_TYPES[type] === number,
  );
  if (known === undefined) {
    const expected = `one of ${Object.values(KEY_TYPES).join(', ')}`;
    payload.refuse({ code: 'not-known', where: 'table key type', found: number, expected });
  }
  return known ?? 'binary';
}

function keyLengths(type: PeersKeyType): { readonly least: number; readonly most: number } {
  const exact = KEY_LENGTHS[type];
  return exact === undefined ? { least: 1, most: MOST_KEY_BYTES } : { least: exact, most: exact };
}

/** Undefined where it is configured. */
const KEY_LENGTHS: Readonly<Record<PeersKeyType, number | undefined>> = {
  integer: 4,
  ipv4: 4,
  ipv6: 16,
  string: undefined,
  binary: undefined,
};

function readColumn(payload: PayloadReader, number: number): Column {
  const type = NAMES[number];
  invariant(type !== undefined, 'types without a name are unknown ones');
  const encoding = DATA_TYPES[type];
  if (encoding === 'integer' || encoding === 'dictionary') {
    return { type, elements: 1, period: undefined };
  }
  payload.number(`table parameters, number of ${type}`, { least: number, most: number });
  const elements =
    encoding === 'rate'
      ? 1
      : payload.number(`table elements of ${type}`, { least: 1, most: MOST_ELEMENTS });
  const period =
    encoding === 'integers' ? undefined : payload.number(`table period of ${type}`, UINT32);
  return { type, elements, period };
}

/** A definition that the wire cannot say is our mistake and throws. */
export function writeDefinition(payload: PayloadWriter, definition: TableDefinition): void {
  const { id, name, keyType, keyLength, expire, columns, unknown, rest } = definition;
  const numbers = columns.map(({ type }) => NAMES.indexOf(type));
  const all = [...numbers, ...unknown];
  invariant(
    all.every((number, index) => index === 0 || number > Number(all[index - 1])),
    'the data types of a table are in the order of their numbers',
  );
  payload.varint(id).text(name).varint(KEY_TYPES[keyType]).varint(keyLength);
  payload.varint(all.reduce((bits, number) => bits | (1n << BigInt(number)), 0n)).varint(expire);
  for (const { type, elements, period } of columns) {
    const encoding = DATA_TYPES[type];
    if (encoding !== 'integer' && encoding !== 'dictionary') {
      payload.varint(NAMES.indexOf(type));
    }
    if (encoding === 'integers' || encoding === 'rates') {
      payload.varint(elements);
    }
    if (encoding === 'rate' || encoding === 'rates') {
      invariant(period !== undefined, 'a rate has a period');
      payload.varint(period);
    }
  }
  payload.bytes(rest);
}

/** The places of the bits that are set, ascending. */
function numbersIn(bits: Uint64): readonly number[] {
  const wide = BigInt(bits);
  return BIT_NUMBERS.filter((number) => ((wide >> BigInt(number)) & 1n) === 1n);
}

const BIT_NUMBERS: readonly number[] = [...Array.from({ length: MOST_DATA_TYPES }).keys()];
