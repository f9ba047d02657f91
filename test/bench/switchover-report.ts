/** The figures of planned switchovers: judged, and shown as a table. */
import { renderTable } from '../../src/cli/table.js';
import { TITLES } from './contenders.js';
import type { Verdict } from './failover-report.js';
import { verdictText } from './failover-report.js';
import { quantile } from './statistics.js';
import type { SwitchoverFigure } from './switchover.js';
import { SWITCHOVERS } from './switchover.js';

export interface SwitchoverRow extends SwitchoverFigure {
  readonly gapMs: { readonly p50: number; readonly p99: number };
  /** Of all connections that failed, as a part of this contender's; undefined in vipair's own row. */
  readonly ratio: number | undefined;
  readonly verdict: Verdict | undefined;
}

export function switchoverRows(figures: readonly SwitchoverFigure[]): readonly SwitchoverRow[] {
  const ours = figures.find(({ contender }) => contender === 'vipair');
  return figures.map((each) => ({
    ...each,
    gapMs: { p50: quantile(each.gapsMs, HALF), p99: quantile(each.gapsMs, P99) },
    ratio:
      each.contender === 'vipair' || ours === undefined ? undefined : failed(ours) / failed(each),
    verdict: judged(each),
  }));
}

export function switchoverTable(rows: readonly SwitchoverRow[]): string {
  const head = [
    ...['ENGINE', 'SWITCHOVERS', 'CONNECTIONS', 'NOT CONNECTED', 'BROKEN IN FLIGHT'],
    ...['GAP MS P50', 'P99', 'PROBER LATE', 'VIPAIR/THIS', 'TARGET'],
  ];
  return renderTable(
    head,
    rows.map((row) => [
      ...[TITLES[row.contender], String(row.switchovers), String(row.launched)],
      ...[String(row.unconnected), String(row.brokenInFlight)],
      ...[row.gapMs.p50, row.gapMs.p99, row.proberLateMs].map((each) => each.toFixed(1)),
      ...[row.ratio?.toFixed(3) ?? '', verdictText(row.verdict)],
    ]),
  );
}

export const SWITCHOVER_LEGEND: string = [
  `A client opens a thousand connections a second while the address is given away ${String(SWITCHOVERS)} times, two`,
  'seconds apart where the engine is ready for it again: by vipair switchover, or by stopping keepalived.',
  'not connected: a SYN that was refused, or not answered within 500 ms. broken in flight: connected to the',
  'old owner, and reset before the answer had arrived. gap: from the first launch that failed to the next',
  'that was answered; 0 where none failed. vipair/this: of all failures.',
].join('\n');

const HALF = 0.5;
const P99 = 0.99;

function failed({ unconnected, brokenInFlight }: SwitchoverFigure): number {
  return unconnected + brokenInFlight;
}

function judged(figure: SwitchoverFigure): Verdict | undefined {
  return figure.contender === 'vipair'
    ? { target: 'no failed connection', met: failed(figure) === 0 }
    : undefined;
}
