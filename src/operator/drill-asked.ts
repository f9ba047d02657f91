/** What a client of the control API asks of a drill, read as strictly as what the other node asks. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { readDrillNamed, readHandOrder } from '../wire/pair/drill.js';
import type { DrillAsked } from './drill-desk.js';

/** Its error is one sentence. */
export function readDrillAsked(body: string): Result<DrillAsked, string> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    value = undefined;
  }
  const { do: deed, node, order, id } = fieldsOf(value);
  if (typeof node !== 'string') {
    return fail(EXPECTED);
  }
  if (deed === 'arm') {
    const read = readHandOrder(JSON.stringify(order ?? null));
    return read.ok ? ok({ do: deed, node, order: read.value }) : fail(`\`order\`: ${read.error}`);
  }
  if (deed === 'fire' || deed === 'undo') {
    const read = readDrillNamed(JSON.stringify({ id }));
    return read.ok ? ok({ do: deed, node, id: read.value.id }) : fail(EXPECTED);
  }
  return fail(EXPECTED);
}

function fieldsOf(value: unknown): Readonly<Partial<Record<string, unknown>>> {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}

const EXPECTED =
  'expected `do` "arm" with `node` and `order`, or "fire" or "undo" with `node` and `id`';
