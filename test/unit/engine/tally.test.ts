import { expect, it } from 'vitest';
import { Tally } from '../../../src/engine/tally.js';

it('counts refused packets by the check that refused them', () => {
  const tally = new Tally();
  expect(tally.reject('ttl')).toBe(1);
  expect(tally.reject('checksum')).toBe(1);
  expect(tally.reject('ttl')).toBe(2);
  expect(tally.counters().rejected).toEqual({ ttl: 2, checksum: 1 });
});

it('a new one has counted nothing, and names no check that never refused', () => {
  expect(new Tally().counters()).toEqual({
    advertsSent: 0,
    advertsReceived: 0,
    announcements: 0,
    becameMaster: 0,
    sendErrors: 0,
    rejected: {},
  });
});

it('its account is a copy: what is counted later is not in it', () => {
  const tally = new Tally();
  const before = tally.counters();
  tally.advertsSent += 1;
  tally.reject('ttl');
  expect(before).toMatchObject({ advertsSent: 0, rejected: {} });
  expect(tally.counters()).toMatchObject({ advertsSent: 1, rejected: { ttl: 1 } });
});
