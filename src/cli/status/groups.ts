/** The groups of the node that was asked: in a table, and each in detail. */
import type { RoleName } from '../../core/notice.js';
import type { GroupStatus, InstanceStatus } from '../../telemetry/status.js';
import { drainText } from '../drain-wait.js';
import { bad, doubtful, good } from '../paint.js';
import { renderTable } from '../table.js';

export function groupsTable(groups: readonly GroupStatus[]): string {
  const rows = groups.map((group) => [
    group.name,
    paintRole(group.role),
    group.addresses.join(', '),
    `${group.interface} vrid ${String(group.vrid)}`,
    `${String(group.advertIntervalMs)} ms`,
    masterOf(group),
  ]);
  return renderTable(['GROUP', 'ROLE', 'ADDRESSES', 'ON', 'ADVERTS', 'MASTER'], rows);
}

export function groupDetail(group: GroupStatus): string {
  const { lease, counters } = group;
  const rejected = Object.entries(counters.rejected).map(([cause, n]) => `${cause} ${String(n)}`);
  const left = lease.leftMs === undefined ? '' : `, ${String(lease.leftMs)} ms left`;
  return [
    `${group.name}:${group.fault === undefined ? '' : ` ${bad(group.fault)};`} VRRPv${String(group.version)}, priority ${group.priorityWhy}`,
    ...group.instances.map(instanceLine),
    ...group.track.map(
      ({ name, state, consequence }) => `  tracks ${name}: ${state} (${consequence})`,
    ),
    ...(group.conflict === undefined
      ? []
      : [`  ${bad(`${group.conflict.mac} has ${group.conflict.address}`)}: not claimed`]),
    `  lease ${String(Math.round(lease.lastsMs))} ms (${lease.layers}; address itself ${String(lease.backstopMs)} ms)${left}`,
    `  a killed daemon must be back within ${String(Math.round(lease.restartWithinMs))} ms for nothing to move`,
    ...connectionsLines(group),
    `  adverts sent ${String(counters.advertsSent)}, received ${String(counters.advertsReceived)}; announcements ${String(counters.announcements)}; became master ${String(counters.becameMaster)} times`,
    `  packets rejected: ${rejected.length === 0 ? 'none' : rejected.join(', ')}`,
  ].join('\n');
}

function connectionsLines({ connections }: GroupStatus): readonly string[] {
  if (connections === undefined) {
    return [];
  }
  const { keptMs, cutBecause, drain } = connections;
  return [
    keptMs === undefined
      ? `  a planned move ${bad('breaks open connections')}: ${cutBecause ?? ''}`
      : `  a planned move keeps open connections for ${String(Math.round(keptMs / 1000))} s`,
    ...(drain === undefined ? [] : [`  ${drainText(drain, 'this node')}`]),
  ];
}

export function paintRole(role: RoleName): string {
  if (role === 'master' || role === 'backup') {
    return good(role);
  }
  return role === 'fault' ? bad(role) : doubtful(role);
}

function masterOf(group: GroupStatus): string {
  if (group.role === 'master') {
    return 'this node';
  }
  return group.master === undefined
    ? 'unknown'
    : `${group.master.address} (priority ${String(group.master.priority)})`;
}

function instanceLine({ interface: name, vrid, family, ownAddress }: InstanceStatus): string {
  return `  ${family} on ${name}, vrid ${String(vrid)}, source ${ownAddress}`;
}
