/** What planned moves cost the clients: streams that broke, bytes that were wrong, connections that failed, and who waited. */
import type { Instant, Millis } from '../../base/time.js';
import { between, later, millis, tenths } from '../../base/time.js';
import { summarize } from '../../prober/gaps.js';
import type { ProbeReport } from '../../prober/sample.js';
import type { HeldKind } from './held-streams.js';
import { HELD_KINDS } from './held-streams.js';
import type { HeldStream, HoldReport } from './holding.js';

export interface HitlessSeen {
  readonly engine: 'vipair' | 'keepalived';
  readonly moves: number;
  readonly kinds: readonly KindSeen[];
  readonly connections: {
    readonly opened: number;
    readonly failed: number;
    /** How many failed in which way. */
    readonly causes: Readonly<Record<string, number>>;
    readonly gap: Quantiles;
  };
  /** Of keepalived it is shown, and no promise. */
  readonly verdict: 'as expected' | 'not as expected';
  /** What was not; empty where all was. */
  readonly wrong: readonly string[];
}

export interface KindSeen {
  readonly kind: HeldKind;
  readonly streams: number;
  readonly exchanges: number;
  readonly bytes: number;
  readonly broken: number;
  /** Why the first one did. */
  readonly because: string | undefined;
  readonly corrupt: number;
  readonly gap: Quantiles;
}

/** Of the longest that each client waited at each move, in milliseconds. */
export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface HitlessMeasured {
  readonly engine: HitlessSeen['engine'];
  /** That were asked for. */
  readonly rounds: number;
  readonly moves: readonly Instant[];
  readonly held: HoldReport;
  readonly probed: ProbeReport;
}

export function judgeHitless({
  engine,
  rounds,
  moves,
  held,
  probed,
}: HitlessMeasured): HitlessSeen {
  const kinds = HELD_KINDS.map((kind) => kindSeen(kind, held.streams, moves));
  const { launched, failed } = summarize(probed);
  const silences = moves.map((move) => silenceAt(move, probed));
  const causes = causesOf(probed);
  const connections = { opened: launched, failed, causes, gap: quantiles(silences) };
  const wrong = [
    ...kinds.flatMap(wrongOf),
    ...(failed === 0
      ? []
      : [`${String(failed)} new connections failed: ${JSON.stringify(causes)}`]),
    ...(moves.length === rounds ? [] : [`${String(moves.length)} of ${String(rounds)} moves`]),
  ];
  return {
    ...{ engine, moves: moves.length, kinds, connections, wrong },
    verdict: wrong.length === 0 || engine === 'keepalived' ? 'as expected' : 'not as expected',
  };
}

/** By outcome and by whole seconds from the beginning, so that one sees whether a move is to blame. */
function causesOf({ samples, startedAt }: ProbeReport): Readonly<Record<string, number>> {
  const causes: Record<string, number> = {};
  for (const { outcome, launchedAt } of samples) {
    if (outcome !== 'answered' && outcome !== 'unlaunched') {
      const second = Math.floor(between(startedAt, launchedAt) / MS);
      const cause = `${outcome} in second ${String(second)}`;
      causes[cause] = (causes[cause] ?? 0) + 1;
    }
  }
  return causes;
}

function kindSeen(kind: HeldKind, all: readonly HeldStream[], moves: readonly Instant[]): KindSeen {
  const streams = all.filter((each) => each.kind === kind);
  const breaks = streams.flatMap((each) => each.breaks);
  const sumOf = (of: (stream: HeldStream) => number): number =>
    streams.reduce((sum, each) => sum + of(each), 0);
  return {
    ...{ kind, streams: streams.length, broken: breaks.length, because: breaks[0]?.why },
    exchanges: sumOf(({ exchanges }) => exchanges),
    bytes: sumOf(({ bytes }) => bytes),
    corrupt: sumOf(({ corrupt }) => corrupt),
    gap: quantiles(moves.flatMap((move) => streams.map((each) => waitAt(move, each)))),
  };
}

function wrongOf({ kind, broken, corrupt, exchanges, because }: KindSeen): readonly string[] {
  return [
    ...(broken === 0 ? [] : [`${String(broken)} of ${kind} broken: ${because ?? ''}`]),
    ...(corrupt === 0 ? [] : [`${String(corrupt)} bytes of ${kind} corrupt`]),
    ...(exchanges === 0 ? [`nothing was exchanged by ${kind}`] : []),
  ];
}

/** The longest that it waited around a move. */
function waitAt(move: Instant, { waits }: HeldStream): number {
  const until = later(move, AROUND_A_MOVE);
  return waits
    .filter(([at, waited]) => at >= move && later(at, millis(-waited)) <= until)
    .reduce((longest, [, waited]) => Math.max(longest, waited), 0);
}

function silenceAt(move: Instant, probed: ProbeReport): number {
  const until = later(move, AROUND_A_MOVE);
  return summarize({
    ...probed,
    startedAt: move,
    endedAt: until,
    samples: probed.samples.filter(({ launchedAt }) => launchedAt >= move && launchedAt < until),
  }).longestSilence;
}

function quantiles(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    tenths(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

const MS = 1000;
const AROUND_A_MOVE: Millis = millis(1_000);
