/** What two nodes found that compared what they hold, in a word. */
import { bad, doubtful, good } from './paint.js';
import { time } from './status/time.js';

/** `uncompared`: the words for what is not known. */
export function verdictText(
  {
    verdict,
    at,
  }: {
    readonly verdict: 'equal' | 'differs' | 'unknown';
    /** In Unix milliseconds. */
    readonly at?: number | undefined;
  },
  uncompared: string,
): string {
  const when = at === undefined ? '' : ` at ${time(at)}`;
  switch (verdict) {
    case 'equal':
      return good(`equal${when}`);
    case 'differs':
      return bad(`differs${when}`);
    case 'unknown':
      return doubtful(uncompared);
    default:
      return verdict satisfies never;
  }
}
