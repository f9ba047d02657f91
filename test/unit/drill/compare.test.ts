import { describe, expect, it } from 'vitest';
import { compareDrills } from '../../../src/drill/compare.js';
import type { DrillFigures, DrillReport } from '../../../src/telemetry/drill.js';
import { FAILED, PASSED, STOPPED } from './sample-reports.js';

function withFigures(figures: Partial<DrillFigures>): DrillReport {
  return { ...PASSED, figures: { ...PASSED.figures, ...figures } };
}

function changeOf(figures: Partial<DrillFigures>, key: keyof DrillFigures): string | undefined {
  return compareDrills(PASSED, withFigures(figures)).figures.find((each) => each.key === key)
    ?.change;
}

describe('two drills beside each other', () => {
  it('a run against itself is the same in all it has', () => {
    const { verdict, figures, audits, worse, caveats } = compareDrills(PASSED, PASSED);
    expect(verdict).toBe('same');
    expect(new Set(figures.map(({ change }) => change))).toEqual(new Set(['same']));
    expect([audits, worse, caveats]).toEqual([[], [], []]);
  });

  it.each<[Partial<DrillFigures>, keyof DrillFigures, string]>([
    [{ gapMs: 330 }, 'gapMs', 'same'],
    [{ gapMs: 400 }, 'gapMs', 'worse'],
    [{ gapMs: 200 }, 'gapMs', 'better'],
    [{ slowestMs: 55 }, 'slowestMs', 'same'],
    [{ twoOwnersMs: 10 }, 'twoOwnersMs', 'same'],
    [{ twoOwnersMs: 11 }, 'twoOwnersMs', 'worse'],
    [{ failed: 65 }, 'failed', 'same'],
    [{ failed: 80 }, 'failed', 'worse'],
    [{ moves: 2 }, 'moves', 'worse'],
    [{ moves: 0 }, 'moves', 'better'],
    [{ streamsBroken: 3 }, 'streamsBroken', 'better'],
    [{ gapMs: undefined }, 'gapMs', 'unknown'],
  ])('%j: %s is %s', (figures, key, change) => {
    expect(changeOf(figures, key)).toBe(change);
  });

  it('says what got worse, by how much, and what the two have not in common', () => {
    const { worse, caveats, verdict, audits } = compareDrills(PASSED, FAILED);
    expect(verdict).toBe('worse');
    expect(worse).toEqual([
      'It passed before, and failed now.',
      'Longest gap: 315 ms before, 1.24 s now, 3.94 times as much.',
      'Failed requests: 63 before, 248 now, 3.94 times as much.',
      'Two owners at once: 0 ms before, 812 ms now.',
      'Moves: 1 before, 2 now, 2.00 times as much.',
      'Slowest answer: 48 ms before, 212 ms now, 4.40 times as much.',
      'Longest silence: 318 ms before, 1.24 s now, 3.90 times as much.',
      'Audit "one owner": failed now.',
    ]);
    expect(caveats).toEqual([
      'They differ in the drill: daemon-crash before, vrrp-filtered now.',
      'They differ in where it was measured: ssh ops1 vipair probe --attached of 10.77.0.100:80 before, vipair probe --attached of 10.77.0.100:80 now.',
    ]);
    expect(audits.find(({ name }) => name === 'intent equal')).toEqual({
      ...{ name: 'intent equal', before: 'passed', after: undefined, change: 'unknown' },
    });
  });

  it('what got better is no complaint, and what got worse one even so', () => {
    const { worse, verdict } = compareDrills(FAILED, PASSED);
    expect(verdict).toBe('better');
    expect(worse).toEqual(['No owner: 0 ms before, 298 ms now.']);
  });

  it('what was stopped is neither better nor worse', () => {
    expect(compareDrills(PASSED, STOPPED).verdict).toBe('unknown');
    expect(compareDrills(STOPPED, FAILED).verdict).toBe('unknown');
  });
});
