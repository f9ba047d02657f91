import { expect, it } from 'vitest';
import {
  address,
  count,
  duration,
  name,
  pairTime,
  version,
} from '../../../../src/wire/pair/fields.js';

it.each([
  ['a name', name, 'lb1', ['', 'n'.repeat(65), 7]],
  ['a count', count, 0, [-1, 1.5, '0']],
  ["a time of the pair's clock", pairTime, 1_700_000_000_000.1, [-1, 1e15, '5']],
  ['a version', version, 255, [0, 256]],
  ['a duration', duration, 100, [0, 3_600_001, Number.NaN]],
  ['an address', address, '10.77.1.1', ['10.77', 'lb1', 'x'.repeat(65)]],
] as const)('%s is believed where it is one', (_what, field, good, bad) => {
  expect(field.safeParse(good)).toMatchObject({ success: true, data: good });
  for (const each of bad) {
    expect(field.safeParse(each).success).toBe(false);
  }
});

it('a peer that does not count has counted nothing', () => {
  expect(count.parse(undefined)).toBe(0);
});
