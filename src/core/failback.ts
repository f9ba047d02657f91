/**
 * When a backup takes over from a living master (Preempt_Mode of RFC 9568 §6.1, told apart by its reason): because it
 * is healthier, or because it is preferred and may fail back.
 */
import type { Instant } from '../base/time.js';
import { later } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { GroupParams } from './group-params.js';
import type { Orders } from './orders.js';
import { isOn, movesByItself } from './orders.js';
import { demotionOf, fullPriority, healthierThan, PRIORITY_LEAST } from './priority.js';
import type { TablesWait } from './tables-wait.js';
import type { Heard } from './vrrp-state.js';

/** How far this node is from taking the group back. */
export type FailbackState =
  | { readonly kind: 'none' }
  /** It has outranked the master it hears since then. */
  | { readonly kind: 'outranks'; readonly since: Instant }
  /** An operator asked for it. */
  | { readonly kind: 'asked' }
  /** An operator gave it to the other node: that outlives priorities, until it is undone. */
  | { readonly kind: 'given-away' };

export const NO_FAILBACK: FailbackState = { kind: 'none' };

export interface Preemption {
  readonly preempt: 'allowed' | 'forbidden';
  readonly failback: FailbackState;
}

/**
 * What an advert means for a backup that advertises `priority`. Priority 0 is no master's, and changes nothing. While
 * automatic moves are paused, or may be, it takes over only if an operator has asked it to.
 */
export function preemption(
  params: GroupParams,
  now: {
    readonly priority: number;
    readonly failback: FailbackState;
    readonly orders: Orders;
    readonly tables: TablesWait;
  },
  heard: Pick<Heard, 'source' | 'advert'>,
  at: Instant,
): Preemption {
  if (heard.advert.priority >= now.priority) {
    return { preempt: 'forbidden', failback: NO_FAILBACK };
  }
  if (isUnfit(params, heard)) {
    // A peer in maintenance was asked to give the group away.
    const isAllowed = movesByItself(now.orders) || isOn(now.orders.peer);
    return { preempt: isAllowed ? 'allowed' : 'forbidden', failback: now.failback };
  }
  const failback: FailbackState =
    now.failback.kind === 'none' ? { kind: 'outranks', since: at } : now.failback;
  if (failback.kind === 'given-away') {
    return { preempt: 'forbidden', failback };
  }
  const isAllowed = movesByItself(now.orders) || failback.kind === 'asked';
  // Who is merely preferred can wait until users would find their servers again; who is healthier had better not.
  const mayReturn = now.tables.kind !== 'awaited' && mayFailBack(params, failback, at);
  const outdoes = mayReturn || isHealthier(params, now.priority, heard);
  return { preempt: isAllowed && outdoes ? 'allowed' : 'forbidden', failback };
}

/** When a group will fail back by itself, if nothing changes; undefined where it will not. */
export function failbackAt(params: GroupParams, state: FailbackState): Instant | undefined {
  return params.failback.kind === 'after' && state.kind === 'outranks'
    ? later(state.since, params.failback.stableFor)
    : undefined;
}

/** The peer is master only because nobody fitter was there, which it says with the least priority there is. */
function isUnfit(
  { peerPriority, foreignPeers }: GroupParams,
  { source, advert }: Pick<Heard, 'source' | 'advert'>,
): boolean {
  return (
    advert.priority === PRIORITY_LEAST &&
    peerPriority !== PRIORITY_LEAST &&
    !foreignPeers.includes(source)
  );
}

function mayFailBack(params: GroupParams, state: FailbackState, at: Instant): boolean {
  switch (params.failback.kind) {
    case 'never':
      return false;
    case 'manual':
      return state.kind === 'asked';
    case 'after': {
      const due = failbackAt(params, state);
      return state.kind === 'asked' || (due !== undefined && at >= due);
    }
    default:
      return unreachable(params.failback);
  }
}

/**
 * Only weights make a node's priority tell of its health, and only the peer's is known: another router, or a peer
 * whose configuration is another, advertises a priority that no failure explains.
 */
function isHealthier(
  params: GroupParams,
  priority: number,
  { source, advert }: Pick<Heard, 'source' | 'advert'>,
): boolean {
  const master = { full: params.peerPriority, effective: advert.priority };
  const explained = demotionOf(master) <= greatestDemotion(params);
  return (
    explained &&
    !params.foreignPeers.includes(source) &&
    healthierThan(
      { full: fullPriority(params.priority, params.things), effective: priority },
      master,
    )
  );
}

/** With everything that has a weight failing. */
function greatestDemotion({ things }: GroupParams): number {
  const weights = things.map(({ thing, consequence }) => {
    if (consequence.kind === 'fault') {
      return 0;
    }
    // A file's weight is multiplied by what it holds.
    return thing.kind === 'file' ? Number.POSITIVE_INFINITY : Math.abs(consequence.weight);
  });
  return weights.reduce((sum, weight) => sum + weight, 0);
}
