/** What `vipair top` shows: what the daemon said at one moment, and what it had said before. */
import type { RecordedEvent } from '../../telemetry/recorded-event.js';
import type { NodeLoads } from '../../telemetry/servers.js';
import type { PairReport } from '../../telemetry/status.js';

export interface TopSample {
  /** When it was asked: Unix milliseconds. */
  readonly at: number;
  /** Undefined: it gave no answer, and `problem` says why. */
  readonly report: PairReport | undefined;
  readonly problem: string | undefined;
  /** Of the servers of both nodes; empty where there is no proxy. */
  readonly loads: readonly NodeLoads[];
  /** The last ones, oldest first. */
  readonly events: readonly RecordedEvent[];
}

/** The last sample with an answer, and when that was. */
export function lastAnswer(
  samples: readonly TopSample[],
): { readonly at: number; readonly report: PairReport; readonly sample: TopSample } | undefined {
  const sample = samples.findLast(({ report }) => report !== undefined);
  return sample?.report === undefined
    ? undefined
    : { at: sample.at, report: sample.report, sample };
}

/** How many are kept: rates are those of so many seconds. The last answer is kept besides. */
export function withSample(samples: readonly TopSample[], next: TopSample): readonly TopSample[] {
  const known = lastAnswer(samples)?.sample;
  const recent = [...samples, next].slice(-WINDOW);
  return known === undefined || recent.includes(known) ? recent : [known, ...recent.slice(1)];
}

const WINDOW = 6;
