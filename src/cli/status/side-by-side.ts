/** Both nodes side by side, group by group, and what would happen next. */
import { IN_MAINTENANCE } from '../../core/orders.js';
import type {
  GroupStatus,
  HealthStatus,
  PairReport,
  PeerGroupStatus,
  PeerStatus,
} from '../../telemetry/status.js';
import { drainText } from '../drain-wait.js';
import { bad, doubtful } from '../paint.js';
import { renderTable } from '../table.js';
import { paintRole } from './groups.js';

export function sideBySide(report: PairReport): string {
  const { peer } = report;
  const groups = report.groups.map((group) => {
    const prospect = report.prospects.find((each) => each.group === group.name);
    return [
      ...(peer === undefined ? [] : [groupTable(report, group, peer)]),
      `${group.name}, next: ${prospect?.says ?? 'not known'}`,
      ...servedOn(peer, group.name),
    ].join('\n');
  });
  return [...groups, ...(peer === undefined ? [] : wordLines(peer))].join('\n\n');
}

/** What the other node still serves of it: that is over before one may restart its daemon. */
function servedOn(peer: PeerStatus | undefined, group: string): readonly string[] {
  const drain = peer?.groups.find(({ name }) => name === group)?.drain;
  return drain?.state === 'serving on' && peer !== undefined
    ? [`${group}: ${drainText(drain, peer.node)}`]
    : [];
}

function groupTable({ node }: PairReport, own: GroupStatus, peer: PeerStatus): string {
  const there = peer.groups.find(({ name }) => name === own.name);
  const row = (
    name: string,
    here: string,
    of: (group: PeerGroupStatus) => string,
  ): readonly string[] => [name, here, there === undefined ? '?' : of(there)];
  const rows = [
    row('role', paintRole(own.role), ({ role }) => paintRole(role)),
    row('health', healthText(own.health), ({ health }) => healthText(health)),
    row('priority', own.priorityWhy, (group) => group.priorityWhy ?? String(group.priority)),
    row('unfit', unfitText(own), unfitText),
  ];
  const shown = rows.filter(([name, ...cells]) => name !== 'unfit' || cells.join('') !== '––');
  const said = peer.word === 'last heartbeat' ? ' (said last)' : '';
  return renderTable([own.name, `${node} (this node)`, `${peer.node}${said}`], shown);
}

function healthText({ score, parts }: HealthStatus): string {
  const all = parts.length === 0 ? '' : `: ${parts.join('; ')}`;
  return `${score === undefined ? '?' : String(score)}${all}`;
}

function unfitText({
  fault,
  kept,
}: {
  readonly fault: string | undefined;
  readonly kept: string | undefined;
}): string {
  if (fault !== undefined) {
    return bad(fault);
  }
  if (kept === IN_MAINTENANCE) {
    return doubtful(kept);
  }
  return kept === undefined ? '–' : bad(`${kept}, and stays all the same`);
}

function wordLines({ node, word, problem, life, proxy, clock }: PeerStatus): readonly string[] {
  if (word === 'answer') {
    const ahead =
      clock === undefined
        ? ''
        : `; its clock is ${String(Math.abs(clock.aheadMs))} ms ${clock.aheadMs < 0 ? 'behind' : 'ahead'}, give or take ${String(clock.withinMs)} ms`;
    return [`${node}: proxy ${proxy ?? 'none configured'}${ahead}`];
  }
  const known =
    word === 'none'
      ? 'it has said nothing to this daemon'
      : 'what is shown is what its heartbeats said last';
  return [doubtful(`${node}: ${problem ?? 'no answer'} (heartbeat ${life}); ${known}`)];
}
