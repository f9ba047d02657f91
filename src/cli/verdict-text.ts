/** What two nodes found that compared what they hold, in a word. */
import { bad, doubtful, good } from './paint.js';
import { time } from './status/time.js';

/** `uncompared`: the words for what is not known. `now`: by the clock that `at` was read from; how long ago it was is said then. */
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
  now?: number,
): string {
  const when = at === undefined ? '' : whenText(at, now);
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

/** One from the future is of a clock that was set back since. */
function whenText(at: number, now: number | undefined): string {
  return now === undefined || now < at ? ` at ${time(at)}` : ` ${tenthsOf(now - at)} s ago`;
}

function tenthsOf(ms: number): string {
  return (ms / MS).toFixed(1);
}

const MS = 1000;
