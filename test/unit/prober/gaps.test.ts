/** What a client noticed, computed from samples. */
import { describe, expect, it } from 'vitest';
import { instant, millis } from '../../../src/base/time.js';
import {
  answeredAfter,
  answeredBefore,
  answeredLast,
  gaps,
  longestGap,
  summarize,
  timeline,
} from '../../../src/prober/gaps.js';
import type { ProbeOutcome, ProbeReport, ProbeSample } from '../../../src/prober/sample.js';

const EVERY = 5;
const TOOK = 1;

/** One letter a probe, every 5 ms: 1 and 2 are answers of lb1 and lb2, x a failure, u unlaunched. */
function report(letters: string): ProbeReport {
  const samples = letters.split('').map((letter, index): ProbeSample => {
    const launchedAt = instant(index * EVERY);
    const outcomes: Readonly<Record<string, ProbeOutcome>> = { x: 'timed-out', u: 'unlaunched' };
    const answered = letter === '1' || letter === '2';
    return {
      launchedAt,
      endedAt: instant(launchedAt + TOOK),
      outcome: outcomes[letter] ?? 'answered',
      node: answered ? `lb${letter}` : undefined,
      server: answered ? 'web1' : undefined,
    };
  });
  return {
    target: '10.77.0.100:80',
    every: millis(EVERY),
    startedAt: instant(0),
    endedAt: instant(letters.length * EVERY),
    samples,
    worstLateness: millis(0),
    streamsOpened: 0,
    streamBreaks: [],
  };
}

describe('gaps', () => {
  it.each([
    ['no probe, no gap', '', []],
    ['no failure, no gap', '1111', []],
    ['one lost probe is a gap of one interval', '11x11', [[10, 15, 1, 'answered']]],
    [
      'from the first failed launch to the first answered launch',
      '1xxx2',
      [[5, 20, 3, 'answered']],
    ],
    [
      'an answer in between makes two gaps',
      'x1xx1',
      [
        [0, 5, 1, 'answered'],
        [10, 20, 2, 'answered'],
      ],
    ],
    ['nothing answered any more', '11xx', [[10, 20, 2, 'until-the-end']]],
    ['a probe that was not launched proves nothing', '1xux1', [[5, 20, 2, 'answered']]],
    ['the prober at its limit is no gap', '1uu1', []],
  ])('%s', (_why, letters, expected) => {
    expect(
      gaps(report(letters)).map(({ from, to, failed, end }) => [from, to, failed, end]),
    ).toEqual(expected);
  });

  it('the longest is the longest, the first of equals', () => {
    expect(longestGap(report('1x1xx1xx1'))).toMatchObject({ from: 15, length: 10, failed: 2 });
    expect(longestGap(report('111'))).toBeUndefined();
  });
});

describe('summarize', () => {
  it('counts what was launched, and leaves out what was not', () => {
    expect(summarize(report('11xxu2'))).toEqual({
      launched: 5,
      answered: 3,
      failed: 2,
      unlaunched: 1,
      longestGap: 15,
      longestSilence: 20,
      slowestAnswer: TOOK,
    });
  });

  it('shows probes that waited and were answered in the end as silence, not as a gap', () => {
    const steady = report('1111');
    const late = instant(100);
    const waited = {
      ...steady,
      endedAt: late,
      samples: steady.samples.map((each) => ({ ...each, endedAt: late })),
    };
    expect(summarize(waited)).toMatchObject({
      longestGap: 0,
      longestSilence: 100,
      slowestAnswer: 100,
    });
  });
});

describe('who answered', () => {
  const moved = report('11xx22');

  it('before an instant: the last answer that had arrived', () => {
    expect(answeredBefore(moved, instant(12))).toBe('lb1');
    expect(answeredBefore(moved, instant(0))).toBeUndefined();
  });

  it('after an instant: the first answered probe launched then or later', () => {
    expect(answeredAfter(moved, instant(6))).toBe('lb2');
    expect(answeredAfter(moved, instant(5))).toBe('lb1');
    expect(answeredAfter(moved, instant(26))).toBeUndefined();
  });

  it('in the end', () => {
    expect(answeredLast(moved)).toBe('lb2');
    expect(answeredLast(report('xx'))).toBeUndefined();
  });

  it('as a timeline of nodes', () => {
    expect(timeline(report('11x2211'))).toEqual([
      { node: 'lb1', from: 1, to: 6, answers: 2 },
      { node: 'lb2', from: 16, to: 21, answers: 2 },
      { node: 'lb1', from: 26, to: 31, answers: 2 },
    ]);
  });
});
