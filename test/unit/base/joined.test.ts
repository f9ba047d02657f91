import { describe, expect, it } from 'vitest';
import { joined } from '../../../src/base/joined.js';

describe('two lists as one', () => {
  it.each([
    [[], [], []],
    [[1], [], [1]],
    [[], [2], [2]],
    [[1, 2], [3], [1, 2, 3]],
  ])('%j and %j are %j', (first, then, both) => {
    expect(joined<number>(first, then)).toEqual(both);
  });
});
