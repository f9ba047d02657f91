/** The figures of the drills: judged where they are vipair's, and shown as a table in Markdown. */
import type { DrillContender, DrillFigure, DrillsMeasured } from './drills.js';
import { DRILL_CONTENDERS } from './drills.js';
import type { Verdict } from './failover-report.js';

export interface DrillsRow extends DrillsMeasured {
  /** Of vipair: the limits of the catalogue. Nothing is expected of the other. */
  readonly verdict: Verdict;
}

export function drillsRows(measured: readonly DrillsMeasured[]): readonly DrillsRow[] {
  return measured.map((each) => ({ ...each, verdict: judged(each) }));
}

/** GitHub's kind of Markdown, which is readable on a terminal too. */
export function drillsTable(rows: readonly DrillsRow[]): string {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_each, column) =>
    Math.max(...cells.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => padded(cell, column, widths[column] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(HEAD), line(rule), ...cells.slice(1).map(line)].join('\n');
}

/** Empty where the prober was on time: what it did not ask, nobody has measured. */
export function stallNote(rows: readonly DrillsRow[]): string {
  const latest = Math.max(
    0,
    ...rows.flatMap(({ rounds }) =>
      Object.values(rounds)
        .flat()
        .map((each) => each.proberLateMs),
    ),
  );
  return latest > STALL_MS
    ? `\n\nThe machine was busy: the prober itself stood still for up to ${latest.toFixed(0)} ms.`
    : '';
}

function padded(cell: string, column: number, width: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

function cellsOf(row: DrillsRow): readonly string[] {
  return [
    row.verdict.met ? row.label : `${row.label} (${row.verdict.target}: MISSED)`,
    ...DRILL_CONTENDERS.flatMap((id) => figuresOf(row.rounds[id])),
  ];
}

/** Of more rounds than one the worst. */
function figuresOf(rounds: readonly DrillFigure[]): readonly string[] {
  const most = (of: (figure: DrillFigure) => number): string =>
    Math.max(0, ...rounds.map(of)).toFixed(0);
  const isEndless = rounds.some(({ gapEnds }) => gapEnds === 'until-the-end');
  return [
    `${isEndless ? '> ' : ''}${most(({ gapMs }) => gapMs)}`,
    most(({ failed }) => failed),
    most(({ twoOwnersMs }) => twoOwnersMs),
    most(({ noOwnerMs }) => noOwnerMs),
  ];
}

function judged({ limits, rounds }: DrillsMeasured): Verdict {
  const { gapMs, twoOwnersMs } = limits;
  const figures: readonly DrillFigure[] = rounds['vipair' satisfies DrillContender];
  return {
    target: `gap ≤ ${String(gapMs)} ms, two owners ≤ ${String(twoOwnersMs)} ms`,
    met: figures.every(
      (each) =>
        each.gapEnds === 'answered' &&
        each.sick === undefined &&
        each.gapMs <= (gapMs ?? Infinity) &&
        each.twoOwnersMs <= (twoOwnersMs ?? Infinity),
    ),
  };
}

/** As the bench `failover` has it, which measures no round with more than this. */
const STALL_MS = 30;

const HEAD = [
  'fault',
  ...['vipair', 'keepalived'].flatMap((engine) => [
    `${engine}: gap ms`,
    ...['failed', 'dual ms', 'none ms'],
  ]),
];

export const DRILLS_LEGEND: string = [
  'gap: the longest time from a request that failed to the next that was answered, of one every 5 ms; dual: how long two nodes',
  'answered ARP for the address; none: the longest time in which none did. All of it from before the fault until the pair is whole',
  'again; of more rounds than one the worst. Adverts every 100 ms, each daemon under SCHED_RR 10 and started again 20 ms after it',
  'ended. vipair runs HAProxy itself and has its pair channel on a second link, which `isolated` cuts as well; keepalived (priorities',
  '254 and 253, nopreempt) looks every second whether HAProxy is there, and HAProxy is started again 100 ms after its end.',
].join('\n');
