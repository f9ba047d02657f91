import { describe, expect, it } from 'vitest';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import { millis } from '../../../src/base/time.js';
import type { PeerLife } from '../../../src/core/fault-detector.js';
import { heartbeat, lifeDeadline, settleLife, UNHEARD } from '../../../src/core/fault-detector.js';
import { at, NOW } from './given.js';

const EVERY = millis(100);
const FRESH = heartbeat(EVERY, NOW);
const LATE: PeerLife = { name: 'late', interval: EVERY, goneAt: at(500) };

describe('the other daemon is', () => {
  it.each<[string, PeerLife, number, PeerLife]>([
    ['fresh for two and a half heartbeats', FRESH, 249, FRESH],
    ['late after them', FRESH, 250, LATE],
    ['late until five are missed', LATE, 499, LATE],
    ['gone then', LATE, 500, { name: 'gone' }],
    ['gone, if we were a little late ourselves', LATE, 599, { name: 'gone' }],
    [
      'late still, if we were late by a heartbeat: we listen for one more',
      LATE,
      600,
      { name: 'late', interval: EVERY, goneAt: at(700) },
    ],
    [
      'late, however late we ask: nothing was heard because nobody listened',
      FRESH,
      9000,
      { name: 'late', interval: EVERY, goneAt: at(9250) },
    ],
    ['unheard as long as it is', UNHEARD, 9000, UNHEARD],
    ['gone for good', { name: 'gone' }, 9000, { name: 'gone' }],
    [
      'away as it said',
      { name: 'goodbye', why: 'stopping' },
      9000,
      { name: 'goodbye', why: 'stopping' },
    ],
  ])('%s', (_why, life, after, expected) => {
    expect(settleLife(life, at(after))).toEqual(expected);
  });

  it.each<[PeerLife, ReturnType<typeof lifeDeadline>]>([
    [FRESH, at(250)],
    [LATE, at(500)],
    [UNHEARD, undefined],
    [{ name: 'gone' }, undefined],
    [{ name: 'goodbye', why: 'handing over' }, undefined],
  ])('%j wants to be looked at again at %j', (life, expected) => {
    expect(lifeDeadline(life)).toBe(expected);
  });
});

it('a life of no known name is our mistake', () => {
  const none = { name: 'undead' } as never;
  expect(() => settleLife(none, NOW)).toThrow(BrokenAssumption);
  expect(() => lifeDeadline(none)).toThrow(BrokenAssumption);
});
