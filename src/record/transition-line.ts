/**
 * One line of the history on the disk: an entry in JSON and the checksum of its text, so that a line that was cut off or
 * damaged is known for what it is. What passes was written by a vipair, and is trusted.
 */
import { createHash } from 'node:crypto';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Phases, Transition } from '../telemetry/transition.js';

export type Entry =
  | { readonly kind: 'transition'; readonly transition: Transition }
  /** What was not known yet when the transition of that number was written. */
  | { readonly kind: 'announced'; readonly announced: Announced };

export interface Announced extends Pick<Phases, 'claimMs' | 'announceMs'> {
  readonly node: string;
  readonly epoch: number;
  readonly number: number;
}

export interface LineFailure {
  /** `unknown`: whole, and of a vipair that writes other lines. */
  readonly code: 'damaged' | 'unknown';
}

/** Without the line's end. */
export function formatLine(entry: Entry): string {
  const text = JSON.stringify({ version: VERSION, ...entry });
  return `{"sum":"${checksum(text)}","entry":${text}}`;
}

export function readLine(line: string): Result<Entry, LineFailure> {
  const [, sum, text] = FORM.exec(line) ?? [];
  if (sum === undefined || text === undefined || checksum(text) !== sum) {
    return fail({ code: 'damaged' });
  }
  // Its checksum is that of a text which JSON.stringify wrote.
  const entry = JSON.parse(text) as Entry & { readonly version: number };
  const isKnown = entry.version === VERSION && KINDS.has(entry.kind);
  return isKnown ? ok(entry) : fail({ code: 'unknown' });
}

/** Against accidents, not against those who may write to the directory. */
function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, SUM_DIGITS);
}

const VERSION = 1;
const KINDS: ReadonlySet<string> = new Set<Entry['kind']>(['transition', 'announced']);
const SUM_DIGITS = 12;
const FORM = /^\{"sum":"([0-9a-f]{12})","entry":(\{.*\})\}$/u;
