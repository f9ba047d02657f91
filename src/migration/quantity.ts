/** Numbers, times and switches behind a keyword (keepalived.conf(5), Parameter syntax). */
import { millis } from '../base/time.js';
import { formatDuration } from '../config/duration.js';
import type { Statement } from './keepalived/statements.js';

/** The word behind the keyword as a decimal number; undefined where it is none. */
export function numberOf({ words }: Pick<Statement, 'words'>): number | undefined {
  return readNumber(words[1]);
}

export function readNumber(word: string | undefined): number | undefined {
  return word !== undefined && /^[-+]?\d{1,9}(?:\.\d{1,9})?$/u.test(word)
    ? Number(word)
    : undefined;
}

/** A whole number in a range. */
export function wholeNumberOf(
  statement: Pick<Statement, 'words'>,
  range: { readonly from: number; readonly to: number },
): number | undefined {
  const value = numberOf(statement);
  return value !== undefined && Number.isInteger(value) && value >= range.from && value <= range.to
    ? value
    : undefined;
}

/** A keyword alone is `on`. */
export function isOn({ words }: Pick<Statement, 'words'>): boolean {
  return words[1] === undefined || /^(?:on|true|yes)$/iu.test(words[1]);
}

/** Seconds as a duration of ours, between the bounds; `exact` says whether it is the same time. */
export function durationOf(
  seconds: number,
  bounds: { readonly from: number; readonly to: number },
): { readonly text: string; readonly exact: boolean } {
  const wanted = Math.round(seconds * MILLIS_PER_SECOND);
  const value = Math.min(Math.max(wanted, bounds.from), bounds.to);
  return { text: formatDuration(millis(value)), exact: value === seconds * MILLIS_PER_SECOND };
}

export const MILLIS_PER_SECOND = 1000;
