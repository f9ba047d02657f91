import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fail, ok } from '../../../src/base/result.js';
import { millis } from '../../../src/base/time.js';
import { A_DURATION, formatDuration, parseDuration } from '../../../src/config/duration.js';

describe('a duration', () => {
  it.each([
    ['100ms', 100, '100ms'],
    ['1s', 1000, '1s'],
    ['1.5s', 1500, '1.5s'],
    ['1.15s', 1150, '1.15s'],
    ['2m', 120_000, '2m'],
    ['0.5m', 30_000, '30s'],
    ['1500ms', 1500, '1.5s'],
    ['0.25ms', 0.25, '0.25ms'],
    ['0s', 0, '0ms'],
    ['61s', 61_000, '61s'],
  ])('%s is %d ms, and written %s', (text, duration, written) => {
    expect(parseDuration(text)).toEqual(ok(duration));
    expect(formatDuration(millis(duration))).toBe(written);
  });

  it.each([
    '',
    '100',
    '1 s',
    's',
    '-1s',
    '+1s',
    '1e3ms',
    '.5s',
    '1.s',
    '1.2345s',
    '1S',
    '1h',
    '1s\n',
    '1s 5ms',
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toEqual(fail(A_DURATION));
  });

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.nat(3_600_000), (duration) => {
        expect(parseDuration(formatDuration(millis(duration)))).toEqual(ok(duration));
      }),
    );
  });
});
