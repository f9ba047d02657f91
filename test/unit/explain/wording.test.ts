import { expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import { countText, durationText, listText } from '../../../src/explain/wording.js';

it.each([
  [0, '0 ms'],
  [11.71875, '11.7 ms'],
  [999.96, '1000 ms'],
  [1000, '1 s'],
  [2945, '2.945 s'],
  [59_999.9996, '60 s'],
  [60_000, '1 min'],
  [90_000, '90 s'],
  [300_000, '5 min'],
])('%f ms is told as %s', (duration, text) => {
  expect(durationText(millis(duration))).toBe(text);
});

it.each([
  [[], 'nothing'],
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c'], 'a, b and c'],
])('the list %j is told as %s', (items, text) => {
  expect(listText(items)).toBe(text);
});

it('counts one thing and several', () => {
  expect(countText(1, 'advert')).toBe('1 advert');
  expect(countText(2, 'advert')).toBe('2 adverts');
});
