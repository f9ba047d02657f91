/** What one group is on one node, beside the state of its virtual routers, which have one between them. */
import type { Instant } from '../base/time.js';
import type { FailbackState } from './failback.js';
import { NO_FAILBACK } from './failback.js';
import type { FirstClaim } from './first-claim.js';
import type { GroupParams, Keeper } from './group-params.js';
import type { Inquiry } from './inquiry.js';
import type { LinkState, RoleName } from './notice.js';
import type { Orders } from './orders.js';
import { isOn, NO_ORDERS } from './orders.js';
import { PRIORITY_LEAST, priorityOf } from './priority.js';
import type { TablesWait } from './tables-wait.js';
import { TABLES_IN } from './tables-wait.js';
import type { TrackerState } from './tracking.js';
import { newTracker } from './tracking.js';
import type { VrrpEffect, VrrpState } from './vrrp-state.js';

export interface GroupState {
  readonly vrrp: VrrpState;
  /** Of each instance's interface. */
  readonly links: readonly LinkState[];
  /** Of each tracked thing. */
  readonly trackers: readonly TrackerState[];
  /** What is advertised: the node's own, with the weights of what is tracked. */
  readonly priority: number;
  /** Whether this daemon has taken part before. */
  readonly joined: 'never' | 'before';
  /** From joining until a master is heard, or this node is one. */
  readonly firstClaim: FirstClaim | undefined;
  /** While the link is asked whether the master, whose daemon is silent on the pair channel, lives. */
  readonly inquiry: Inquiry | undefined;
  readonly failback: FailbackState;
  /** What makes this node unfit to be master, while it stays one because the other node is no fitter. */
  readonly kept: string | undefined;
  /** Not before that does it have the addresses again although it is unfit: it has just let them go. */
  readonly resortFrom: Instant | undefined;
  /** What operators have ordered of the pair. */
  readonly orders: Orders;
  /** Whether this node's proxy has the stick tables of the other's. */
  readonly tables: TablesWait;
  /** What the other node says of itself over the pair channel. */
  readonly peer: PeerFitness;
  /** Whether it could take the group over now, by its own word. */
  readonly successor: 'ready' | 'unknown' | 'unready';
  /** A master in maintenance has tried to give the group away, and does not try again before. */
  readonly relievedFrom: Instant | undefined;
  /** While this node does not take part: why. Undefined while it does. */
  readonly fault: string | undefined;
  /** A former life's lease, still running at start: until then the group may be adopted without a word. */
  readonly adoptBy: Instant | undefined;
  /** After the kernel refused an address or an advert: until when this node takes no part, and why. */
  readonly rest: { readonly until: Instant; readonly cause: string } | undefined;
  /** When addresses were removed by somebody else, lately. */
  readonly removals: readonly Instant[];
  /** When adverts could not be sent, lately. */
  readonly sendFailures: readonly Instant[];
  /** The last advert of anybody else, or since when this node listens; undefined before it does. */
  readonly quietSince: Instant | undefined;
  /** `broken`: the peer is master by what it says over the pair channel, and its adverts do not arrive. */
  readonly path: 'whole' | 'broken';
  /** `differs`: the peer says that it is configured otherwise where both must be the same, so adverts prove little. */
  readonly agreement: 'same' | 'differs';
  /** The other node, where it keeps connections over a planned move. */
  readonly keeper: Keeper | undefined;
  /** What people were last told of it. */
  readonly agreementTold: 'same' | 'differs';
  /** Of the configuration, by both nodes at the same moment; undefined: none is under way. */
  readonly change: GroupChange | undefined;
  /** What was said last and must not be lost: it is said again. */
  readonly lastWord: LastWord | undefined;
}

export type GroupChange =
  /** Either node may switch. */
  | { readonly phase: 'expected' }
  /** The other node may have switched without this one, or may yet until then. */
  | { readonly phase: 'doubted'; readonly until: Instant }
  /** This node has; the other one is heard to have, or not, until then. */
  | { readonly phase: 'settling'; readonly until: Instant };

/** `unfit and behind`: with both nodes unfit, this one is to have the addresses, rather than nobody. */
export type PeerFitness = 'fit or unknown' | 'unfit' | 'unfit and behind';

/** An advert of a node that stops advertising: nothing follows that would make up for its loss. */
export interface LastWord {
  readonly advert: Extract<VrrpEffect, { kind: 'send-advert' }>;
  readonly copiesLeft: number;
  readonly nextAt: Instant;
}

export interface GroupStep {
  readonly state: GroupState;
  readonly effects: readonly VrrpEffect[];
}

/** What a node found of a group when its daemon started. */
export interface GroupFound {
  /** Of each instance's interface. */
  readonly links: readonly LinkState[];
  /** When the lease that a former life left ends; undefined where none runs. */
  readonly leaseUntil: Instant | undefined;
  /** Whether one of the addresses is still on the interface. */
  readonly leftOver: 'yes' | 'no';
}

/** Whether the node as a whole may serve: `pending` while the proxy is being looked for at start. */
export type Fitness =
  | { readonly kind: 'fit' }
  | { readonly kind: 'pending' }
  | { readonly kind: 'unfit'; readonly cause: string };

/** A group before the daemon has looked around. */
export function unstarted(params: GroupParams): GroupState {
  const trackers = params.things.map(newTracker);
  return {
    vrrp: { name: 'initialize' },
    links: params.instances.map(() => 'missing'),
    trackers,
    priority: priorityOf(params.priority, params.things, trackers).effective,
    joined: 'never',
    firstClaim: undefined,
    inquiry: undefined,
    failback: NO_FAILBACK,
    kept: undefined,
    resortFrom: undefined,
    orders: NO_ORDERS,
    tables: TABLES_IN,
    peer: 'fit or unknown',
    successor: 'unknown',
    relievedFrom: undefined,
    fault: 'starting',
    adoptBy: undefined,
    rest: undefined,
    removals: [],
    sendFailures: [],
    quietSince: undefined,
    path: 'whole',
    agreement: 'same',
    keeper: undefined,
    agreementTold: 'same',
    change: undefined,
    lastWord: undefined,
  };
}

/**
 * What this node advertises. An unfit master says the least there is, so that whoever is fit takes over by what VRRP
 * says alone, also where the pair channel is down; but not while nothing is to move, unless it is in maintenance, which
 * asks for the move.
 */
export function spokenPriority({
  kept,
  priority,
  vrrp,
  orders,
}: Pick<GroupState, 'kept' | 'priority' | 'vrrp' | 'orders'>): number {
  const invites = !isOn(orders.pause) || isOn(orders.own);
  return kept !== undefined && vrrp.name === 'master' && invites ? PRIORITY_LEAST : priority;
}

/** This node as it compares itself with the master that it hears: unfit, it outranks nobody. */
export function speaker(
  state: GroupState,
): Pick<GroupState, 'priority' | 'failback' | 'orders' | 'tables'> {
  const { kept, priority, failback, orders, tables } = state;
  return { priority: kept === undefined ? priority : PRIORITY_LEAST, failback, orders, tables };
}

/** With this nobody could be master. */
export function brokenOf(params: GroupParams, state: GroupState): string | undefined {
  const cut = params.instances
    .map((instance, index) => ({ name: instance.interface, link: state.links[index] }))
    .find(({ link }) => link !== 'up');
  if (cut?.link !== undefined) {
    return `link ${cut.name} ${cut.link}`;
  }
  return state.rest?.cause;
}

/** The part this node plays, in the operator's words. */
export function roleOf(state: GroupState): RoleName {
  if (state.vrrp.name !== 'initialize') {
    return state.vrrp.name;
  }
  return state.fault === undefined || state.fault === 'starting' ? 'starting' : 'fault';
}
