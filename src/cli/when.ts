/** Points in time as operators give them: `2026-03-02T04:00:00Z`, `04:00`, `04:00:30` or `+90m`. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { parseDuration } from '../config/duration.js';

/** As Unix milliseconds. A time of day is the next one by this machine's clock and zone. */
export function parseWhen(text: string, now: number): Result<number, string> {
  if (text.startsWith('+')) {
    const wait = parseDuration(text.slice(1));
    return wait.ok ? ok(now + wait.value) : fail(EXPECTED);
  }
  const at = TIME_OF_DAY.test(text) ? timeOfDay(text, now) : instantOf(text);
  return Number.isNaN(at) ? fail(EXPECTED) : ok(at);
}

function instantOf(text: string): number {
  return WITH_ZONE.test(text) ? Date.parse(text) : Number.NaN;
}

function timeOfDay(text: string, now: number): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
  const day = new Date(now);
  const at = new Date(
    ...([day.getFullYear(), day.getMonth(), day.getDate(), hours, minutes, seconds] as const),
  );
  if (at.getTime() <= now) {
    // Not 24 hours later: a day on which the clocks are changed has 23 or 25.
    at.setDate(at.getDate() + 1);
  }
  return at.getTime();
}

const EXPECTED =
  'expected a time with its zone such as 2026-03-02T04:00:00Z, a local time of day such as 04:00, or a wait such as +90m';
const TIME_OF_DAY = /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?$/u;
const WITH_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/u;
