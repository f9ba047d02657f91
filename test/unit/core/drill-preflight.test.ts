import { describe, expect, it } from 'vitest';
import type { DrillFacts } from '../../../src/core/drill-preflight.js';
import { isWithin, objections } from '../../../src/core/drill-preflight.js';

const WELL: DrillFacts = {
  peer: 'lb2',
  masters: ['lb1'],
  faults: [],
  paused: false,
  maintenance: [],
  differing: [],
  intents: 'equal',
  tables: undefined,
  planned: [],
  drills: [],
  forbidden: [],
  budget: undefined,
  time: { day: 0, minute: 150 },
  windows: [],
};

describe('what speaks against a drill', () => {
  it('is nothing where the pair is well', () => {
    expect(objections(WELL)).toEqual([]);
    expect(
      objections({
        ...WELL,
        intents: 'unknown',
        budget: { failed: 10, days: 30, spent: 9 },
        windows: [{ name: 'sun 02:00-05:00', days: [0], from: 120, to: 300 }],
      }),
    ).toEqual([]);
  });

  it.each<readonly [Partial<DrillFacts>, string]>([
    [{ peer: undefined }, 'the other node does not answer: nobody would take over'],
    [{ masters: [] }, 'no node is master of the group'],
    [{ masters: ['lb1', 'lb2'] }, 'both nodes say that they are master: lb1 and lb2'],
    [{ faults: [{ node: 'lb2', why: 'link down' }] }, 'lb2 is not fit: link down'],
    [{ paused: true }, 'the pair is paused: vipair resume lets it move again'],
    [{ maintenance: ['lb1'] }, 'lb1 is in maintenance'],
    [{ differing: ['groups.web.vrid differs'] }, 'groups.web.vrid differs'],
    [{ intents: 'differ' }, 'the nodes know of different statements of operators'],
    [{ tables: '3 rows differ' }, 'stick tables are not the same on both nodes: 3 rows differ'],
    [{ planned: ['web at 04:00'] }, 'a switchover is planned: web at 04:00'],
    [
      { drills: [{ node: 'lb1', name: 'link-down', phase: 'fired' }] },
      'the drill link-down is under way on lb1 (fired)',
    ],
    [
      { drills: [{ node: 'lb1', name: 'link-down', phase: 'failed' }] },
      'the drill link-down could not be undone on lb1: see vipair status, and then vipair drill undo',
    ],
    [{ forbidden: ['lb2'] }, 'lb2 lets no drill make faults on it (drills.enabled)'],
    [
      { budget: { failed: 10, days: 30, spent: 10 } },
      'drills have failed 10 requests within 30 days, and 10 are allowed (drills.budget)',
    ],
    [
      { windows: [{ name: 'mon 02:00-05:00', days: [1], from: 120, to: 300 }] },
      'drills may begin only at: mon 02:00-05:00 (drills.windows)',
    ],
  ])('%j', (change, objection) => {
    expect(objections({ ...WELL, ...change })).toEqual([objection]);
  });

  it('is said all at once', () => {
    expect(objections({ ...WELL, peer: undefined, paused: true })).toHaveLength(2);
  });
});

describe('a window', () => {
  const night = { name: 'fri 22:00-04:00', days: [5], from: 1320, to: 240 };

  it.each([
    [5, 1319, false],
    [5, 1320, true],
    [5, 239, false],
    [6, 0, true],
    [6, 239, true],
    [6, 240, false],
  ])('past midnight: day %i, minute %i: %s', (day, minute, within) => {
    expect(isWithin(night, { day, minute })).toBe(within);
  });

  it('of Saturday reaches into Sunday', () => {
    expect(isWithin({ ...night, days: [6] }, { day: 0, minute: 10 })).toBe(true);
  });

  it.each([
    [119, false],
    [120, true],
    [299, true],
    [300, false],
  ])('within a day: minute %i: %s', (minute, within) => {
    expect(isWithin({ name: '', days: [0], from: 120, to: 300 }, { day: 0, minute })).toBe(within);
  });
});
