/** Two owners, none, and last answers, computed from who answered ARP. */
import { describe, expect, it } from 'vitest';
import { instant, millis } from '../../../src/base/time.js';
import { ownership, TENURE_PAUSE_ASKS, withinTenures } from '../../../src/prober/ownership.js';
import type { ArpAnswer, WatchReport } from '../../../src/prober/owner-watch.js';

const EVERY = 2;
const DELAY = 0.5;

/** One word an ask, every 2 ms: who answered it, such as `a`, `ab` or `-`; `late` is an ask that was never made. */
function watch(words: string): WatchReport {
  const slots = words.split(' ').map((word, index) => ({ word, at: index * EVERY }));
  const asked = slots.filter(({ word }) => word !== 'late');
  return {
    every: millis(EVERY),
    startedAt: instant(0),
    endedAt: instant(slots.length * EVERY),
    asks: asked.map(({ at }) => instant(at)),
    answers: asked.flatMap(({ word, at }) =>
      word
        .replace('-', '')
        .split('')
        .map((hardwareAddress): ArpAnswer => ({
          at: instant(at + DELAY),
          hardwareAddress,
        })),
    ),
  };
}

const times = (word: string, count: number): string =>
  Array.from({ length: count }, () => word).join(' ');

describe('ownership', () => {
  it.each([
    ['one owner all the time', 'a a a a', { twoOwners: 0, contestedAsks: 0, tenures: 1 }],
    ['a hand-over within one interval', 'a a b b', { twoOwners: 0, contestedAsks: 0, tenures: 2 }],
    ['both for three asks', 'a ab ab ab b', { twoOwners: 4, contestedAsks: 3, tenures: 2 }],
    ['a lost answer is no pause', 'a - a a', { twoOwners: 0, contestedAsks: 0, tenures: 1 }],
    [
      'a late watch is nobody’s pause',
      `a ${times('late', 20)} a`,
      { twoOwners: 0, contestedAsks: 0, tenures: 1 },
    ],
    [
      'a real pause ends the tenure',
      `a ${times('-', TENURE_PAUSE_ASKS)} a`,
      { twoOwners: 0, contestedAsks: 0, tenures: 2 },
    ],
    ['silence', '- - -', { twoOwners: 0, contestedAsks: 0, tenures: 0 }],
  ])('%s', (_why, words, expected) => {
    const { twoOwners, contestedAsks, tenures } = ownership(watch(words));
    expect({ twoOwners, contestedAsks, tenures: tenures.length }).toEqual(expected);
  });

  it.each([
    ['its slow start', `${times('-', 20)} a a a`, 0],
    ['its last questions', 'a a a - - -', 0],
    ['a hole in the middle, which counts', `- a a ${times('-', 5)} a a -`, 10],
    ['a start that is too slow', `${times('-', 600)} a a`, 1_198.5],
    ['an owner that was gone at the end', `a a ${times('-', 10)}`, 19.5],
    ['nobody at all', times('-', 10), 18],
  ])('within tenures a watch is without %s', (_why, words, noOwner) => {
    expect(ownership(withinTenures(watch(words))).noOwner).toBe(noOwner);
  });

  it('counts a hole less the interval that passes between two answers anyway', () => {
    // a answers last at 2.5, b first at 12.5.
    expect(ownership(watch('a a - - - - b b')).noOwner).toBe(8);
    expect(ownership(watch('a a b b')).noOwner).toBe(0);
  });

  it('remembers the last answer of each', () => {
    const { lastAnswers } = ownership(watch('a ab b'));
    expect([...lastAnswers]).toEqual([
      ['a', 2.5],
      ['b', 4.5],
    ]);
  });
});
