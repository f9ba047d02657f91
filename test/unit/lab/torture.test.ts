/** The chance of the torture, and what is said of its rounds. */
import { describe, expect, it } from 'vitest';
import { roundText, tortureText } from '../../../src/cli/persistence-torture.js';
import { Dice } from '../../../src/lab/persistence/dice.js';
import type { Tortured } from '../../../src/lab/persistence/torture.js';

describe('dice', () => {
  it('throw the same for the same seed, and other things for another', () => {
    const thrown = (seed: number): readonly number[] => {
      const dice = new Dice(seed);
      return [dice.next(), dice.next(), dice.between(10, 20)];
    };
    expect(thrown(7)).toEqual(thrown(7));
    expect(thrown(7)).not.toEqual(thrown(8));
    expect(thrown(7)[2]).toBeGreaterThanOrEqual(10);
    expect(thrown(7)[2]).toBeLessThan(20);
  });

  it('choose each of several now and then', () => {
    const dice = new Dice(1);
    const seen = new Set(Array.from({ length: 100 }, () => dice.oneOf(['a', 'b', 'c'])));
    expect([...seen].toSorted()).toEqual(['a', 'b', 'c']);
  });
});

describe('a round', () => {
  const GOOD: Tortured = {
    round: 3,
    blows: [{ name: 'link cut', node: 'lb2' }],
    visits: 500,
    alikeAfterMs: 1_234,
    problem: undefined,
    verdict: 'as expected',
  };
  const BAD: Tortured = {
    ...GOOD,
    blows: [],
    alikeAfterMs: undefined,
    problem: '2 rows differ',
    verdict: 'not as expected',
  };

  it('is told in a line', () => {
    expect(roundText(GOOD)).toBe('   3  link cut on lb2; 500 visits; alike after 1.2 s');
    expect(roundText(BAD)).toBe('   3  nothing; 500 visits; 2 rows differ');
  });

  it('is counted by what struck', () => {
    const text = tortureText([GOOD, { ...GOOD, ...BAD, blows: GOOD.blows }]);
    expect(text).toMatch(/link cut +2 +1234 +1234 +1\n/u);
    expect(text).toContain('2 rounds, 1 not as expected.');
  });
});
