import { expect, it } from 'vitest';
import { LOADS_QUESTION, LOADS_WORD } from '../../../../src/wire/pair/loads-word.js';

const LOAD = {
  ...{ name: 'web/a', status: 'DRAIN', check: 'L7OK', sessions: 3 },
  failed: { checks: 1, connects: 2, answers: 3 },
};

it('tells what servers have to do', () => {
  const unchecked = { ...LOAD, check: undefined };
  expect(LOADS_WORD.parse([{ ...LOAD, later: 1 }, unchecked])).toEqual([LOAD, unchecked]);
  expect(LOADS_QUESTION.parse({})).toEqual({});
  expect(LOADS_QUESTION.parse({ server: 'web/a', later: 1 })).toEqual({ server: 'web/a' });
});

it.each([
  { ...LOAD, sessions: -1 },
  { ...LOAD, name: '' },
  { ...LOAD, status: 'x'.repeat(521) },
  { ...LOAD, failed: { checks: 1 } },
])('is not believed as %j', (load) => {
  expect(LOADS_WORD.safeParse([load]).success).toBe(false);
});

it('is not believed of more servers than there can be', () => {
  const many = Array.from({ length: 10_001 }, () => LOAD);
  expect(LOADS_WORD.safeParse(many).success).toBe(false);
});
