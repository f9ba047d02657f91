/** What a client noticed: gaps, failures and who answered, from the samples of a probing. */
import type { Instant, Millis } from '../base/time.js';
import { between, millis } from '../base/time.js';
import type { ProbeReport, ProbeSample } from './sample.js';

/**
 * From the launch of the first failed probe to the launch of the first later probe that was answered. So
 * one lost probe is a gap of one interval, and a gap is never shorter than what a client had to wait
 * through, nor longer than it by more than one interval.
 */
export interface Gap {
  readonly from: Instant;
  readonly to: Instant;
  readonly length: Millis;
  readonly failed: number;
  /** `until-the-end`: nothing answered any more, so the gap is at least this long. */
  readonly end: 'answered' | 'until-the-end';
}

/** Consecutive answers from the same node. */
export interface Reign {
  readonly node: string;
  /** When the first and the last of its answers arrived. */
  readonly from: Instant;
  readonly to: Instant;
  readonly answers: number;
}

export interface ProbeSummary {
  readonly launched: number;
  readonly answered: number;
  readonly failed: number;
  readonly unlaunched: number;
  /** 0 when none failed. */
  readonly longestGap: Millis;
  /**
   * The longest time in which no answer arrived. It shows what `longestGap` cannot: probes that waited, and
   * were answered in the end.
   */
  readonly longestSilence: Millis;
  readonly slowestAnswer: Millis;
}

/** All gaps, in order of time. Probes that were not launched say nothing and are skipped. */
export function gaps(report: ProbeReport): readonly Gap[] {
  const found: Gap[] = [];
  let from: Instant | undefined;
  let failed = 0;
  for (const sample of report.samples.filter(wasLaunched)) {
    if (sample.outcome !== 'answered') {
      from ??= sample.launchedAt;
      failed += 1;
    } else if (from !== undefined) {
      found.push(gap(from, sample.launchedAt, failed, 'answered'));
      from = undefined;
      failed = 0;
    }
  }
  return from === undefined
    ? found
    : [...found, gap(from, report.endedAt, failed, 'until-the-end')];
}

/** Undefined when no probe failed. */
export function longestGap(report: ProbeReport): Gap | undefined {
  return gaps(report).reduce<Gap | undefined>(
    (longest, each) => (longest === undefined || each.length > longest.length ? each : longest),
    undefined,
  );
}

export function summarize(report: ProbeReport): ProbeSummary {
  const launched = report.samples.filter(wasLaunched);
  const answered = launched.filter(wasAnswered);
  return {
    launched: launched.length,
    answered: answered.length,
    failed: launched.length - answered.length,
    unlaunched: report.samples.length - launched.length,
    longestGap: longestGap(report)?.length ?? millis(0),
    longestSilence: longestSilence(report, answered),
    slowestAnswer: answered.reduce(
      (slowest, { launchedAt, endedAt }) => millis(Math.max(slowest, endedAt - launchedAt)),
      millis(0),
    ),
  };
}

/** The node whose answer was the last to arrive before `at`; undefined when none had. */
export function answeredBefore(report: ProbeReport, at: Instant): string | undefined {
  return answersInOrder(report).findLast(({ endedAt }) => endedAt < at)?.node;
}

/** The node that answered the first probe launched at `at` or later that was answered. */
export function answeredAfter(report: ProbeReport, at: Instant): string | undefined {
  return report.samples.find((sample) => wasAnswered(sample) && sample.launchedAt >= at)?.node;
}

/** The node that gave the very last answer: who serves once everything has settled. */
export function answeredLast(report: ProbeReport): string | undefined {
  return answersInOrder(report).at(-1)?.node;
}

/** Who answered when, as runs of answers in the order they arrived. An answer that names no node is skipped. */
export function timeline(report: ProbeReport): readonly Reign[] {
  const reigns: Reign[] = [];
  for (const { node, endedAt } of answersInOrder(report)) {
    const current = reigns.at(-1);
    if (node === undefined) {
      continue;
    }
    if (current?.node === node) {
      reigns[reigns.length - 1] = { ...current, to: endedAt, answers: current.answers + 1 };
    } else {
      reigns.push({ node, from: endedAt, to: endedAt, answers: 1 });
    }
  }
  return reigns;
}

function gap(from: Instant, to: Instant, failed: number, end: Gap['end']): Gap {
  return { from, to, length: between(from, to), failed, end };
}

function wasLaunched(sample: ProbeSample): boolean {
  return sample.outcome !== 'unlaunched';
}

function wasAnswered(sample: ProbeSample): boolean {
  return sample.outcome === 'answered';
}

function answersInOrder(report: ProbeReport): readonly ProbeSample[] {
  return report.samples.filter(wasAnswered).toSorted((a, b) => a.endedAt - b.endedAt);
}

function longestSilence(report: ProbeReport, answered: readonly ProbeSample[]): Millis {
  const arrivals = [
    report.startedAt,
    ...answered.map(({ endedAt }) => endedAt).toSorted((a, b) => a - b),
    report.endedAt,
  ];
  const silences = arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? at));
  return millis(silences.reduce((longest, each) => Math.max(longest, each), 0));
}
