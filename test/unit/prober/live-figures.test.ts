/** Live figures are those of the finished report, in whatever order the probes end. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant, millis } from '../../../src/base/time.js';
import { summarize } from '../../../src/prober/gaps.js';
import { LiveFigures } from '../../../src/prober/live-figures.js';
import type { ProbeOutcome, ProbeSample } from '../../../src/prober/sample.js';

function sample(probe: number, outcome: ProbeOutcome, took = 1): ProbeSample {
  const launchedAt = instant(probe * 5);
  return { launchedAt, endedAt: instant(launchedAt + took), outcome, node: 'lb1', server: 'web1' };
}

describe('figures of a probing that goes on', () => {
  it('a gap grows until something is answered again', () => {
    const figures = new LiveFigures(instant(0));
    figures.take(0, sample(0, 'answered'));
    figures.take(1, sample(1, 'refused'));
    figures.take(2, sample(2, 'refused'));
    expect(figures.at(instant(100))).toEqual({
      launched: 3,
      failed: 2,
      longestGap: 95,
      gap: 95,
      silence: 99,
    });
    figures.take(3, sample(3, 'answered'));
    expect(figures.at(instant(100))).toMatchObject({ longestGap: 10, gap: 0, silence: 84 });
  });

  it('silence is seen before the first deadline has passed', () => {
    const figures = new LiveFigures(instant(0));
    figures.take(0, sample(0, 'answered'));
    expect(figures.at(instant(300))).toMatchObject({ failed: 0, gap: 0, silence: 299 });
  });

  it('a probe that ends before an earlier one waits for it', () => {
    const figures = new LiveFigures(instant(0));
    figures.take(1, sample(1, 'answered'));
    expect(figures.at(instant(10))).toMatchObject({ launched: 0, silence: 4 });
    figures.take(0, sample(0, 'timed-out', 500));
    expect(figures.at(instant(600))).toMatchObject({ launched: 2, failed: 1, longestGap: 5 });
  });

  it('in the end they are those of the report', () => {
    const outcome = fc.constantFrom<ProbeOutcome>('answered', 'refused', 'timed-out', 'unlaunched');
    fc.assert(
      fc.property(
        fc.array(outcome, { minLength: 1, maxLength: 60 }),
        fc.nat(7),
        (outcomes, turn) => {
          const samples = outcomes.map((each, index) => sample(index, each));
          const figures = new LiveFigures(instant(0));
          // Each probe ends at most some places away from where it began.
          const order = samples
            .map((_each, index) => index)
            .toSorted((a, b) => (a % 8) - ((b + turn) % 8) || a - b);
          order.forEach((index) => {
            figures.take(index, samples[index]!);
          });
          const endedAt = instant(samples.length * 5);
          const { launched, failed, longestGap } = summarize({
            ...{
              target: '10.77.0.100:80',
              every: millis(5),
              startedAt: instant(0),
              endedAt,
              samples,
            },
            ...{ worstLateness: millis(0), streamsOpened: 0, streamBreaks: [] },
          });
          expect(figures.at(endedAt)).toMatchObject({ launched, failed, longestGap });
        },
      ),
    );
  });
});
