import fc from 'fast-check';
import { expect, it } from 'vitest';
import { instant, later, millis } from '../../../src/base/time.js';
import {
  backstopFor,
  handOverInterval,
  leaseFor,
  leaseRuns,
  leaseUntil,
  resignGrace,
} from '../../../src/core/lease.js';
import { masterDownInterval, skewTime } from '../../../src/core/vrrp-timing.js';
import { anyInterval, anyPriority, NOW } from './given.js';

it.each([
  [10, 24.5],
  [100, 290],
  [1000, 2945],
  [40_950, 120_797.5],
])('a lease of adverts every %d ms lasts %d ms', (interval, lease) => {
  expect(leaseFor(millis(interval))).toBeCloseTo(lease, 6);
});

it('a lease ends before the most impatient peer of any interval takes over', () => {
  fc.assert(
    fc.property(anyInterval, anyPriority, (interval, priority) => {
      expect(leaseFor(interval)).toBeLessThan(3 * interval);
      expect(leaseFor(interval)).toBeLessThan(
        masterDownInterval({ version: 3, priority }, interval),
      );
    }),
  );
});

it('a lease outlasts two adverts that come late or not at all', () => {
  fc.assert(
    fc.property(anyInterval, (interval) => {
      expect(leaseFor(interval)).toBeGreaterThan(2 * interval);
    }),
  );
});

it('a lease runs up to its end, and not at it', () => {
  const until = leaseUntil(NOW, millis(1000));
  expect(until).toBe(later(NOW, leaseFor(millis(1000))));
  expect(leaseRuns(until, instant(until - 0.001))).toBe(true);
  expect(leaseRuns(until, until)).toBe(false);
  expect(leaseRuns(until, instant(until + 1))).toBe(false);
});

it.each([
  ['10 ms: never so short that a coarse clock disturbs it', 24.5, 3],
  ['exactly the shortest', 2000, 3],
  ['a second longer than the lease, in whole seconds', 2945, 4],
  ['40.95 s', 120_797.5, 122],
])('the backstop of a lease of %s', (_why, lease, expected) => {
  expect(backstopFor(millis(lease))).toBe(expected);
});

it('a backstop ends after its lease by a second or more, whatever the interval', () => {
  fc.assert(
    fc.property(anyInterval, (interval) => {
      expect(backstopFor(leaseFor(interval)) * 1000).toBeGreaterThanOrEqual(
        leaseFor(interval) + 1000,
      );
    }),
  );
});

it.each([
  [10, 1000],
  [999, 1000],
  [1000, 1000],
  [5000, 5000],
])(
  'RFC 9568 §6.4.2 a hand-over at %d ms asks backups for the patience of %d ms',
  (interval, asked) => {
    expect(handOverInterval(3, millis(interval))).toBe(asked);
  },
);

it.each([1000, 2000, 255_000])(
  'RFC 3768 §7.1 a hand-over of version 2 keeps its interval of %d ms: another one is dropped',
  (interval) => {
    expect(handOverInterval(2, millis(interval))).toBe(interval);
  },
);

it('RFC 3768 §6.1 a lease of version 2 ends before the most impatient peer takes over', () => {
  const wholeSeconds = fc.integer({ min: 1, max: 255 }).map((each) => millis(each * 1000));
  fc.assert(
    fc.property(wholeSeconds, anyPriority, (interval, priority) => {
      const speaker = { version: 2, priority } as const;
      expect(leaseFor(interval)).toBeLessThan(masterDownInterval(speaker, interval));
      expect(resignGrace(interval)).toBeGreaterThan(skewTime(speaker, interval));
    }),
  );
});

it.each([
  [10, 20],
  [50, 100],
  [1000, 1050],
  [2950, 3000],
  [40_950, 3000],
])('a master of adverts every %d ms waits %d ms for its successor', (interval, grace) => {
  expect(resignGrace(millis(interval))).toBe(grace);
});

it('RFC 9568 §6.4.2 the wait for a successor covers the skew of any, up to three seconds', () => {
  fc.assert(
    fc.property(anyInterval, anyPriority, (interval, priority) => {
      const skew = skewTime({ version: 3, priority }, interval);
      expect(resignGrace(interval)).toBeGreaterThan(Math.min(skew, 2999));
    }),
  );
});
