import fc from 'fast-check';
import { expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import type { Speaker } from '../../../src/core/vrrp-timing.js';
import { ADVERTS_MISSED, masterDownInterval, skewTime } from '../../../src/core/vrrp-timing.js';
import { anyInterval, anyPriority } from './given.js';

const anySpeaker: fc.Arbitrary<Speaker> = fc.record({
  version: fc.constantFrom(2, 3),
  priority: anyPriority,
});
/** Version 2 has no others. */
const wholeSeconds = fc.integer({ min: 1, max: 255 }).map((each) => millis(each * 1000));

it.each<[string, Speaker['version'], number, number, number]>([
  ['RFC 9568 §6.1 the least patient', 3, 254, 1000, 7.8125],
  ['RFC 9568 §6.1 the other one of a pair', 3, 253, 1000, 11.71875],
  ['RFC 9568 §6.1 the default priority', 3, 100, 1000, 609.375],
  ['RFC 9568 §6.1 the most patient', 3, 1, 1000, 996.09375],
  ['RFC 9568 §6.1 ten milliseconds, without rounding', 3, 254, 10, 0.078125],
  ['RFC 9568 §6.1 ten seconds: a longer skew', 3, 100, 10_000, 6093.75],
  ['RFC 3768 §6.1 at a second both versions agree', 2, 100, 1000, 609.375],
  ['RFC 3768 §6.1 ten seconds: the same skew', 2, 100, 10_000, 609.375],
])('%s: Skew_Time of version %i, priority %i at %d ms is %d ms', (...row) => {
  const [, version, priority, interval, skew] = row;
  const speaker = { version, priority };
  expect(skewTime(speaker, millis(interval))).toBe(skew);
  expect(masterDownInterval(speaker, millis(interval))).toBe(3 * interval + skew);
});

it('RFC 9568 §6.1 Active_Down_Interval is three intervals and a skew shorter than one', () => {
  fc.assert(
    fc.property(anyPriority, anyInterval, (priority, interval) => {
      const wait = masterDownInterval({ version: 3, priority }, interval);
      expect(wait).toBeGreaterThan(ADVERTS_MISSED * interval);
      expect(wait).toBeLessThan((ADVERTS_MISSED + 1) * interval);
    }),
  );
});

it('RFC 3768 §6.1 Master_Down_Interval is three intervals and a skew shorter than a second', () => {
  fc.assert(
    fc.property(anyPriority, wholeSeconds, (priority, interval) => {
      const wait = masterDownInterval({ version: 2, priority }, interval);
      expect(wait).toBeGreaterThan(ADVERTS_MISSED * interval);
      expect(wait).toBeLessThan(ADVERTS_MISSED * interval + 1000);
    }),
  );
});

it('RFC 9568 §6.1 of two backups the one of greater priority loses patience first', () => {
  fc.assert(
    fc.property(anySpeaker, anyPriority, anyInterval, (a, priority, interval) => {
      fc.pre(a.priority > priority);
      const b = { ...a, priority };
      expect(masterDownInterval(a, interval)).toBeLessThan(masterDownInterval(b, interval));
    }),
  );
});
