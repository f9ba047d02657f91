import fc from 'fast-check';
import { expect, it } from 'vitest';
import { instant, wallTime } from '../../../src/base/time.js';
import type { PairClock } from '../../../src/core/pair-clock.js';
import {
  givePairTime,
  hearPairTime,
  readPairClock,
  startPairClock,
} from '../../../src/core/pair-clock.js';

const NOW = instant(1000);
const FRESH = startPairClock(wallTime(5000), NOW);

it('starts with the wall clock, and runs with the monotonic one', () => {
  expect(readPairClock(FRESH, NOW)).toBe(5000);
  expect(readPairClock(FRESH, instant(1250.25))).toBe(5250.2);
});

it('gives no time twice, however little passes', () => {
  const first = givePairTime(FRESH, NOW);
  const second = givePairTime(first.clock, NOW);
  expect([first.time, second.time]).toEqual([5000, 5000.1]);
  expect(readPairClock(second.clock, NOW)).toBe(5000.1);
  expect(givePairTime(second.clock, instant(1007)).time).toBe(5007);
});

it.each([
  ['is ahead: it follows', 60_000, 60_000, 60_100],
  ['is behind: it does not', 10, 5000, 5100],
])('where the other node %s', (_what, said, reads, later) => {
  const clock = hearPairTime(FRESH, said, NOW);
  expect(readPairClock(clock, NOW)).toBe(reads);
  expect(readPairClock(clock, instant(1100))).toBe(later);
});

it('what is decided after word of the other node is later than what that had decided', () => {
  const { clock, time } = givePairTime(FRESH, NOW);
  const there = hearPairTime(startPairClock(wallTime(1), instant(77)), time, instant(77));
  expect(givePairTime(there, instant(77)).time).toBeGreaterThan(time);
  expect(readPairClock(clock, NOW)).toBe(time);
});

/** Two nodes whose wall clocks are a minute apart, and messages between them that take no time at all. */
it('two nodes that hear each other never drive each other on, and keep what led to what in order', () => {
  const deeds = fc.array(
    fc.record({
      node: fc.constantFrom<0 | 1>(0, 1),
      does: fc.constantFrom('decides', 'says'),
      after: fc.integer({ min: 0, max: 3 }),
    }),
  );
  fc.assert(
    fc.property(deeds, (all) => {
      const clocks: [PairClock, PairClock] = [
        startPairClock(wallTime(5000), NOW),
        startPairClock(wallTime(65_000), NOW),
      ];
      /** The greatest time that each node may know of. */
      const known: [number, number] = [0, 0];
      let now = NOW;
      let given = 0;
      for (const { node, does, after } of all) {
        now = instant(now + after / 10);
        const other = node === 0 ? 1 : 0;
        if (does === 'decides') {
          const next = givePairTime(clocks[node], now);
          expect(next.time).toBeGreaterThan(known[node]);
          clocks[node] = next.clock;
          known[node] = next.time;
          given += 1;
        } else {
          clocks[other] = hearPairTime(clocks[other], readPairClock(clocks[node], now), now);
          known[other] = Math.max(known[other], known[node]);
        }
      }
      const latest = Math.max(...clocks.map((clock) => readPairClock(clock, now)));
      expect(latest).toBeLessThanOrEqual(65_000 + (now - NOW) + given * 0.1 + 0.01);
    }),
  );
});
