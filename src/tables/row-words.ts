/** Rows in words, for people who compare them. */
import { unreachable } from '../base/unreachable.js';
import { DictionaryReader } from '../wire/peers/dictionary.js';
import type { Cell, RowShape } from '../wire/peers/entry.js';
import { readEntry } from '../wire/peers/entry.js';
import { PayloadReader } from '../wire/peers/payload.js';
import type { Column } from '../wire/peers/table.js';

export interface RowWords {
  readonly key: string;
  readonly values: string;
}

/** Keys may be thousands of bytes long. */
const MOST_KEY_CHARACTERS = 80;
const MOST_VALUES_CHARACTERS = 300;

/** Of a row as HAProxy sent it, which was walked over. `text`: the name of its server, which may stand for a slot there. */
export function wordsOf(body: Uint8Array, table: RowShape, text: string | undefined): RowWords {
  // A dictionary of its own: of slots that are meant by number only it knows nothing, and the text is known.
  const { key, cells } = readEntry(new PayloadReader(body), table, new SilentDictionary());
  const values = table.columns.map((column, index) => valueOf(column, cells[index], text));
  return {
    key: keyOf(key, table).slice(0, MOST_KEY_CHARACTERS),
    values: values.join(' ').slice(0, MOST_VALUES_CHARACTERS),
  };
}

/** Passes over texts without knowing them. */
class SilentDictionary extends DictionaryReader {
  override read(payload: PayloadReader): string | undefined {
    const length = payload.number('dictionary value length', { least: 0, most: 300 });
    payload.bytes('dictionary value', length);
    return undefined;
  }
}

function keyOf(key: Uint8Array, { keyType }: RowShape): string {
  const bytes = Buffer.from(key);
  switch (keyType) {
    case 'integer':
      return String(bytes.readUInt32BE());
    case 'ipv4':
      return [...key].join('.');
    case 'ipv6':
      return bytes.toString('hex').replace(/(....)(?!$)/gu, '$1:');
    case 'string':
      return JSON.stringify(bytes.toString('latin1'));
    case 'binary':
      return bytes.toString('hex');
    default:
      return unreachable(keyType);
  }
}

function valueOf({ type }: Column, cell: Cell | undefined, text: string | undefined): string {
  if (cell?.kind === 'integers') {
    return `${type}=${cell.values.join(',')}`;
  }
  return cell?.kind === 'rates'
    ? `${type}=${cell.values.map(({ current }) => String(current)).join(',')}`
    : `${type}=${text ?? '-'}`;
}
