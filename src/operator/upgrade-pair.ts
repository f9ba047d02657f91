/** What of the pair speaks for or against a restart of this node's daemon: the other node, orders, tables, drills. */
import type { PairReport, PeerGroupStatus } from '../telemetry/status.js';
import type { UpgradeLine } from './upgrade-line.js';
import { no, ok, warn } from './upgrade-line.js';

/** Line by line. */
export function checkPair(report: PairReport): readonly UpgradeLine[] {
  return [...tables(report), ...peer(report), ...orders(report), ...drill(report)];
}

function tables({ replication }: PairReport): readonly UpgradeLine[] {
  if (replication === undefined) {
    return [];
  }
  const about = 'stick tables';
  const { state, problem, report } = replication;
  if (state !== 'running' || report === undefined) {
    return [
      warn(
        about,
        `the replicator is ${state}${problem === undefined ? '' : `: ${problem}`}`,
        'vipair tables',
      ),
    ];
  }
  return report.link.state === 'up' && report.complete
    ? [ok(about, 'both nodes have them; the replicator ends and starts with the daemon')]
    : [warn(about, 'this node has not all of the other’s yet', 'wait, and look at vipair tables')];
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
        `gives no answer (${other.problem ?? other.life}): nobody would take over if this went wrong`,
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

function orders({
  orders: { known, paused, maintenance },
  schedules,
  node,
}: PairReport): readonly UpgradeLine[] {
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
    ...(planned.length === 0
      ? []
      : [warn(about, `a switchover is planned: ${planned.join(', ')}`, 'vipair status')]),
  ];
}

function drill({ drill: hand }: PairReport): readonly UpgradeLine[] {
  return hand === undefined || hand.phase === 'undone' || hand.phase === 'expired'
    ? []
    : [
        no(
          'drill',
          `${hand.drill} is ${hand.phase} on this node`,
          'vipair drill undo, and look at what it says',
        ),
      ];
}

/** What the other node says of a group. */
export function groupOf(
  groups: readonly PeerGroupStatus[] | undefined,
  name: string,
): PeerGroupStatus | undefined {
  return groups?.find((each) => each.name === name);
}
