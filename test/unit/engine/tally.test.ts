import { describe, expect, it } from 'vitest';
import { GroupTally, Tally } from '../../../src/engine/tally.js';

describe('the counters of a virtual router', () => {
  it('count refused packets by the check that refused them', () => {
    const tally = new Tally();
    expect(tally.reject('ttl')).toBe(1);
    expect(tally.reject('checksum')).toBe(1);
    expect(tally.reject('ttl')).toBe(2);
    expect(tally.counters().rejected).toEqual({ ttl: 2, checksum: 1 });
  });

  it('have counted nothing at first, and name no check that never refused', () => {
    expect(new Tally().counters()).toEqual({
      advertsSent: 0,
      advertsReceived: 0,
      priorityZeroSent: 0,
      priorityZeroReceived: 0,
      sendErrors: 0,
      rejected: {},
      odd: {},
    });
  });

  it('RFC 6527 §4 tell resignations from other adverts', () => {
    const tally = new Tally();
    for (const priority of [254, 0, 254]) {
      tally.sent(priority);
      tally.received(priority);
    }
    tally.warn('interval-differs');
    expect(tally.counters()).toMatchObject({
      ...{ advertsSent: 3, advertsReceived: 3, priorityZeroSent: 1, priorityZeroReceived: 1 },
      odd: { 'interval-differs': 1 },
    });
  });

  it('are told as a copy: what is counted later is not in it', () => {
    const tally = new Tally();
    const before = tally.counters();
    tally.sent(254);
    tally.reject('ttl');
    expect(before).toMatchObject({ advertsSent: 0, rejected: {} });
    expect(tally.counters()).toMatchObject({ advertsSent: 1, rejected: { ttl: 1 } });
  });
});

it('the counters of a group are those of its virtual routers, and its own', () => {
  const group = new GroupTally();
  group.becameMaster = 2;
  group.newMasterReason = 'no master heard';
  const [four, six] = [new Tally(), new Tally()];
  four.sent(254);
  six.sent(254);
  four.reject('ttl');
  six.reject('ttl');
  six.reject('link-local');
  expect(group.counters([four, six])).toMatchObject({
    advertsSent: 2,
    rejected: { ttl: 2, 'link-local': 1 },
    becameMaster: 2,
    newMasterReason: 'no master heard',
  });
});
