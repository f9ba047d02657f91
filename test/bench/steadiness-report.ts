/** The figures of adverts under load: judged, and shown as a table. */
import { renderTable } from '../../src/cli/table.js';
import { centisToMillis } from '../../src/base/time.js';
import { TITLES } from './contenders.js';
import { EVENTS_PER_SECOND } from './disturbance.js';
import type { Verdict } from './failover-report.js';
import { verdictText } from './failover-report.js';
import type { SteadinessFigure } from './steadiness.js';
import { STEADINESS_ADVERTS } from './steadiness.js';

export interface SteadinessRow extends SteadinessFigure {
  /** vipair's 99th percentile as a part of this contender's; undefined in vipair's own row. */
  readonly ratio: number | undefined;
  readonly verdict: Verdict | undefined;
}

export function steadinessRows(figures: readonly SteadinessFigure[]): readonly SteadinessRow[] {
  const ours = figures.find(({ contender }) => contender === 'vipair')?.lateMs.p99;
  return figures.map((each) => ({
    ...each,
    ratio: each.contender === 'vipair' || ours === undefined ? undefined : ours / each.lateMs.p99,
    verdict: judged(each),
  }));
}

export function steadinessTable(rows: readonly SteadinessRow[]): string {
  const head = [
    ...['ENGINE', 'ADVERTS', 'GARBAGE/S', 'LATE MS MEDIAN', 'P99', 'MAX'],
    ...['OF THE OTHER', 'VIPAIR/THIS', 'TARGET'],
  ];
  return renderTable(
    head,
    rows.map((row) => [
      ...[TITLES[row.contender], String(row.adverts), row.garbagePerSecond.toFixed(0)],
      ...[row.lateMs.median, row.lateMs.p99, row.lateMs.max].map((late) => late.toFixed(2)),
      ...[String(row.advertsOfTheOther), row.ratio?.toFixed(2) ?? '', verdictText(row.verdict)],
    ]),
  );
}

export const STEADINESS_LEGEND: string = [
  'Adverts every 10 ms while two programs for each processor never rest, a stranger sends garbage on',
  `protocol 112 and an interface beside each daemon goes up and down: ${String(EVENTS_PER_SECOND)} events a second for each`,
  'daemon, half and half. late: how much more than an interval passed since the advert before, by the',
  "kernel's stamps on the LAN. of the other: adverts of the backup; 0 when nothing moved.",
].join('\n');

function judged({ contender, lateMs, advertsOfTheOther }: SteadinessFigure): Verdict | undefined {
  const interval = centisToMillis(STEADINESS_ADVERTS);
  return contender === 'vipair'
    ? {
        target: `p99 < ${String(interval)} ms, no move`,
        met: lateMs.p99 < interval && advertsOfTheOther === 0,
      }
    : undefined;
}
