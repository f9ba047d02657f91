import { expect, it } from 'vitest';
import { parseWhen } from '../../../src/cli/when.js';

const NOW = new Date(2026, 2, 2, 12, 0, 0).getTime();
const at = (...time: readonly [number, number, number, number]): number =>
  new Date(2026, 2, ...time).getTime();

it.each([
  ['2026-03-02T04:00:00Z', Date.UTC(2026, 2, 2, 4)],
  ['2026-03-02T04:00+01:00', Date.UTC(2026, 2, 2, 3)],
  ['2026-03-02T04:00:30.5Z', Date.UTC(2026, 2, 2, 4, 0, 30, 500)],
  ['13:30', at(2, 13, 30, 0)],
  ['12:00:01', at(2, 12, 0, 1)],
  ['12:00', at(3, 12, 0, 0)],
  ['04:00', at(3, 4, 0, 0)],
  ['+90m', NOW + 5_400_000],
  ['+1.5s', NOW + 1500],
])('%s', (text, expected) => {
  expect(parseWhen(text, NOW)).toEqual({ ok: true, value: expected });
});

it.each([
  '',
  'tomorrow',
  '24:00',
  '4:00',
  '2026-03-02T04:00:00',
  '2026-03-02',
  '2026-13-02T04:00:00Z',
  '+90',
  '+-5m',
])('%s is no time', (text) => {
  expect(parseWhen(text, NOW)).toMatchObject({ ok: false });
});
