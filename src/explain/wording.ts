/** Durations, lists and counts in the words of one language, so that every sentence says them alike. */
import type { Millis } from '../base/time.js';

/** Such as `12 ms`, `2.945 s` or `5 min`; tenths of a millisecond are the least that is told. */
export function durationText(duration: Millis): string {
  if (duration >= MINUTE && duration % MINUTE === 0) {
    return `${String(duration / MINUTE)} min`;
  }
  return duration >= SECOND ? `${rounded(duration / SECOND, 3)} s` : `${rounded(duration, 1)} ms`;
}

/** Such as `a, b and c`. */
export function listText(items: readonly string[]): string {
  const last = items.at(-1) ?? 'nothing';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

/** Such as `1 look` or `2 looks`. */
export function countText(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function rounded(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}

const SECOND = 1000;
const MINUTE = 60_000;
