/** What of the pair speaks for or against a restart of this node's daemon: the other node, orders, tables, flows. */
import { flowsAmiss } from '../telemetry/flows.js';
import type { PairReport, PeerGroupStatus } from '../telemetry/status.js';
import type { UpgradeLine } from './upgrade-line.js';
import { ok, warn } from './upgrade-line.js';
import { checkUnderWay } from './upgrade-under-way.js';

/** Line by line. `now`: the wall clock of this node. */
export function checkPair(report: PairReport, now: number): readonly UpgradeLine[] {
  return [
    ...tables(report),
    ...flows(report, now),
    ...peer(report),
    ...orders(report),
    ...checkUnderWay(report),
  ];
}

function tables({ replication }: PairReport): readonly UpgradeLine[] {
  if (replication === undefined) {
    return [];
  }
  const about = 'stick tables';
  const { state, problem, report } = replication;
  if (state !== 'running' || report === undefined) {
    const why = problem === undefined ? '' : `: ${problem}`;
    return [warn(about, `the replicator is ${state}${why}`, 'vipair tables')];
  }
  const { link, complete, tables: all } = report;
  if (link.state !== 'up') {
    const why = link.problem === undefined ? '' : `: ${link.problem}`;
    return [warn(about, `the other node has no connection for them${why}`, 'vipair tables')];
  }
  if (!complete) {
    return [warn(about, 'this node has not all of the other’s yet', 'wait, and vipair tables')];
  }
  const differing = all.filter(({ verified }) => verified.verdict === 'differs');
  if (differing.length > 0) {
    const names = differing.map(({ name }) => name).join(', ');
    return [
      warn(about, `not the same on both nodes: ${names}`, 'wait a minute, and vipair tables'),
    ];
  }
  const equal = all.filter(({ verified }) => verified.verdict === 'equal').length;
  const says = `both nodes have them (${String(equal)} of ${String(all.length)} compared equal); the replicator ends and starts with the daemon`;
  return [ok(about, says)];
}

/** Of both directions: each node's part is told to the other. */
function flows({ flows: replication }: PairReport, now: number): readonly UpgradeLine[] {
  if (replication === undefined) {
    return [];
  }
  const about = 'flows';
  const { state, problem, report } = replication;
  if (state !== 'running' || report === undefined) {
    const why = problem === undefined ? '' : `: ${problem}`;
    return [warn(about, `the flow replicator is ${state}${why}`, 'vipair flows')];
  }
  const amiss = flowsAmiss(report, now);
  return amiss === undefined
    ? [ok(about, 'both kernels have them; the flow replicator ends and starts with the daemon')]
    : [warn(about, amiss, 'wait some seconds, and vipair flows')];
}

/** Nothing moves to it by a restart that goes well. */
function peer({ peer: other, groups }: PairReport): readonly UpgradeLine[] {
  if (other === undefined) {
    return [];
  }
  const about = `node ${other.node}`;
  if (other.word !== 'answer') {
    return [
      warn(
        about,
        `gives no answer (${other.problem ?? other.life}): nobody would take over if this went wrong, and what it serves on is not known`,
        'mend it first',
      ),
    ];
  }
  const unready = groups
    .filter((each) => each.role === 'master')
    .flatMap(({ name }) => {
      const there = groupOf(other.groups, name);
      const why =
        there?.role === 'backup' ? undefined : (there?.fault ?? there?.role ?? 'has no such group');
      return why === undefined && there?.health.score !== 0
        ? []
        : [`${name}: ${why ?? 'its health is 0'}`];
    });
  return unready.length === 0
    ? [ok(about, 'could take over if this went wrong')]
    : [
        warn(
          about,
          `could not take over if this went wrong: ${unready.join('; ')}`,
          'mend it first',
        ),
      ];
}

function orders(report: PairReport): readonly UpgradeLine[] {
  const {
    orders: { known, paused, maintenance },
    schedules,
    node,
  } = report;
  const about = 'orders';
  const planned = schedules.filter(({ state }) => state === 'planned').map(({ group }) => group);
  if (known === 'awaited') {
    return [
      warn(
        about,
        'this daemon has just been started, and does not know them all',
        'wait a few seconds',
      ),
    ];
  }
  return [
    ...(paused === undefined
      ? []
      : [
          warn(
            about,
            'automatic moves are paused: if this went wrong, nobody would take over by themselves',
            'vipair resume',
          ),
        ]),
    ...maintenance
      .filter((each) => each.node !== node)
      .map((each) =>
        warn(
          about,
          `${each.node} is in maintenance: it is the last resort only`,
          `vipair maintenance off ${each.node}`,
        ),
      ),
    ...otherOrders(report),
    ...(planned.length === 0
      ? []
      : [warn(about, `a switchover is planned: ${planned.join(', ')}`, 'vipair status')]),
  ];
}

/** A pause that the other node does not know of does not keep it from moving. */
function otherOrders({
  orders: { paused, maintenance },
  peer: other,
}: PairReport): readonly UpgradeLine[] {
  if (other?.word !== 'answer') {
    return [];
  }
  const about = 'orders';
  const here = wordsOf(
    paused === undefined ? 'no' : 'yes',
    maintenance.map((each) => each.node),
  );
  if (other.orders === undefined) {
    const says = `${other.node} runs ${other.release ?? 'an unknown version'}, which obeys none: ${here} on this node alone`;
    return here === wordsOf('no', []) ? [] : [warn(about, says, `upgrade ${other.node} first`)];
  }
  const there = wordsOf(other.orders.paused, other.orders.maintenance);
  return here === there
    ? []
    : [
        warn(
          about,
          `${other.node} goes by others: ${there} there, ${here} here`,
          'wait a moment; if it stays so, give the order again',
        ),
      ];
}

function wordsOf(paused: 'yes' | 'no', maintenance: readonly string[]): string {
  const maintained =
    maintenance.length === 0 ? '' : `, in maintenance: ${maintenance.toSorted().join(' and ')}`;
  return `${paused === 'yes' ? 'paused' : 'not paused'}${maintained}`;
}

/** What the other node says of a group. */
export function groupOf(
  groups: readonly PeerGroupStatus[] | undefined,
  name: string,
): PeerGroupStatus | undefined {
  return groups?.find((each) => each.name === name);
}
