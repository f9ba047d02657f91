import { expect, it } from 'vitest';
import { SERVERS_WORD } from '../../../../src/wire/pair/servers-word.js';

const WORD = {
  total: 3,
  up: 2,
  troubled: [{ name: 'web/a', standing: 'down', status: 'DOWN, L4CON' }],
};

it('tells of the servers that are not up', () => {
  expect(SERVERS_WORD.parse({ ...WORD, later: 1 })).toEqual(WORD);
});

it.each([
  { ...WORD, up: -1 },
  { ...WORD, troubled: Array.from({ length: 201 }, () => WORD.troubled[0]) },
  { ...WORD, troubled: [{ ...WORD.troubled[0], standing: 'up' }] },
  { ...WORD, troubled: [{ ...WORD.troubled[0], name: '' }] },
  { ...WORD, troubled: [{ ...WORD.troubled[0], status: 'x'.repeat(521) }] },
])('is not believed as %j', (word) => {
  expect(SERVERS_WORD.safeParse(word).success).toBe(false);
});
