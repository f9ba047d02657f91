/** The figures of replicated flows: compared with conntrackd's, and shown as a table. */
import { renderTable } from '../../src/cli/table.js';
import type { Verdict } from './failover-report.js';
import { verdictText } from './failover-report.js';
import type { FlowReplicator, FlowsRound } from './flows.js';
import type { FlowsPart } from './flows-parts.js';
import { spread } from './statistics.js';

export interface FlowsRow {
  readonly part: string;
  readonly unit: string;
  readonly by: FlowReplicator;
  readonly rounds: number;
  /** Medians of the rounds. */
  readonly figures: Readonly<Record<string, number>>;
  /** Processor time for a thousand events, in milliseconds. */
  readonly senderMs: number;
  readonly receiverMs: number;
  readonly peakMb: number;
  /** vipair's as a multiple of conntrackd's: of the first figure, and of both nodes' processor time; undefined where there are not both. */
  readonly ratio: number | undefined;
  readonly cpuRatio: number | undefined;
  readonly verdict: Verdict | undefined;
}

export function flowsRows(measured: readonly FlowsRound[]): readonly FlowsRow[] {
  const labels = [...new Set(measured.map(({ part }) => part.label))];
  return labels.flatMap((label) => {
    const rounds = measured.filter(({ part }) => part.label === label);
    const by = [...new Set(rounds.map((round) => round.by))];
    const rows = by.map((each) => rowOf(rounds.filter((round) => round.by === each)));
    return rows.flatMap((row) => (row === undefined ? [] : [compared(row, rows)]));
  });
}

export function flowsTable(rows: readonly FlowsRow[]): string {
  return renderTable(
    [
      ...['PART', 'BY', 'ROUNDS', 'FIGURES (FIRST: COMPARED)', 'UNIT', 'VIPAIR/THIS'],
      ...['SENDER ms/1000', 'RECEIVER ms/1000', 'CPU VIPAIR/THIS', 'PEAK MB', 'TARGET'],
    ],
    rows.map((row) => [
      ...[row.part, row.by, String(row.rounds), figuresText(row), row.unit],
      row.by === 'vipair' ? '' : (row.ratio?.toFixed(2) ?? ''),
      ...[row.senderMs.toFixed(1), row.receiverMs.toFixed(1)],
      row.by === 'vipair' ? '' : (row.cpuRatio?.toFixed(2) ?? ''),
      ...[row.peakMb.toFixed(0), verdictText(row.verdict)],
    ]),
  );
}

export const FLOWS_LEGEND: string = [
  'Medians of the rounds, both in the same kind of lab and warmed up by 10,000 flows; conntrackd with FTFW and DisableExternalCache, so that both put flows into the',
  "other node's kernel at once. lag: flows are made in the owner's kernel, established and with destination NAT, and ended at the same",
  'pace, two events each; from there until the other kernel tells of it, at so many events a second; missing: never heard of.',
  'connections: real ones of a client, which come and go; each counts as one event. highest: events a second with which the other node',
  'is a second behind at most, and loses none. bulk: what replicates on the other node is killed and its kernel emptied; from its start',
  'until 100,000 flows are there. ms/1000: processor time for a thousand events. peak: the greater of the two.',
].join('\n');

interface Measured extends Omit<FlowsRow, 'ratio' | 'cpuRatio' | 'verdict'> {
  readonly better: FlowsPart['better'];
}

/** Seconds for one event, as milliseconds for a thousand. */
const MILLIS_A_THOUSAND = 1e6;
/**
 * At as high a rate as a program in C, and for as much processor time where connections are real. Later than that by intent:
 * news are gathered for some milliseconds, which costs nobody a connection and saves processor time.
 */
const MOST_LAG_MS = 10;
const MOST_TIME_RATIO = 2;
const LEAST_RATE_RATIO = 1;
const MOST_CPU_RATIO = 1;

function rowOf(rounds: readonly FlowsRound[]): Measured | undefined {
  const [first] = rounds;
  if (first === undefined) {
    return undefined;
  }
  const median = (of: (round: FlowsRound) => number): number => spread(rounds.map(of)).median;
  return {
    part: first.part.label,
    unit: first.part.unit,
    better: first.part.better,
    by: first.by,
    rounds: rounds.length,
    figures: Object.fromEntries(
      Object.keys(first.figures).map((name) => [
        name,
        median(({ figures }) => figures[name] ?? NaN),
      ]),
    ),
    senderMs: median(({ senderSeconds, events }) => (senderSeconds * MILLIS_A_THOUSAND) / events),
    receiverMs: median(
      ({ receiverSeconds, events }) => (receiverSeconds * MILLIS_A_THOUSAND) / events,
    ),
    peakMb: Math.max(...rounds.map(({ peakMb }) => peakMb)),
  };
}

/** The ratios stand in the row of conntrackd, the verdict in that of vipair. */
function compared({ better, ...row }: Measured, rows: readonly (Measured | undefined)[]): FlowsRow {
  const of = (by: FlowReplicator): Measured | undefined => rows.find((each) => each?.by === by);
  const [ours, theirs] = [of('vipair'), of('conntrackd')];
  if (ours === undefined || theirs === undefined) {
    return { ...row, ratio: undefined, cpuRatio: undefined, verdict: undefined };
  }
  const ratio = first(ours) / first(theirs);
  const cpu = ({ senderMs, receiverMs }: Measured): number => senderMs + receiverMs;
  const cpuRatio = cpu(ours) / cpu(theirs);
  return {
    ...row,
    ratio,
    cpuRatio,
    verdict: row.by === 'vipair' ? verdictOn(better, first(ours), { ratio, cpuRatio }) : undefined,
  };
}

function first({ figures }: Measured): number {
  return Object.values(figures)[0] ?? NaN;
}

function figuresText({ figures }: FlowsRow): string {
  return Object.entries(figures)
    .map(([name, figure]) => `${name} ${figure >= 100 ? figure.toFixed(0) : figure.toFixed(2)}`)
    .join(', ');
}

function verdictOn(
  better: FlowsPart['better'],
  figure: number,
  { ratio, cpuRatio }: { readonly ratio: number; readonly cpuRatio: number },
): Verdict {
  switch (better) {
    case 'soon':
      return { target: `≤ ${String(MOST_LAG_MS)} ms`, met: figure <= MOST_LAG_MS };
    case 'less':
      return { target: `≤ ${String(MOST_TIME_RATIO)} ×`, met: ratio <= MOST_TIME_RATIO };
    case 'more':
      return { target: `≥ ${String(LEAST_RATE_RATIO)} ×`, met: ratio >= LEAST_RATE_RATIO };
    case 'less processor time':
      return { target: `CPU ≤ ${String(MOST_CPU_RATIO)} ×`, met: cpuRatio <= MOST_CPU_RATIO };
    default:
      return better satisfies never;
  }
}
