/** Durations as the operator writes them: `100ms`, `1s`, `1.5s`, `2m`. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { millis } from '../base/time.js';

/** At most three decimals, so that thousandths of a unit can be counted in whole numbers. */
export const DURATION_PATTERN: Readonly<RegExp> = /^(\d{1,6})(?:\.(\d{1,3}))?(ms|s|m)$/u;

/** What is expected where a text is no duration at all. */
export const A_DURATION = 'a duration with its unit, such as 100ms';

/** Exact: 1.15s is 1150 milliseconds, which 1.15 × 1000 in floating point is not. */
export function parseDuration(text: string): Result<Millis, string> {
  const [, whole, decimals = '', unit] = DURATION_PATTERN.exec(text) ?? [];
  if (whole === undefined || unit === undefined) {
    return fail(A_DURATION);
  }
  const thousandths = Number(whole) * 1000 + Number(decimals.padEnd(3, '0'));
  return ok(millis((thousandths * (UNITS.get(unit) ?? 0)) / 1000));
}

/** In the greatest unit that takes at most three decimals: `1.5s` rather than `1500ms`. */
export function formatDuration(duration: Millis): string {
  const unit =
    [...UNITS].find(([, size]) => duration >= size && (duration * 1000) % size === 0) ?? SMALLEST;
  return `${String(Number((duration / unit[1]).toFixed(3)))}${unit[0]}`;
}

const SMALLEST: readonly [string, number] = ['ms', 1];

/** Milliseconds in each unit, the greatest first. */
const UNITS: ReadonlyMap<string, number> = new Map([['m', 60_000], ['s', 1000], SMALLEST]);
