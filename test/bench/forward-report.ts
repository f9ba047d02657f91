/** What vipair costs those who are served beside it: rounds with and without it compared, and shown as a table. */
import { renderTable } from '../../src/cli/table.js';
import type { Verdict } from './failover-report.js';
import { verdictText } from './failover-report.js';
import type { Beside, Forwarder, ForwardRound } from './forward.js';
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
  readonly perSecondConntrackd: number;
  /** How much fewer requests there are a second with vipair, round by round, in percent. */
  readonly costPercent: Spread;
  /** And with conntrackd, which does one thing of what vipair does. */
  readonly conntrackdCostPercent: Spread;
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
    return rowOf(ours);
  });
}

export function forwardTable(rows: readonly ForwardRow[]): string {
  return renderTable(
    [
      ...['FORWARDED BY', 'CONNECTIONS', 'ROUNDS', 'REQUESTS/s WITHOUT', 'WITH VIPAIR'],
      ...['COST % (MIN–MAX)', 'CPU ms/1000 WITHOUT', 'WITH', 'DAEMONS % OF A CPU', 'FAILED'],
      ...['TARGET', 'WITH CONNTRACKD', 'ITS COST % (MIN–MAX)'],
    ],
    rows.map((row) => [
      ...[row.by, row.manner, String(row.rounds)],
      ...[row.perSecondWithout.toFixed(0), row.perSecondWith.toFixed(0)],
      spreadText(row.costPercent),
      ...[row.machineMsWithout.toFixed(1), row.machineMsWith.toFixed(1)],
      ...[row.daemonsPercent.toFixed(1), String(row.failed), verdictText(row.verdict)],
      ...[row.perSecondConntrackd.toFixed(0), spreadText(row.conntrackdCostPercent)],
    ]),
  );
}

export const FORWARD_LEGEND: string = [
  '64 clients ask two web servers behind the pair as fast as they answer, over connections that stay or with a new one for each',
  'request: through a service of the kernel with routed return, through HAProxy in mode tcp, and in mode http. Without vipair: both',
  'daemons are stopped, the addresses and the rules of the service stay, those of the lease and of events do not; the same HAProxy goes on.',
  'With conntrackd: the same, and conntrackd on both nodes copies what the kernel passes on. Each round has all three, one after the',
  'other, in an order that alternates. cost: how many requests a second fewer than without either, median, least and greatest of the',
  'rounds; below 0 is noise. CPU: of the whole machine, clients, servers and both nodes included.',
].join('\n');

function rowOf(measured: readonly ForwardRound[]): ForwardRow {
  const [first] = measured;
  const having = (what: Beside): readonly ForwardRound[] =>
    measured.filter(({ beside }) => beside === what);
  const [running, absent, rival] = [having('vipair'), having('nothing'), having('conntrackd')];
  const median = (rounds: readonly ForwardRound[], of: (round: ForwardRound) => number): number =>
    spread(rounds.map(of)).median;
  const costPercent = costOf(running, absent);
  return {
    by: first?.by ?? 'kernel',
    manner: first?.manner ?? 'new',
    rounds: running.length,
    perSecondWith: median(running, ({ perSecond }) => perSecond),
    perSecondWithout: median(absent, ({ perSecond }) => perSecond),
    perSecondConntrackd: median(rival, ({ perSecond }) => perSecond),
    costPercent,
    conntrackdCostPercent: costOf(rival, absent),
    machineMsWith: median(running, ({ machineMs }) => machineMs),
    machineMsWithout: median(absent, ({ machineMs }) => machineMs),
    daemonsPercent: median(running, ({ daemonShare }) => daemonShare) * PERCENT,
    failed: measured.reduce((sum, { failed }) => sum + failed, 0),
    verdict: {
      target: `≤ ${String(MOST_COST_PERCENT)} %`,
      met: costPercent.median <= MOST_COST_PERCENT,
    },
  };
}

/** Round by round. */
function costOf(having: readonly ForwardRound[], absent: readonly ForwardRound[]): Spread {
  return spread(
    having.flatMap(({ round, perSecond }) => {
      const without = absent.find((each) => each.round === round);
      return without === undefined ? [] : [(1 - perSecond / without.perSecond) * PERCENT];
    }),
  );
}

function spreadText({ median, min, max }: Spread): string {
  return `${median.toFixed(1)} (${min.toFixed(1)}–${max.toFixed(1)})`;
}
