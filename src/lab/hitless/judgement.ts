/** What planned moves cost the clients: streams that broke, bytes that were wrong, connections that failed, and who waited. */
import type { Instant, Millis } from '../../base/time.js';
import { between, later, millis, scale, tenths } from '../../base/time.js';
import { summarize } from '../../prober/gaps.js';
import type { ProbeReport, ProbeSample } from '../../prober/sample.js';
import type { NodeName } from '../topology.js';
import type { HeldKind } from './held-streams.js';
import { HELD_KINDS } from './held-streams.js';
import type { HeldStream, HoldReport } from './holding.js';

export interface HitlessSeen {
  readonly engine: 'vipair' | 'keepalived';
  readonly moves: number;
  readonly kinds: readonly KindSeen[];
  readonly connections: NewConnections;
  /** What breaks and fails with keepalived is shown, and no promise; the rest is the lab's own. */
  readonly verdict: 'as expected' | 'not as expected';
  /** What was not; empty where all was. */
  readonly wrong: readonly string[];
}

export interface NewConnections {
  readonly opened: number;
  readonly failed: number;
  /** How many failed in which way. */
  readonly causes: Readonly<Record<string, number>>;
  /** Long after a move, and answered by the node that had given the address away. */
  readonly elsewhere: number;
  /** A second: asked for, and made from the first to the last. */
  readonly asked: number;
  readonly made: number;
  /** How much later than it was due each was begun. */
  readonly late: Quantiles;
  readonly gap: Quantiles;
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

/** In milliseconds; as a gap: of the longest that each client waited at each move. */
export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** One planned move. */
export interface Moved {
  /** It was asked for, and answered to be done. */
  readonly at: Instant;
  readonly doneAt: Instant;
  /** The name of the new owner. */
  readonly to: string;
}

export interface HitlessMeasured {
  readonly engine: HitlessSeen['engine'];
  /** That were asked for. */
  readonly rounds: number;
  readonly moves: readonly Moved[];
  /** Nodes whose HAProxy is another process than before, or none. */
  readonly replaced: readonly NodeName[];
  readonly held: HoldReport;
  readonly probed: ProbeReport;
}

export function judgeHitless({
  engine,
  rounds,
  moves,
  replaced,
  held,
  probed,
}: HitlessMeasured): HitlessSeen {
  const instants = moves.map(({ at }) => at);
  const kinds = HELD_KINDS.map((kind) => kindSeen(kind, held.streams, instants));
  const connections = connectionsSeen(probed, moves);
  const wrong = [
    ...(engine === 'vipair'
      ? [...kinds.flatMap(brokenOf), ...lostOf(connections), ...replaced.map(replacedText)]
      : []),
    ...kinds.flatMap(wrongOf),
    ...tooFew(connections),
    ...(moves.length === rounds ? [] : [`${String(moves.length)} of ${String(rounds)} moves`]),
  ];
  return {
    ...{ engine, moves: moves.length, kinds, connections, wrong },
    verdict: wrong.length === 0 ? 'as expected' : 'not as expected',
  };
}

function connectionsSeen(probed: ProbeReport, moves: readonly Moved[]): NewConnections {
  const { samples, startedAt, every } = probed;
  const { launched, failed } = summarize(probed);
  const first = samples[0]?.launchedAt ?? startedAt;
  const lasted = between(first, samples.at(-1)?.launchedAt ?? startedAt);
  return {
    ...{ opened: launched, failed, causes: causesOf(probed) },
    elsewhere: samples.filter((each) => isElsewhere(each, moves)).length,
    asked: Math.round(MS / every),
    // From the first to the last there is one pause less than there are connections.
    made: tenths(((launched - 1) * MS) / Math.max(lasted, every)),
    late: quantiles(
      samples.map(({ launchedAt }, nth) =>
        between(later(startedAt, scale(every, nth)), launchedAt),
      ),
    ),
    gap: quantiles(moves.map(({ at }) => silenceAt(at, probed))),
  };
}

/** While an address moves either node may answer; later on only its owner. */
function isElsewhere({ launchedAt, node }: ProbeSample, moves: readonly Moved[]): boolean {
  const last = moves.findLast(({ at }) => at <= launchedAt);
  return (
    last !== undefined &&
    node !== undefined &&
    node !== last.to &&
    between(last.doneAt, launchedAt) > AROUND_A_MOVE
  );
}

function lostOf({ failed, causes, elsewhere }: NewConnections): readonly string[] {
  return [
    ...(failed === 0
      ? []
      : [`${String(failed)} new connections failed: ${JSON.stringify(causes)}`]),
    ...(elsewhere === 0
      ? []
      : [`${String(elsewhere)} new connections were answered by the former owner`]),
  ];
}

function replacedText(name: NodeName): string {
  return `HAProxy on ${name} is not the one that it was`;
}

function tooFew({ asked, made }: NewConnections): readonly string[] {
  return made >= asked * LEAST_SHARE_MADE
    ? []
    : [`${String(made)} new connections a second of ${String(asked)}`];
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

function brokenOf({ kind, broken, because }: KindSeen): readonly string[] {
  return broken === 0 ? [] : [`${String(broken)} of ${kind} broken: ${because ?? ''}`];
}

/** Nobody's promise: the lab would show nothing. */
function wrongOf({ kind, corrupt, exchanges }: KindSeen): readonly string[] {
  return [
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
/** A prober that stands still makes up for it; one that cannot has not shown what was asked for. */
const LEAST_SHARE_MADE = 0.99;
const AROUND_A_MOVE: Millis = millis(1_000);
