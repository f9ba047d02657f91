import { describe, expect, it } from 'vitest';
import {
  durationText,
  figureRows,
  firstMove,
  offsetText,
  tickText,
} from '../../../src/drill/render/words.js';
import type { DrillMoment, DrillPhase } from '../../../src/telemetry/drill.js';
import { FAILED, PASSED } from './sample-reports.js';

describe('durations in words', () => {
  it.each([
    [0, '0 ms', '0 ms'],
    [0.04, '0 ms', '0 ms'],
    [0.84, '0.8 ms', '+0.8 ms'],
    [9.95, '9.9 ms', '+9.9 ms'],
    [312.4, '312 ms', '+312 ms'],
    [1_250, '1.25 s', '+1.25 s'],
    [90_000, '1.5 min', '+1.5 min'],
    [-5_020, '-5.02 s', '-5.02 s'],
  ])('%d', (milliseconds, duration, offset) => {
    expect(durationText(milliseconds)).toBe(duration);
    expect(offsetText(milliseconds)).toBe(offset);
  });
});

it.each([
  [0, '0 ms'],
  [500, '500 ms'],
  [1_000, '1 s'],
  [1_500, '1.50 s'],
  [60_000, '1 min'],
])('%d at an axis', (milliseconds, words) => {
  expect(tickText(milliseconds)).toBe(words);
});

describe('figures beside limits', () => {
  it('what was not seen cannot be kept, and what has no limit need not', () => {
    const kept = Object.fromEntries(figureRows(FAILED).map((row) => [row.name, row.kept]));
    expect(kept).toEqual({
      'longest gap': 'exceeded',
      'failed requests': 'exceeded',
      'broken streams': 'unseen',
      'two owners at once': 'exceeded',
      'no owner': 'no limit',
      moves: 'exceeded',
      'slowest answer': 'no limit',
      'longest silence': 'no limit',
    });
  });

  it('a limit of nothing is called none, and has no part that is used', () => {
    expect(figureRows(PASSED)[3]).toEqual({
      name: 'two owners at once',
      measured: '0 ms',
      limit: 'none',
      kept: 'kept',
      used: undefined,
    });
  });
});

describe('the first move', () => {
  const at = (atMs: number, phase: DrillPhase | undefined): DrillMoment => ({
    ...{ atMs, phase, source: 'history', node: 'lb1', text: '' },
  });

  it.each<[string, readonly DrillMoment[], readonly (string | undefined)[]]>([
    [
      'ends with the first answer',
      PASSED.timeline,
      [...['fault', 'noticed', 'decided', 'claimed', 'announced', 'answered']],
    ],
    [
      'is in the order of time, and of phases at one time',
      [at(5, 'claimed'), at(5, 'decided'), at(0, 'fault'), at(2, undefined)],
      ['fault', 'decided', 'claimed'],
    ],
    [
      'has each phase once, and nothing of the way back',
      [at(0, 'fault'), at(1, 'noticed'), at(2, 'noticed'), at(3, 'answered'), at(9, 'claimed')],
      ['fault', 'noticed', 'answered'],
    ],
    ['is none where nothing followed the fault', [at(0, 'fault')], []],
    ['is none where nothing happened', [], []],
  ])('%s', (_what, timeline, phases) => {
    expect(firstMove(timeline).map(({ phase }) => phase)).toEqual(phases);
  });
});
