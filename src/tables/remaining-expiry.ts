/** How long HAProxy is to keep a row that it is handed. */
import type { RelayTable } from './relay-table.js';

/** A row that was touched so short a time ago is told as HAProxy tells its own: with its table's whole expire. */
const FRESH_MS = 500;

/** In whole milliseconds; undefined for the whole expire of HAProxy's own table. */
export function remainingExpiry(
  { mirror, own }: RelayTable,
  version: number,
  now: number,
): number | undefined {
  const { expire } = mirror;
  const isWhole = (own?.expire ?? expire) === expire;
  if (expire === 0 || (isWhole && now - version < FRESH_MS)) {
    return undefined;
  }
  return Math.min(expire, Math.max(1, Math.round(version + expire - now)));
}
