/** The figures of replicated stick tables: compared, judged, and shown as a table. */
import { renderTable } from '../../src/cli/table.js';
import { centisToMillis } from '../../src/base/time.js';
import type { Verdict } from './failover-report.js';
import { verdictText } from './failover-report.js';
import { spread } from './statistics.js';
import type { Replicator, TablesRound } from './tables.js';
import { figuresText, TABLES_ADVERTS } from './tables.js';

export interface TablesRow {
  readonly part: string;
  readonly unit: string;
  readonly by: Replicator;
  readonly rounds: number;
  /** Medians of the rounds. */
  readonly figures: Readonly<Record<string, number>>;
  /** vipair's first figure as a multiple of HAProxy's; undefined where there are not both. */
  readonly ratio: number | undefined;
  readonly replicatorMicros: number;
  readonly haproxyMicros: number;
  readonly peakMb: number;
  readonly advertsLateMs: number;
  readonly verdict: Verdict | undefined;
}

interface Target {
  /** Of the first figure, as a multiple of HAProxy's own. */
  readonly ratio?: number;
  /** Of processor time, for each row. */
  readonly micros?: number;
  readonly peakMb?: number;
}

/** What vipair is to reach, by the name of a part. */
const TARGETS: Readonly<Record<string, Target>> = {
  'lag@1000': { ratio: 2 },
  'lag@5000': { ratio: 2 },
  'lag@20000': { ratio: 2 },
  'live@500k': { ratio: 1.2, micros: 5 },
  'resync@1m': { ratio: 1.5, peakMb: 150 },
};
const MICROS = 1e6;
const HALF_AN_INTERVAL = centisToMillis(TABLES_ADVERTS) / 2;

export function tablesRows(measured: readonly TablesRound[]): readonly TablesRow[] {
  const labels = [...new Set(measured.map(({ part }) => part.label))];
  return labels.flatMap((label) => {
    const rounds = measured.filter(({ part }) => part.label === label);
    const by = [...new Set(rounds.map((round) => round.by))];
    const rows = by.map((each) =>
      rowOf(
        each,
        rounds.filter((round) => round.by === each),
      ),
    );
    return rows.map((row) => judged(row, rows));
  });
}

export function tablesTable(rows: readonly TablesRow[]): string {
  const head = ['PART', 'BY', 'ROUNDS', 'FIGURES (FIRST: COMPARED)', 'UNIT', 'VIPAIR/THIS'];
  return renderTable(
    [...head, 'REPLICATOR µs/ROW', 'HAPROXY µs/ROW', 'PEAK MB', 'ADVERTS LATE ms', 'TARGET'],
    rows.map((row) => [
      ...[row.part, row.by, String(row.rounds), figuresText(row), row.unit],
      row.by === 'haproxy' ? (row.ratio?.toFixed(2) ?? '') : '',
      ...(row.by === 'vipair' ? [row.replicatorMicros.toFixed(1)] : ['–']),
      row.haproxyMicros.toFixed(1),
      row.by === 'vipair' ? row.peakMb.toFixed(0) : '–',
      ...[row.advertsLateMs.toFixed(1), verdictText(row.verdict)],
    ]),
  );
}

export const TABLES_LEGEND: string = [
  'Medians of the rounds, both in the same kind of lab: HAProxy with one thread each, adverts every 100 ms.',
  'lag: from the answer to the request that touched a row until the other HAProxy has it, under so many updates',
  'a second. highest: updates a second whose lag does not grow. live: new rows as fast as requests make them.',
  'resync: HAProxy on the other node is killed; from the start of the new one until it has all rows, each bound',
  'to a server. µs/row: processor time of both replicators, and of both HAProxys, requests included. peak: the',
  'greater of the two replicators. adverts late: the 99th percentile meanwhile.',
].join('\n');

type Measured = Omit<TablesRow, 'ratio' | 'verdict'>;

function rowOf(by: Replicator, rounds: readonly TablesRound[]): Measured {
  const [first] = rounds;
  const median = (of: (round: TablesRound) => number): number => spread(rounds.map(of)).median;
  const names = Object.keys(first?.figures ?? {});
  return {
    part: first?.part.label ?? '',
    unit: first?.part.unit ?? '',
    by,
    rounds: rounds.length,
    figures: Object.fromEntries(
      names.map((name) => [name, median(({ figures }) => figures[name] ?? NaN)]),
    ),
    replicatorMicros: median(({ cost, rows }) => (cost.replicatorSeconds * MICROS) / rows),
    haproxyMicros: median(({ cost, rows }) => (cost.haproxySeconds * MICROS) / rows),
    peakMb: Math.max(...rounds.map(({ cost }) => cost.peakMb)),
    advertsLateMs: median(({ advertsLateMs }) => advertsLateMs),
  };
}

/** The ratio stands in the row of HAProxy, the verdict in that of vipair. */
function judged(row: Measured, rows: readonly Measured[]): TablesRow {
  const [ours, native] = (['vipair', 'haproxy'] as const).map((by) => {
    const found = rows.find((each) => each.by === by);
    return found === undefined ? undefined : Object.values(found.figures)[0];
  });
  const ratio = ours === undefined || native === undefined ? undefined : ours / native;
  return { ...row, ratio, verdict: row.by === 'vipair' ? verdictOn(row, ratio) : undefined };
}

function verdictOn(row: Measured, ratio: number | undefined): Verdict {
  const target = TARGETS[row.part] ?? {};
  const checks = [
    { text: `≤ ${String(target.ratio)} ×`, found: ratio, most: target.ratio },
    { text: `≤ ${String(target.micros)} µs`, found: row.replicatorMicros, most: target.micros },
    { text: `≤ ${String(target.peakMb)} MB`, found: row.peakMb, most: target.peakMb },
    {
      text: `adverts < ${String(HALF_AN_INTERVAL)} ms late`,
      found: row.advertsLateMs,
      most: HALF_AN_INTERVAL,
    },
  ].filter(({ found, most }) => found !== undefined && most !== undefined);
  return {
    target: checks.map(({ text }) => text).join(', '),
    met: checks.every(({ found, most }) => (found ?? Infinity) <= (most ?? 0)),
  };
}
