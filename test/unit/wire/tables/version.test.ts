/** What can be a version of a row. */
import { expect, it } from 'vitest';
import { isVersion, MOST_VERSION, VERSION_STEPS } from '../../../../src/wire/tables/version.js';

it.each([
  [0, false],
  [1, true],
  [1_700_000_000_000.5, true],
  [MOST_VERSION, false],
  [Number.NaN, false],
  [Infinity, false],
])('%d can be a version: %s', (value, expected) => {
  expect(isVersion(value)).toBe(expected);
});

it('half a step is exact up to the greatest version', () => {
  const half = 1 / (2 * VERSION_STEPS);
  expect(MOST_VERSION - half).toBeLessThan(MOST_VERSION);
  expect(MOST_VERSION - half - (MOST_VERSION - 2 * half)).toBe(half);
});
