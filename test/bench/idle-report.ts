/** The figures of an idle benchmark: judged, and shown as a table. */
import { renderTable } from '../../src/cli/table.js';
import { TITLES } from './contenders.js';
import type { Verdict } from './failover-report.js';
import { verdictText } from './failover-report.js';
import type { IdleFigure } from './idle.js';

export interface IdleRow extends IdleFigure {
  readonly verdict: Verdict | undefined;
}

const KB_PER_MB = 1_024;
const RSS_AT_MOST_MB = 80;
const CPU_AT_MOST = 0.01;

export function idleRows(figures: readonly IdleFigure[]): readonly IdleRow[] {
  return figures.map((each) => ({ ...each, verdict: judged(each) }));
}

export function idleTable(rows: readonly IdleRow[]): string {
  return renderTable(
    ['ENGINE', 'ROLE', 'RSS MB', 'PSS MB', 'CPU % OF A CORE', 'TARGET'],
    rows.map((row) => [
      ...[TITLES[row.contender], row.role, megabytes(row.rssKb), megabytes(row.pssKb)],
      ...[(row.cpuShare * 100).toFixed(2), verdictText(row.verdict)],
    ]),
  );
}

export const IDLE_LEGEND: string = [
  'At 100 ms adverts, over 30 s after 10 s to settle. The daemon with its children, HAProxy not among them:',
  'keepalived is its parent and its VRRP process. PSS counts what two processes share as half each.',
].join('\n');

function judged({ contender, rssKb, cpuShare }: IdleFigure): Verdict | undefined {
  return contender === 'vipair'
    ? {
        target: `≤ ${String(RSS_AT_MOST_MB)} MB, ≤ ${String(CPU_AT_MOST * 100)} %`,
        met: rssKb <= RSS_AT_MOST_MB * KB_PER_MB && cpuShare <= CPU_AT_MOST,
      }
    : undefined;
}

function megabytes(kilobytes: number): string {
  return (kilobytes / KB_PER_MB).toFixed(1);
}
