import { describe, expect, it } from 'vitest';
import {
  cutText,
  readItems,
  readLines,
  readName,
  readText,
  readTextQuestion,
} from '../../../../src/wire/pair/generation.js';

describe('what a daemon says of its configuration', () => {
  it.each([
    [readItems, { items: [{ name: 'vipair', value: '1', kind: 'value' }] }],
    [readName, { name: 'haproxy.cfg' }],
    [readLines, { lines: ['0123abcd'] }],
    [readTextQuestion, { name: 'haproxy.cfg', lines: [0, 7] }],
    [readText, { lines: [{ number: 3, text: 'global' }, { text: 'pair.port: 1' }] }],
  ])('is read back', (read, said) => {
    expect(read(JSON.stringify({ ...said, later: 'passed over' }))).toEqual({
      ok: true,
      value: said,
    });
  });

  it.each([
    [readItems, '{', /no JSON/u],
    [readItems, '{"items":[{"name":"a","value":"b","kind":"secret"}]}', /not understood/u],
    [readLines, JSON.stringify({ lines: ['x'.repeat(17)] }), /not understood/u],
    [readTextQuestion, JSON.stringify({ name: 'a', lines: [-1] }), /not understood/u],
    [readText, JSON.stringify({ lines: Array(41).fill({ text: 'a' }) }), /not understood/u],
  ])('is refused where it is not what was asked for', (read, said, why) => {
    const refused = read(said);
    expect(refused.ok ? '' : refused.error).toMatch(why);
  });

  it('is cut where it is too long to be told', () => {
    expect(cutText('short')).toBe('short');
    expect(cutText('x'.repeat(301))).toHaveLength(300);
  });
});
