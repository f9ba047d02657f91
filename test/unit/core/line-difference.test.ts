import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differingLines } from '../../../src/core/line-difference.js';

/** As `from-to`, ours and theirs. */
function changes(ours: readonly string[], theirs: readonly string[]): readonly string[] {
  return differingLines(ours, theirs).map(
    (each) =>
      `${String(each.ours.from)}-${String(each.ours.to)} ${String(each.theirs.from)}-${String(each.theirs.to)}`,
  );
}

describe('lines that differ', () => {
  it.each<[string, string, string, readonly string[]]>([
    ['none of equal texts', 'a b c', 'a b c', []],
    ['one that was changed', 'a b c', 'a x c', ['1-2 1-2']],
    ['one that only we have', 'a b c', 'a c', ['1-2 1-1']],
    ['one that only they have', 'a c', 'a b c', ['1-1 1-2']],
    ['two apart', 'a b c d e', 'a x c y e', ['1-2 1-2', '3-4 3-4']],
    ['at both ends', 'x b y', 'b', ['0-1 0-0', '2-3 1-1']],
    ['everything', 'a b', 'c d e', ['0-2 0-3']],
    ['one that moved', 'a b c d', 'b c d a', ['0-1 0-0', '4-4 3-4']],
    ['the last ones', 'a b', 'a b c d', ['2-2 2-4']],
    ['one in the middle, theirs first', 'q b c', 'b x c', ['0-1 0-0', '2-2 1-2']],
  ])('%s', (_what, ours, theirs, expected) => {
    expect(changes(ours.split(' '), theirs.split(' '))).toEqual(expected);
  });

  it('of a text and nothing are all', () => {
    expect(changes([], ['a'])).toEqual(['0-0 0-1']);
  });

  it('of long texts that have little in common are one change between what they share', () => {
    const many = (what: string): string[] =>
      Array.from({ length: 300 }, (...[, index]) => `${what} ${String(index)}`);
    expect(changes(['a', ...many('x'), 'z'], ['a', ...many('y'), 'z'])).toEqual(['1-301 1-301']);
  });

  it('make one text of the other, whatever they are', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (ours, theirs) => {
        let at = 0;
        const made = differingLines(ours, theirs).flatMap((each) => {
          const kept = ours.slice(at, each.ours.from);
          at = each.ours.to;
          return [...kept, ...theirs.slice(each.theirs.from, each.theirs.to)];
        });
        expect([...made, ...ours.slice(at)]).toEqual(theirs);
      }),
    );
  });
});
