/** `vipair status`: what this node does, why, and how well. */
import { setTimeout as pause } from 'node:timers/promises';
import { askStatus } from '../api/client.js';
import type {
  GroupStatus,
  HistoryEntry,
  InstanceStatus,
  NodeStatus,
  PairStatus,
} from '../telemetry/status.js';
import { reportFailure, socketOf } from './asking.js';
import type { Asked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { bad, doubtful, good, strong } from './paint.js';
import { renderTable } from './table.js';
import { clearScreen, print, printJson } from './terminal.js';

/** `--watch` goes on until it is interrupted, or the daemon is gone. */
export async function status(asking: Asked, mode: 'once' | 'watch'): Promise<ExitCode> {
  const socket = socketOf(asking);
  for (;;) {
    const answer = await askStatus(socket);
    if (!answer.ok) {
      return reportFailure(answer.error, asking.form);
    }
    if (mode === 'watch' && asking.form === 'text') {
      clearScreen();
    }
    if (asking.form === 'json') {
      printJson(answer.value);
    } else {
      print(renderStatus(answer.value));
    }
    if (mode === 'once') {
      return EXIT.ok;
    }
    await pause(WATCH_EVERY_MS);
  }
}

const WATCH_EVERY_MS = 1000;
const HISTORY_SHOWN = 8;

/** The whole page. */
export function renderStatus(node: NodeStatus): string {
  const { loop, proxy } = node;
  const sections = [
    `${strong(node.node)}  vipair ${node.version}, pid ${String(node.pid)}, since ${time(node.startedAt)}`,
    groupsTable(node.groups),
    ...node.groups.map(groupDetail),
    proxy === undefined
      ? 'proxy: none configured'
      : `proxy: ${proxy.state}${proxy.pid === undefined ? '' : `, pid ${String(proxy.pid)}`}${proxy.cause === undefined ? '' : `, ${proxy.cause}`}`,
    pairLine(node.pair),
    `loop: alarms late by p50 ${String(loop.p50Ms)} ms, p99 ${String(loop.p99Ms)} ms, max ${String(loop.maxMs)} ms (last ${String(loop.samples)})`,
    history(node.history),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

function groupsTable(groups: readonly GroupStatus[]): string {
  const rows = groups.map((group) => [
    group.name,
    paintRole(group),
    group.addresses.join(', '),
    `${group.interface} vrid ${String(group.vrid)}`,
    `${String(group.advertIntervalMs)} ms`,
    masterOf(group),
  ]);
  return renderTable(['GROUP', 'ROLE', 'ADDRESSES', 'ON', 'ADVERTS', 'MASTER'], rows);
}

function masterOf(group: GroupStatus): string {
  if (group.role === 'master') {
    return 'this node';
  }
  return group.master === undefined
    ? 'unknown'
    : `${group.master.address} (priority ${String(group.master.priority)})`;
}

function paintRole({ role }: GroupStatus): string {
  if (role === 'master' || role === 'backup') {
    return good(role);
  }
  return role === 'fault' ? bad(role) : doubtful(role);
}

function groupDetail(group: GroupStatus): string {
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
    ...(group.failback.outlook === undefined ? [] : [`  ${group.failback.outlook}`]),
    `  lease ${String(Math.round(lease.lastsMs))} ms (${lease.layers}; address itself ${String(lease.backstopMs)} ms)${left}`,
    `  a killed daemon must be back within ${String(Math.round(lease.restartWithinMs))} ms for nothing to move`,
    `  adverts sent ${String(counters.advertsSent)}, received ${String(counters.advertsReceived)}; announcements ${String(counters.announcements)}; became master ${String(counters.becameMaster)} times`,
    `  packets rejected: ${rejected.length === 0 ? 'none' : rejected.join(', ')}`,
  ].join('\n');
}

function pairLine(pair: PairStatus | undefined): string {
  if (pair === undefined) {
    return 'pair channel: none configured, so VRRP decides alone';
  }
  const { peer, state, release, protocol, problem } = pair;
  return state === 'up'
    ? `pair channel: ${good('up')}, ${peer} runs vipair ${String(release)}, version ${String(protocol)} of the channel`
    : `pair channel: ${bad('down')}, ${peer}${problem === undefined ? '' : `: ${problem}`}`;
}

function instanceLine({ interface: name, vrid, family, ownAddress }: InstanceStatus): string {
  return `  ${family} on ${name}, vrid ${String(vrid)}, source ${ownAddress}`;
}

function history(entries: readonly HistoryEntry[]): string {
  const shown = entries.slice(-HISTORY_SHOWN).map(({ at, text }) => `  ${time(at)}  ${text}`);
  return shown.length === 0 ? '' : ['history:', ...shown].join('\n');
}

function time(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '');
}
