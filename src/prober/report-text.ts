/** A probing's report as compact JSON, and back: how the prober's process hands it to whoever started it. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Instant } from '../base/time.js';
import { instant, millis } from '../base/time.js';
import type { ProbeOutcome, ProbeReport, ProbeSample } from './sample.js';

export interface NotAReport {
  readonly code: 'not-a-report';
  readonly detail: string;
}

/** One sample: launch and end in milliseconds since the start, then indexes into `outcomes` and `names`. */
type Row = readonly [number, number, number, number, number];

type Encoded = Omit<ProbeReport, 'samples'> & {
  readonly outcomes: readonly ProbeOutcome[];
  readonly names: readonly (string | null)[];
  readonly samples: readonly Row[];
};

const ROW_LENGTH = 5;
const MICROS_PER_MILLI = 1000;

/** Instants are kept to the microsecond; the clock is not better than that from one process to the next. */
export function encodeReport(report: ProbeReport): string {
  const outcomes = [...new Set(report.samples.map(({ outcome }) => outcome))];
  const names = [
    ...new Set(report.samples.flatMap(({ node, server }) => [node ?? null, server ?? null])),
  ];
  const indexOf = new Map(names.map((name, index) => [name, index]));
  const sinceStart = (at: Instant): number =>
    Math.round((at - report.startedAt) * MICROS_PER_MILLI) / MICROS_PER_MILLI;
  const encoded: Encoded = {
    ...report,
    outcomes,
    names,
    samples: report.samples.map(({ launchedAt, endedAt, outcome, node, server }): Row => {
      const who = [node ?? null, server ?? null].map((name) => indexOf.get(name) ?? 0);
      return [
        sinceStart(launchedAt),
        sinceStart(endedAt),
        outcomes.indexOf(outcome),
        who[0] ?? 0,
        who[1] ?? 0,
      ];
    }),
  };
  return JSON.stringify(encoded);
}

/** Trusts what {@link encodeReport} wrote, and refuses anything that has not its shape. */
export function decodeReport(text: string): Result<ProbeReport, NotAReport> {
  const report = decodeReportValue(parse(text));
  return report === undefined
    ? fail({ code: 'not-a-report', detail: `${String(text.length)} characters of other text` })
    : ok(report);
}

/** The same of parsed JSON; undefined where it is no report. */
export function decodeReportValue(value: unknown): ProbeReport | undefined {
  if (!isEncoded(value)) {
    return undefined;
  }
  const { outcomes, names, samples, ...report } = value;
  return {
    ...report,
    startedAt: instant(report.startedAt),
    endedAt: instant(report.endedAt),
    every: millis(report.every),
    samples: samples.map(([launched, ended, outcome, node, server]): ProbeSample => ({
      launchedAt: instant(report.startedAt + launched),
      endedAt: instant(report.startedAt + ended),
      outcome: outcomes[outcome] ?? 'unlaunched',
      node: names[node] ?? undefined,
      server: names[server] ?? undefined,
    })),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isEncoded(value: unknown): value is Encoded {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const { outcomes, names, samples, streamBreaks, startedAt, endedAt } = value as Partial<Encoded>;
  return (
    [outcomes, names, samples, streamBreaks].every((list) => Array.isArray(list)) &&
    [startedAt, endedAt].every((at) => typeof at === 'number') &&
    (samples as readonly unknown[]).every((row) => Array.isArray(row) && row.length === ROW_LENGTH)
  );
}
