import fc from 'fast-check';
import { expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import { ADVERTS_MISSED, masterDownInterval, skewTime } from '../../../src/core/vrrp-timing.js';
import { anyInterval, anyPriority } from './given.js';

it.each([
  ['the least patient', 254, 1000, 7.8125],
  ['the other one of a pair', 253, 1000, 11.71875],
  ['the default priority', 100, 1000, 609.375],
  ['the most patient', 1, 1000, 996.09375],
  ['ten milliseconds, without rounding', 254, 10, 0.078125],
])(
  'RFC 9568 §6.1 Skew_Time of %s: priority %i at %d ms is %d ms',
  (_why, priority, interval, ms) => {
    expect(skewTime(priority, millis(interval))).toBe(ms);
    expect(masterDownInterval(priority, millis(interval))).toBe(3 * interval + ms);
  },
);

it('RFC 9568 §6.1 Active_Down_Interval is three intervals and a skew shorter than one', () => {
  fc.assert(
    fc.property(anyPriority, anyInterval, (priority, interval) => {
      const wait = masterDownInterval(priority, interval);
      expect(wait).toBeGreaterThan(ADVERTS_MISSED * interval);
      expect(wait).toBeLessThan((ADVERTS_MISSED + 1) * interval);
    }),
  );
});

it('RFC 9568 §6.1 of two backups the one of greater priority loses patience first', () => {
  fc.assert(
    fc.property(anyPriority, anyPriority, anyInterval, (a, b, interval) => {
      fc.pre(a > b);
      expect(masterDownInterval(a, interval)).toBeLessThan(masterDownInterval(b, interval));
    }),
  );
});
