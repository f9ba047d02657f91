/** What clients saw of a drill: figures, and stretches of time to draw. */
import { later, millis, tenths } from '../base/time.js';
import type { Instant, Millis } from '../base/time.js';
import { longestGap, summarize } from '../prober/gaps.js';
import type { ProbeReport, ProbeSample } from '../prober/sample.js';
import type { DrillFigures, DrillStretch } from '../telemetry/drill.js';

/** What the prober saw, and who answered on the wire meanwhile. */
export interface ClientsView {
  readonly report: ProbeReport;
  /** Unix milliseconds of `report.startedAt`, by the clock of the node that was asked for the drill. */
  readonly startedAt: number;
  /** So well is that known. */
  readonly clockWithinMs: number | undefined;
  /** Undefined where nobody watched. */
  readonly owners: OwnersSeen | undefined;
  /** Who the prober's machine takes for the owner, by MAC; undefined where it cannot tell. */
  readonly neighbour: string | undefined;
}

export interface OwnersSeen {
  readonly twoOwnersMs: number;
  readonly noOwnerMs: number;
}

/** Of the whole measurement. */
export function clientFigures(view: ClientsView | undefined): Omit<DrillFigures, 'moves'> {
  if (view === undefined) {
    return NOTHING_SEEN;
  }
  const { report, owners } = view;
  const { launched, failed, longestSilence, slowestAnswer } = summarize(report);
  return {
    requests: launched,
    failed,
    gapMs: tenths(longestGap(report)?.length ?? 0),
    silenceMs: tenths(longestSilence),
    slowestMs: tenths(slowestAnswer),
    streams: report.streamsOpened,
    // None that could have broken: the site serves none, or nobody asked for any.
    streamsBroken: report.streamsOpened === 0 ? undefined : report.streamBreaks.length,
    twoOwnersMs: owners === undefined ? undefined : tenths(owners.twoOwnersMs),
    noOwnerMs: owners === undefined ? undefined : tenths(owners.noOwnerMs),
  };
}

const NOTHING_SEEN = {
  requests: undefined,
  failed: undefined,
  gapMs: undefined,
  silenceMs: undefined,
  slowestMs: undefined,
  streams: undefined,
  streamsBroken: undefined,
  twoOwnersMs: undefined,
  noOwnerMs: undefined,
} as const satisfies Omit<DrillFigures, 'moves'>;

/** In equal stretches from the first to the last probe: at most {@link MOST_STRETCHES}. `faultAt` is Unix milliseconds. */
export function stretches(view: ClientsView | undefined, faultAt: number): readonly DrillStretch[] {
  if (view === undefined) {
    return [];
  }
  const { report, startedAt } = view;
  const length = stretchLength(report);
  const launched = report.samples.filter(({ outcome }) => outcome !== 'unlaunched');
  const byStretch = new Map<number, ProbeSample[]>();
  for (const sample of launched) {
    const index = Math.floor((sample.launchedAt - report.startedAt) / length);
    const known = byStretch.get(index);
    if (known === undefined) {
      byStretch.set(index, [sample]);
    } else {
      known.push(sample);
    }
  }
  return [...byStretch]
    .toSorted(([a], [b]) => a - b)
    .map(([index, samples]) => stretchOf(startedAt + index * length - faultAt, samples));
}

/** A round number of probes fits in, so that every stretch has as many. */
function stretchLength({ every, startedAt, endedAt }: ProbeReport): Millis {
  const least = (endedAt - startedAt) / MOST_STRETCHES;
  return millis(Math.max(1, Math.ceil(Math.max(least, LEAST_STRETCH) / every)) * every);
}

function stretchOf(atMs: number, samples: readonly ProbeSample[]): DrillStretch {
  const answered = samples.filter(({ outcome }) => outcome === 'answered');
  const waits = answered
    .map(({ launchedAt, endedAt }) => endedAt - launchedAt)
    .toSorted((a, b) => a - b);
  const median = waits[Math.floor(waits.length / 2)];
  const slowest = waits.at(-1);
  return {
    atMs: tenths(atMs),
    requests: samples.length,
    failed: samples.length - answered.length,
    medianMs: median === undefined ? undefined : tenths(median),
    slowestMs: slowest === undefined ? undefined : tenths(slowest),
    node: mostOf(answered.map(({ node }) => node)),
  };
}

function mostOf(names: readonly (string | undefined)[]): string | undefined {
  const counts = new Map<string, number>();
  for (const name of names) {
    if (name !== undefined) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}

/** When the first probe was launched that another node answered than the one before `at`; both Unix milliseconds. */
export function firstAnswerAfter(
  { report, startedAt }: ClientsView,
  at: number,
): { readonly at: number; readonly node: string | undefined } | undefined {
  const since: Instant = later(report.startedAt, millis(at - startedAt));
  const failed = report.samples.find(
    ({ launchedAt, outcome }) =>
      launchedAt >= since && outcome !== 'answered' && outcome !== 'unlaunched',
  );
  const before = report.samples.findLast(
    ({ outcome, endedAt }) => outcome === 'answered' && endedAt < since,
  )?.node;
  const answer = report.samples.find(
    ({ launchedAt, outcome, node }) =>
      outcome === 'answered' &&
      launchedAt >= (failed?.launchedAt ?? since) &&
      (failed !== undefined || node !== before),
  );
  return answer === undefined
    ? undefined
    : { at: startedAt + (answer.endedAt - report.startedAt), node: answer.node };
}

/** What a plot has room for, and a report that is kept. */
const MOST_STRETCHES = 240;
const LEAST_STRETCH = 50;
