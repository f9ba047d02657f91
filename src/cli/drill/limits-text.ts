/** Limits of a drill as they are typed: `--limit gap=500ms`. */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { parseDuration } from '../../config/duration.js';
import type { DrillLimits } from '../../core/drill-limits.js';

const DURATIONS: Readonly<Record<string, keyof DrillLimits>> = {
  gap: 'gapMs',
  'two-owners': 'twoOwnersMs',
  'no-owner': 'noOwnerMs',
};
const COUNTS: Readonly<Record<string, keyof DrillLimits>> = {
  failed: 'failed',
  'streams-broken': 'streamsBroken',
  moves: 'moves',
};
const NAMES = [...Object.keys(DURATIONS), ...Object.keys(COUNTS)].join(', ');

/** Every mistake at once, a sentence each. */
export function readLimits(
  typed: readonly string[],
): Result<Partial<DrillLimits>, readonly string[]> {
  const limits: Partial<Record<keyof DrillLimits, number>> = {};
  const mistakes: string[] = [];
  for (const each of typed) {
    const read = readLimit(each);
    if (!read.ok) {
      mistakes.push(read.error);
    } else if (limits[read.value[0]] === undefined) {
      limits[read.value[0]] = read.value[1];
    } else {
      mistakes.push(`--limit ${each}: said twice`);
    }
  }
  return mistakes.length === 0 ? ok(limits) : fail(mistakes);
}

function readLimit(typed: string): Result<readonly [keyof DrillLimits, number], string> {
  const equals = typed.indexOf('=');
  const name = equals < 0 ? typed : typed.slice(0, equals);
  const value = typed.slice(name.length + 1);
  const duration = DURATIONS[name];
  if (duration !== undefined) {
    const length = parseDuration(value);
    return length.ok && length.value <= LONGEST
      ? ok([duration, length.value])
      : fail(`--limit ${typed}: expected a duration of at most 2m, such as ${name}=500ms`);
  }
  const count = COUNTS[name];
  if (count === undefined) {
    return fail(`--limit ${typed}: expected one of ${NAMES}, such as gap=500ms or failed=0`);
  }
  return /^\d{1,7}$/u.test(value)
    ? ok([count, Number(value)])
    : fail(`--limit ${typed}: expected a whole number, such as ${name}=0`);
}

const LONGEST = 120_000;
