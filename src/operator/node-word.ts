/** What this node says of itself when the other asks, and what its own account makes of the other's answer. */
import { formatSchedule } from '../core/schedule.js';
import type { DrainStatus, GroupStatus, NodeStatus, PeerGroupStatus } from '../telemetry/status.js';
import type { UnderWay, UnderWayKind } from '../telemetry/under-way.js';
import type { DrainWord, GroupWord, NodeWord, UnderWayWord } from '../wire/pair/node-word.js';
import { MOST_PARTS, MOST_TEXT, MOST_UNDER_WAY } from '../wire/pair/node-word.js';

/** `at`: the wall clock. */
export function sayNode(
  { node, version, groups, proxy, orders, schedules, underWay }: NodeStatus,
  at: number,
): NodeWord {
  return {
    node: cut(node),
    release: cut(version),
    at,
    proxy: proxy === undefined ? undefined : cut(proxyText(proxy)),
    requests: proxy?.requests,
    orders: {
      paused: orders.paused === undefined ? 'no' : 'yes',
      maintenance: orders.maintenance.map((each) => cut(each.node)),
      schedules: schedules
        .slice(-MOST_SCHEDULES)
        .map((each) => cut(`${each.group} ${formatSchedule(each)}`)),
    },
    underWay: underWay
      ?.slice(0, MOST_UNDER_WAY)
      .map(({ what, says }) => ({ what, says: cut(says) })),
    groups: groups.map(sayGroup),
  };
}

export function groupOfWord(word: GroupWord): PeerGroupStatus {
  const { score, parts, ...group } = word;
  return { ...group, health: { score, parts } };
}

/** What a later version names is shown as it says it. */
export function underWayOfWord({ what, says }: UnderWayWord): UnderWay {
  return { what: KINDS.find((each) => each === what) ?? 'other', says };
}

function sayGroup(group: GroupStatus): GroupWord {
  const { name, role, fault, kept, priority, priorityWhy, health, master, failback } = group;
  return {
    name: cut(name),
    role,
    fault: maybeCut(fault),
    kept: maybeCut(kept),
    priority,
    priorityWhy: cut(priorityWhy),
    score: health.score,
    parts: health.parts.slice(0, MOST_PARTS).map(cut),
    master: master?.address,
    outlook: maybeCut(failback.outlook),
    drain: sayDrain(group.connections?.drain),
  };
}

function sayDrain(drain: DrainStatus | undefined): DrainWord | undefined {
  return drain === undefined ? undefined : { ...drain, problem: maybeCut(drain.problem) };
}

function proxyText({ state, cause }: NonNullable<NodeStatus['proxy']>): string {
  return cause === undefined ? state : `${state}: ${cause}`;
}

function maybeCut(text: string | undefined): string | undefined {
  return text === undefined ? undefined : cut(text);
}

function cut(text: string): string {
  return text.length <= MOST_TEXT ? text : `${text.slice(0, MOST_TEXT - 1)}…`;
}

const KINDS: readonly UnderWayKind[] = ['push', 'reload', 'joint change', 'drill'];
/** As many as there can be groups. */
const MOST_SCHEDULES = 64;
