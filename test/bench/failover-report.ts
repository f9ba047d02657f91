/** The figures of a failover benchmark: compared, judged, and shown as a table. */
import { renderTable } from '../../src/cli/table.js';
import type { ContenderId } from './contenders.js';
import { CONTENDER_IDS, TITLES } from './contenders.js';
import type { Measured } from './failover.js';
import { FAULTS } from './faults.js';
import type { Target } from './plan.js';
import { intervalText, labelOf } from './plan.js';
import type { Round } from './round.js';
import type { Spread } from './statistics.js';
import { spread } from './statistics.js';

export interface Row {
  readonly label: string;
  readonly fault: string;
  readonly adverts: string;
  readonly contender: ContenderId;
  readonly gapMs: Spread;
  /** Whether service ever came back while it was watched. */
  readonly ended: 'answered' | 'never';
  readonly longestSilenceMs: Spread;
  readonly failedRequests: Spread;
  readonly meanPhase: number;
  readonly proberLateMs: number;
  /** vipair's median gap as a part of this contender's; undefined in vipair's own row. */
  readonly ratio: number | undefined;
  /** Only vipair has something to reach. */
  readonly verdict: Verdict | undefined;
  readonly rounds: readonly Round[];
}

export interface Verdict {
  readonly target: string;
  readonly met: boolean;
}

export function rowsOf(measured: readonly Measured[]): readonly Row[] {
  return measured.flatMap((each) =>
    CONTENDER_IDS.flatMap((id) => {
      const rounds = each.rounds[id] ?? [];
      return rounds.length === 0 ? [] : [rowOf(each, id, rounds)];
    }),
  );
}

export function failoverTable(rows: readonly Row[]): string {
  const head = [
    ...['FAULT', 'ADVERTS', 'ENGINE', 'ROUNDS', 'GAP MS MIN', 'MEDIAN', 'MAX'],
    ...['SILENCE', 'FAILED', 'VIPAIR/THIS', 'TARGET'],
  ];
  return renderTable(
    head,
    rows.map((row) => [
      ...[row.fault, row.adverts, TITLES[row.contender], String(row.rounds.length)],
      ...[row.gapMs.min, row.gapMs.median, row.gapMs.max].map((gap) => gapText(gap, row.ended)),
      row.longestSilenceMs.median.toFixed(1),
      row.failedRequests.median.toFixed(0),
      ratioText(row),
      verdictText(row.verdict),
    ]),
  );
}

export const FAILOVER_LEGEND: string = [
  'gap: what a client went without, median of the rounds: from the fault (switchover: from the first',
  'failed connection) to the first answer; 0 when no connection failed. silence: the longest time in which',
  'no answer arrived. failed: connections that failed in a round, of one every 2 or 5 ms. All engines are',
  'struck at the same moments between two adverts, and each runs under SCHED_RR 10: keepalived by its own',
  'vrrp_rt_priority, vipair by --real-time. keepalived tracks HAProxy by a script once a second.',
].join('\n');

export function verdictText(verdict: Verdict | undefined): string {
  return verdict === undefined ? '' : `${verdict.target}: ${verdict.met ? 'met' : 'MISSED'}`;
}

function rowOf(measured: Measured, id: ContenderId, rounds: readonly Round[]): Row {
  const { scenario } = measured;
  const gapMs = spread(rounds.map(({ gap }) => gap));
  const phases = rounds.flatMap(({ phase }) => (phase === undefined ? [] : [phase]));
  return {
    label: labelOf(scenario),
    fault: FAULTS[scenario.fault].title,
    adverts: intervalText(scenario.interval),
    contender: id,
    gapMs,
    ended: rounds.some(({ ended }) => ended === 'never') ? 'never' : 'answered',
    longestSilenceMs: spread(rounds.map(({ longestSilence }) => longestSilence)),
    failedRequests: spread(rounds.map(({ failed }) => failed)),
    meanPhase: phases.reduce((total, each) => total + each, 0) / Math.max(1, phases.length),
    proberLateMs: Math.max(...rounds.map(({ proberLate }) => proberLate)),
    ratio: id === 'vipair' ? undefined : ratioOf(measured, id),
    verdict: id === 'vipair' ? judged(measured, gapMs.median, rounds) : undefined,
    rounds,
  };
}

/** vipair's median as a part of another's. */
function ratioOf({ rounds }: Measured, id: ContenderId): number | undefined {
  const [ours, theirs] = [rounds.vipair ?? [], rounds[id] ?? []].map((each) =>
    each.length === 0 ? undefined : spread(each.map(({ gap }) => gap)).median,
  );
  return ours === undefined || theirs === undefined || theirs === 0 ? undefined : ours / theirs;
}

function judged(measured: Measured, median: number, rounds: readonly Round[]): Verdict {
  const { target } = measured.scenario;
  const reached =
    target.kind === 'gap' ? median : (ratioOf(measured, 'usual') ?? Number.POSITIVE_INFINITY);
  return {
    target: targetText(target),
    met: reached <= target.atMost && rounds.every(({ ended }) => ended === 'answered'),
  };
}

function targetText(target: Target): string {
  return target.kind === 'gap'
    ? `≤ ${String(target.atMost)} ms`
    : `≤ ${target.atMost.toFixed(1)} × keepalived 101/100`;
}

function gapText(gap: number, ended: Row['ended']): string {
  return ended === 'never' ? `> ${gap.toFixed(0)}, never` : gap.toFixed(1);
}

function ratioText({ ratio, ended }: Row): string {
  if (ratio === undefined) {
    return '';
  }
  return `${ended === 'never' ? '< ' : ''}${ratio.toFixed(3)}`;
}
