import { expect, it } from 'vitest';
import {
  MOST_SERVER_WORDS,
  MOST_WHY,
  SERVICES_WORD,
} from '../../../../src/wire/pair/services-word.js';

const DOWN = { name: 'mail/s1', state: 'down', why: 'refused' };

it('tells how servers are seen', () => {
  const up = { name: 'mail/s2', state: 'up' };
  expect(SERVICES_WORD.parse([{ ...DOWN, later: 1 }, up])).toEqual([DOWN, up]);
});

it.each([
  { ...DOWN, name: '' },
  { ...DOWN, name: 'x'.repeat(81) },
  { ...DOWN, state: 'asleep' },
  { ...DOWN, why: 'x'.repeat(MOST_WHY + 1) },
])('is not believed as %j', (word) => {
  expect(SERVICES_WORD.safeParse([word]).success).toBe(false);
});

it('is not believed of more servers than there can be', () => {
  const many = Array.from({ length: MOST_SERVER_WORDS + 1 }, () => DOWN);
  expect(SERVICES_WORD.safeParse(many).success).toBe(false);
});
