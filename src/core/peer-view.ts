/** What one node tells the other of itself over the pair channel: small, and the same whoever asks. */
import type { PairGroup } from '../wire/pair/heartbeat.js';
import type { GroupParams } from './group-params.js';
import type { GroupState } from './group-state.js';
import { brokenOf, roleOf, spokenPriority } from './group-state.js';
import { healthScore } from './health.js';
import { fullPriority } from './priority.js';
import { withStates } from './tracking.js';

/** One group, as its node sees it. */
export type GroupView = PairGroup;

/** Carrier, and an answer of the neighbours that are configured for it; `unknown` where none are. Never a guess. */
export type LanReach = GroupView['lan'];

export function viewOf(params: GroupParams, state: GroupState): GroupView | undefined {
  const [leading] = params.instances;
  if (leading === undefined) {
    return undefined;
  }
  return {
    group: params.group,
    role: roleOf(state),
    priority: spokenPriority(state),
    interval: params.interval,
    address: leading.ownAddress,
    lan: lanReach(params, state),
    health: healthScore(params, state),
    full: fullPriority(params.priority, params.things),
    able: brokenOf(params, state) === undefined,
    agreement: params.agreement,
    keeps: params.keepConnections,
    tables: state.tables.kind === 'awaited' ? 'awaited' : undefined,
  };
}

/** Whether both say the same. */
export function sameViews(some: readonly GroupView[], others: readonly GroupView[]): boolean {
  return (
    some.every((each, index) => sameView(each, others[index])) && some.length === others.length
  );
}

function sameView(one: GroupView, other: GroupView | undefined): boolean {
  const keys = Object.keys(one) as (keyof GroupView)[];
  return (
    other !== undefined &&
    keys.length === Object.keys(other).length &&
    keys.every((key) => one[key] === other[key])
  );
}

/** What this node can say of the LAN of a group. */
export function lanReach(params: GroupParams, state: GroupState): LanReach {
  if (state.links.some((link) => link !== 'up')) {
    return 'unreachable';
  }
  const asked = withStates(params.things, state.trackers).flatMap(([{ thing }, { verdict }]) =>
    thing.kind === 'neighbours' ? [verdict.kind] : [],
  );
  if (asked.includes('failing')) {
    return 'unreachable';
  }
  return asked.length > 0 && asked.every((each) => each === 'well') ? 'reachable' : 'unknown';
}
