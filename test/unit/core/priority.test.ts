import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import { millis } from '../../../src/base/time.js';
import {
  basePriority,
  demotionOf,
  explainPriority,
  fullPriority,
  healthierThan,
  PRIORITY_OTHER,
  PRIORITY_PREFERRED,
  priorityOf,
  wirePriority,
} from '../../../src/core/priority.js';
import type { Thing, TrackedThing, Verdict } from '../../../src/core/tracking.js';
import { PRIORITY_OWNER, PRIORITY_RESIGNS } from '../../../src/wire/vrrp.js';

const SCRIPT: Thing = { kind: 'script', rise: 2, fall: 2 };
const LINK: Thing = { kind: 'interface', debounce: millis(1000) };
const FILE: Thing = { kind: 'file' };
const UNKNOWN: Verdict = { kind: 'unknown' };
const WELL: Verdict = { kind: 'well' };
const FAILS: Verdict = { kind: 'failing', why: 'exit code 1' };

const weighted = (name: string, weight: number, thing: Thing = SCRIPT): TrackedThing => ({
  name,
  thing,
  consequence: { kind: 'weight', weight },
});
const fault = (name: string, thing: Thing = SCRIPT): TrackedThing => ({
  name,
  thing,
  consequence: { kind: 'fault' },
});
const holds = (value: number): Verdict => ({ kind: 'value', value });

/** A priority with each thing in its verdict. */
function given(base: number, ...tracked: readonly (readonly [TrackedThing, Verdict])[]) {
  return priorityOf(
    base,
    tracked.map(([thing]) => thing),
    tracked.map(([, verdict]) => ({ verdict, doubt: undefined })),
  );
}

describe('where a priority starts', () => {
  it('the preferred node outranks the other one', () => {
    expect(wirePriority('lb1', 'lb1')).toBe(PRIORITY_PREFERRED);
    expect(wirePriority('lb2', 'lb1')).toBe(PRIORITY_OTHER);
    expect(PRIORITY_PREFERRED).toBeGreaterThan(PRIORITY_OTHER);
  });

  it('RFC 9568 §5.2.4 neither resigns nor claims to own the addresses', () => {
    for (const priority of [PRIORITY_PREFERRED, PRIORITY_OTHER]) {
      expect(priority).toBeGreaterThan(PRIORITY_RESIGNS);
      expect(priority).toBeLessThan(PRIORITY_OWNER);
    }
  });

  it('what is configured for a node comes first', () => {
    const configured = new Map([['lb1', 150]]);
    expect(basePriority('lb1', { preferred: 'lb1', configured })).toBe(150);
    expect(basePriority('lb2', { preferred: 'lb1', configured })).toBe(253);
    expect(basePriority('lb1', { preferred: 'lb1', configured: undefined })).toBe(254);
  });
});

describe('what tracked things do to it', () => {
  it.each<readonly [string, ReturnType<typeof given>, number]>([
    ['150 (base)', given(150), 0],
    ['150 (base)', given(150, [weighted('db', -20), WELL], [weighted('b', -5), UNKNOWN]), 0],
    ['150 (base) − 20 (db fails) = 130', given(150, [weighted('db', -20), FAILS]), 20],
    ['100 (base) + 30 (up well) = 130', given(100, [weighted('up', 30, LINK), WELL]), 0],
    ['100 (base) + 30 (up not known yet) = 130', given(100, [weighted('up', 30), UNKNOWN]), 0],
    ['100 (base) + 0 (up fails) = 100', given(100, [weighted('up', 30), FAILS]), 30],
    [
      '150 (base) − 20 (db fails) + 30 (up well) = 160',
      given(150, [weighted('db', -20), FAILS], [weighted('up', 30), WELL]),
      20,
    ],
    ['150 (base) − 60 (f holds 3) = 90', given(150, [weighted('f', -20, FILE), holds(3)]), 60],
    ['150 (base) + 60 (f holds -3) = 210', given(150, [weighted('f', -20, FILE), holds(-3)]), 0],
    ['150 (base)', given(150, [weighted('f', -20, FILE), holds(0)]), 0],
    ['150 (base)', given(150, [weighted('f', 20, FILE), UNKNOWN]), 0],
    [
      '150 (base) + 0 (f cannot be read) = 150',
      given(150, [weighted('f', -20, FILE), { kind: 'failing', why: 'it is empty' }]),
      0,
    ],
    [
      '150 (base) − 254 (f holds 9000000) = 1, the least',
      given(150, [weighted('f', -1, FILE), holds(9_000_000)]),
      149,
    ],
    ['240 (base) + 30 (up well) = 254, the most', given(240, [weighted('up', 30), WELL]), 0],
    ['150 (base), but out: db fails', given(150, [fault('db'), FAILS]), 0],
    [
      '150 (base) − 9 (c fails) = 141, but out: db, f fail',
      given(150, [fault('db'), FAILS], [weighted('c', -9), FAILS], [fault('f', FILE), FAILS]),
      9,
    ],
  ])('%s', (text, priority, demotion) => {
    expect(explainPriority(priority)).toBe(text);
    expect(priority.demotion).toBe(demotion);
  });

  it('tells its parts', () => {
    expect(given(150, [weighted('db', -20), FAILS], [fault('gateway'), FAILS])).toEqual({
      base: 150,
      terms: [{ name: 'db', delta: -20, why: 'fails' }],
      effective: 130,
      demotion: 20,
      faults: ['gateway'],
    });
  });
});

describe('health is compared, not preference', () => {
  it.each<readonly [string, readonly [number, number], readonly [number, number], boolean]>([
    ['both well: stay', [100, 100], [150, 150], false],
    ['the master is demoted', [100, 100], [150, 90], true],
    ['both alike', [100, 80], [150, 130], false],
    ['we more than it', [150, 90], [100, 80], false],
    ['a master that raised itself is not unhealthy', [150, 150], [100, 200], false],
    ['and we are not healthier for it', [150, 200], [100, 100], false],
  ])('%s', (_why, own, master, expected) => {
    const standing = ([full, effective]: readonly [number, number]) => ({ full, effective });
    expect(healthierThan(standing(own), standing(master))).toBe(expected);
  });

  it('never both ways', () => {
    const priority = fc.integer({ min: 1, max: 254 });
    const standing = fc.record({ full: priority, effective: priority });
    fc.assert(
      fc.property(standing, standing, (a, b) => !(healthierThan(a, b) && healthierThan(b, a))),
    );
  });

  it('full health has every bonus, and no file', () => {
    const things = [weighted('a', 10), weighted('b', -5), weighted('f', 9, FILE), fault('c')];
    expect(fullPriority(100, things)).toBe(110);
    expect(fullPriority(250, things)).toBe(254);
    expect(demotionOf({ full: 110, effective: 100 })).toBe(10);
  });
});

it('an effective priority is always one that a router may advertise', () => {
  const verdict = fc.oneof(fc.constantFrom(UNKNOWN, WELL, FAILS), fc.integer().map(holds));
  const weight = fc.integer({ min: -253, max: 253 });
  const base = fc.integer({ min: 1, max: 254 });
  fc.assert(
    fc.property(base, fc.array(fc.tuple(weight, verdict)), (from, tracked) => {
      const { effective, demotion } = given(
        from,
        ...tracked.map(([each, its]) => {
          const thing = its.kind === 'value' ? FILE : SCRIPT;
          return [weighted('x', each, thing), its] as const;
        }),
      );
      return effective >= 1 && effective <= 254 && demotion >= 0 && Number.isInteger(effective);
    }),
  );
});

it('a verdict that does not exist is a mistake of ours', () => {
  const impossible = { kind: 'undecided' } as unknown as Verdict;
  expect(() => given(150, [weighted('db', -20), impossible])).toThrow(BrokenAssumption);
});
