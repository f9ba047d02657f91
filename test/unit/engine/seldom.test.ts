import { expect, it } from 'vitest';
import { instant, millis } from '../../../src/base/time.js';
import { Seldom } from '../../../src/engine/seldom.js';

/** When a thing was said, of the instants at which there was cause to. */
function said(instants: readonly number[]): readonly number[] {
  const seldom = new Seldom<string>(millis(1000));
  const heard: number[] = [];
  for (const now of instants) {
    seldom.say('cause', instant(now), () => heard.push(now));
  }
  return heard;
}

it('says the first at once, then one a period, however many there are', () => {
  expect(said([5, 6, 7, 1004])).toEqual([5]);
  expect(said([5, 1005, 1006, 2005])).toEqual([5, 1005, 2005]);
});

it('the period begins with what was said, not with what was kept back', () => {
  expect(said([0, 900, 1800])).toEqual([0, 1800]);
});

it('each cause has its own period', () => {
  const seldom = new Seldom<'a' | 'b'>(millis(1000));
  const heard: string[] = [];
  for (const cause of ['a', 'b', 'a', 'b'] as const) {
    seldom.say(cause, instant(0), () => heard.push(cause));
  }
  expect(heard).toEqual(['a', 'b']);
});
