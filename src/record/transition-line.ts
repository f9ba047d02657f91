/** One line of the history on the disk: an entry, with a checksum. What passes was written by a vipair, and is trusted. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type {
  FirstRequestPhase,
  Phases,
  Transition,
  TransitionName,
} from '../telemetry/transition.js';
import { checkedLine, readCheckedLine } from './checked-line.js';

export type Entry =
  | { readonly kind: 'transition'; readonly transition: Transition }
  /** What was not known yet when the transition of that number was written. */
  | { readonly kind: 'announced'; readonly announced: Announced }
  | { readonly kind: 'served'; readonly served: Served };

export interface Announced extends TransitionName, Pick<Phases, 'claimMs' | 'announceMs'> {}

export interface Served extends TransitionName {
  readonly firstRequest: FirstRequestPhase;
}

export interface LineFailure {
  /** `unknown`: whole, and of a vipair that writes other lines. */
  readonly code: 'damaged' | 'unknown';
}

/** Without the line's end. */
export function formatLine(entry: Entry): string {
  return checkedLine({ version: VERSION, ...entry });
}

export function readLine(line: string): Result<Entry, LineFailure> {
  const entry = readCheckedLine(line) as (Entry & { readonly version: number }) | undefined;
  if (entry === undefined) {
    return fail({ code: 'damaged' });
  }
  const isKnown = entry.version === VERSION && KINDS.has(entry.kind);
  return isKnown ? ok(entry) : fail({ code: 'unknown' });
}

const VERSION = 1;
const KINDS: ReadonlySet<string> = new Set<Entry['kind']>(['transition', 'announced', 'served']);
