/** Which of two nodes' seeds both hash with. */
import type { HashSeed } from '../wire/tables/message.js';

/** Of two that were drawn at one moment the lesser counts as the older. */
export function isOlder(a: HashSeed, b: HashSeed): boolean {
  if (a.since !== b.since) {
    return a.since < b.since;
  }
  return a.high === b.high ? a.low < b.low : a.high < b.high;
}
