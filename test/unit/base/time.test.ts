import { expect, it } from 'vitest';
import {
  between,
  centis,
  centisToMillis,
  earliest,
  instant,
  later,
  longer,
  millis,
  millisToCentis,
  millisToSecondsUp,
  scale,
  seconds,
  shorter,
  sum,
  tenths,
  wallTime,
} from '../../../src/base/time.js';

it.each([millis, centis, seconds, instant, wallTime])('%o leaves the number as it is', (unit) => {
  expect(unit(12.5)).toBe(12.5);
});

it.each([
  [1, 10],
  [100, 1_000],
  [4_095, 40_950],
])('%i hundredths of a second are %i ms exactly', (from, to) => {
  expect(centisToMillis(centis(from))).toBe(to);
});

it.each([
  [0, 0],
  [1, 1],
  [999, 1],
  [1_000, 1],
  [1_000.5, 2],
  [3_900, 4],
])('%d ms last at most %i s, rounded up', (from, to) => {
  expect(millisToSecondsUp(millis(from))).toBe(to);
});

it.each([
  [10, 1],
  [14, 1],
  [15, 2],
  [1_000, 100],
])('%i ms are %i hundredths of a second, rounded to the nearest', (from, to) => {
  expect(millisToCentis(millis(from))).toBe(to);
});

it('an instant moves by a duration, and two of them are that far apart', () => {
  const start = instant(1_000);
  const end = later(start, millis(250));
  expect(end).toBe(1_250);
  expect(between(start, end)).toBe(250);
  expect(between(end, start)).toBe(-250);
});

it('durations add up, and none of them is no time at all', () => {
  expect(sum(millis(1), millis(2), millis(3.5))).toBe(6.5);
  expect(sum()).toBe(0);
});

it('a duration is scaled without rounding', () => {
  expect(scale(millis(1_000), 56 / 256)).toBe(218.75);
});

it.each([
  [1, 2],
  [2, 1],
  [2, 2],
])('of %i ms and %i ms one is longer and one is shorter', (a, b) => {
  expect(longer(millis(a), millis(b))).toBe(2);
  expect(shorter(millis(a), millis(b))).toBe(Math.min(a, b));
});

it.each([
  [[], undefined],
  [[undefined, undefined], undefined],
  [[undefined, 5, undefined], 5],
  [[7, 5, undefined, 6], 5],
  [[0, undefined, 1], 0],
])('the first of the deadlines %j is %s', (deadlines, expected) => {
  const given = deadlines.map((each) => (each === undefined ? undefined : instant(each)));
  expect(earliest(...given)).toBe(expected);
});

it.each([
  [0, 0],
  [1.25, 1.3],
  [12.34, 12.3],
  [-0.46, -0.5],
])('%d ms are %d to the tenth', (ms, rounded) => {
  expect(tenths(ms)).toBe(rounded);
});
