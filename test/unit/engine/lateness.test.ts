import { expect, it } from 'vitest';
import { millis } from '../../../src/base/time.js';
import { Lateness } from '../../../src/engine/lateness.js';

function after(samples: readonly number[]): ReturnType<Lateness['status']> {
  const lateness = new Lateness();
  for (const late of samples) {
    lateness.record(millis(late));
  }
  return lateness.status();
}

it('before any alarm there is nothing to say', () => {
  expect(after([])).toEqual({ samples: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
});

it('one alarm is its own median and worst', () => {
  expect(after([1.23456])).toEqual({ samples: 1, p50Ms: 1.23, p99Ms: 1.23, maxMs: 1.23 });
});

it('names the middle, the hundredth and the worst, in any order of arrival', () => {
  const samples = Array.from({ length: 200 }, (_, index) => (index * 77) % 200);
  expect(after(samples)).toEqual({ samples: 200, p50Ms: 100, p99Ms: 198, maxMs: 199 });
});

it('compares as numbers, not as text', () => {
  expect(after([9, 10, 100]).p50Ms).toBe(10);
});

it('forgets all but the last 1024: an old hiccup does not stay the worst for good', () => {
  const calm = Array.from({ length: 1024 }, () => 1);
  expect(after([500, ...calm.slice(1)])).toMatchObject({ samples: 1024, maxMs: 500 });
  expect(after([500, ...calm])).toEqual({ samples: 1024, p50Ms: 1, p99Ms: 1, maxMs: 1 });
});
