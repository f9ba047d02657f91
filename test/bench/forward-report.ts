/** What vipair costs those who are served beside it: rounds with and without it compared, and shown as a table. */
import { renderTable } from '../../src/cli/table.js';
import type { Verdict } from './failover-report.js';
import { verdictText } from './failover-report.js';
import type { Forwarder, ForwardRound } from './forward.js';
import type { LoadAsked } from './forward-load.js';
import type { Spread } from './statistics.js';
import { spread } from './statistics.js';

export interface ForwardRow {
  readonly by: Forwarder;
  readonly manner: LoadAsked['manner'];
  readonly rounds: number;
  /** Medians. */
  readonly perSecondWith: number;
  readonly perSecondWithout: number;
  /** How much fewer requests there are a second with vipair, round by round, in percent. */
  readonly costPercent: Spread;
  readonly machineMsWith: number;
  readonly machineMsWithout: number;
  /** Of one processor, in percent. */
  readonly daemonsPercent: number;
  readonly failed: number;
  readonly verdict: Verdict | undefined;
}

const MOST_COST_PERCENT = 2;
const PERCENT = 100;

export function forwardRows(measured: readonly ForwardRound[]): readonly ForwardRow[] {
  const labels = [...new Set(measured.map(({ by, manner }) => `${by} ${manner}`))];
  return labels.map((label) => {
    const ours = measured.filter(({ by, manner }) => `${by} ${manner}` === label);
    return rowOf(
      ours.filter(({ vipair }) => vipair === 'running'),
      ours.filter(({ vipair }) => vipair === 'absent'),
    );
  });
}

export function forwardTable(rows: readonly ForwardRow[]): string {
  return renderTable(
    [
      ...['FORWARDED BY', 'CONNECTIONS', 'ROUNDS', 'REQUESTS/s WITHOUT', 'WITH VIPAIR'],
      ...['COST % (MIN–MAX)', 'CPU ms/1000 WITHOUT', 'WITH', 'DAEMONS % OF A CPU', 'FAILED'],
      'TARGET',
    ],
    rows.map((row) => [
      ...[row.by, row.manner, String(row.rounds)],
      ...[row.perSecondWithout.toFixed(0), row.perSecondWith.toFixed(0)],
      `${row.costPercent.median.toFixed(1)} (${row.costPercent.min.toFixed(1)}–${row.costPercent.max.toFixed(1)})`,
      ...[row.machineMsWithout.toFixed(1), row.machineMsWith.toFixed(1)],
      ...[row.daemonsPercent.toFixed(1), String(row.failed), verdictText(row.verdict)],
    ]),
  );
}

export const FORWARD_LEGEND: string = [
  '64 clients ask two web servers behind the pair as fast as they answer, over connections that stay or with a new one for each',
  'request: through a service of the kernel with routed return, through HAProxy in mode tcp, and in mode http. Without vipair: both',
  'daemons are stopped, the addresses and the rules of the service stay, the rules of the lease are removed; the same HAProxy goes on.',
  'Each round has both, one after the other, in an order that alternates. cost: how many requests a second fewer with vipair, median,',
  'least and greatest of the rounds; below 0 is noise. CPU: of the whole machine, clients and servers included.',
].join('\n');

function rowOf(running: readonly ForwardRound[], absent: readonly ForwardRound[]): ForwardRow {
  const [first] = running;
  const median = (rounds: readonly ForwardRound[], of: (round: ForwardRound) => number): number =>
    spread(rounds.map(of)).median;
  const costPercent = spread(
    running.flatMap(({ round, perSecond }) => {
      const without = absent.find((each) => each.round === round);
      return without === undefined ? [] : [(1 - perSecond / without.perSecond) * PERCENT];
    }),
  );
  return {
    by: first?.by ?? 'kernel',
    manner: first?.manner ?? 'new',
    rounds: running.length,
    perSecondWith: median(running, ({ perSecond }) => perSecond),
    perSecondWithout: median(absent, ({ perSecond }) => perSecond),
    costPercent,
    machineMsWith: median(running, ({ machineMs }) => machineMs),
    machineMsWithout: median(absent, ({ machineMs }) => machineMs),
    daemonsPercent: median(running, ({ daemonShare }) => daemonShare) * PERCENT,
    failed: [...running, ...absent].reduce((sum, { failed }) => sum + failed, 0),
    verdict: {
      target: `≤ ${String(MOST_COST_PERCENT)} %`,
      met: costPercent.median <= MOST_COST_PERCENT,
    },
  };
}
