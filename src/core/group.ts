/**
 * One group on one node: its virtual router, and whether the node is fit to take part. Only a fit node speaks VRRP;
 * what makes it unfit is named.
 */
import type { Ipv4 } from '../base/ipv4.js';
import type { Instant, Millis } from '../base/time.js';
import { between, earliest, later, millis } from '../base/time.js';
import type { LinkState, Notice, RoleName } from './notice.js';
import { PRIORITY_RESIGNS } from '../wire/vrrp.js';
import type { VrrpEffect, VrrpEvent, VrrpParams, VrrpState } from './vrrp-state.js';
import { deadline, step } from './vrrp-machine.js';

export interface GroupState {
  readonly vrrp: VrrpState;
  readonly link: LinkState;
  /** While this node does not take part: why. Undefined while it does. */
  readonly fault: string | undefined;
  /** A former life's lease, still running at start: until then the group may be adopted without a word. */
  readonly adoptBy: Instant | undefined;
  /** After the kernel refused an address: when to try again. */
  readonly retryAt: Instant | undefined;
  /** When addresses were removed by somebody else, lately. */
  readonly removals: readonly Instant[];
}

export interface GroupStep {
  readonly state: GroupState;
  readonly effects: readonly VrrpEffect[];
}

/** What a node found of a group when its daemon started. */
export interface GroupFound {
  readonly link: LinkState;
  /** What remains of the lease that a former life left; undefined where none runs. */
  readonly leaseLeft: Millis | undefined;
  /** Whether one of the addresses is still on the interface. */
  readonly leftOver: 'yes' | 'no';
}

/** Whether the node as a whole may serve: `pending` while the proxy is being looked for at start. */
export type Fitness =
  | { readonly kind: 'fit' }
  | { readonly kind: 'pending' }
  | { readonly kind: 'unfit'; readonly cause: string };

/** A group before the daemon has looked around. */
export const unstarted: GroupState = {
  vrrp: { name: 'initialize' },
  link: 'missing',
  fault: 'starting',
  adoptBy: undefined,
  retryAt: undefined,
  removals: [],
};

/** The first decision: what a former life left is kept for adoption, or released at once. */
export function begin(params: VrrpParams, found: GroupFound, now: Instant): GroupStep {
  const adoptBy = found.leaseLeft === undefined ? undefined : later(now, found.leaseLeft);
  const state: GroupState = { ...unstarted, link: found.link, adoptBy };
  if (found.leftOver === 'yes' && adoptBy === undefined) {
    return { state, effects: [{ kind: 'release' }, tellLeftOver(params, 'released')] };
  }
  return { state, effects: [] };
}

/** Hands one event to the virtual router. */
export function run(
  params: VrrpParams,
  state: GroupState,
  event: VrrpEvent,
  now: Instant,
): GroupStep {
  const next = step(params, state.vrrp, event, now);
  return { state: { ...state, vrrp: next.state }, effects: next.effects };
}

/** Joins, adopts or leaves, as the node's fitness and the link say. Nothing changes where nothing changed. */
export function settle(
  params: VrrpParams,
  state: GroupState,
  node: Fitness,
  now: Instant,
): GroupStep {
  if (node.kind === 'pending' && state.adoptBy !== undefined && now < state.adoptBy) {
    return { state, effects: [] };
  }
  const rested = state.retryAt !== undefined && now >= state.retryAt;
  const current: GroupState = rested ? { ...state, retryAt: undefined } : state;
  const fault = faultOf(current, node);
  if (fault !== undefined) {
    return leave(params, current, fault, now);
  }
  return current.fault === undefined ? { state: current, effects: [] } : join(params, current, now);
}

/** The kernel would not hold the addresses: another node must, so stop speaking for them. */
export function refused(
  params: VrrpParams,
  state: GroupState,
  detail: string,
  now: Instant,
): GroupStep {
  if (state.vrrp.name !== 'master' && state.vrrp.name !== 'resigning') {
    return { state, effects: [] };
  }
  const told: VrrpEffect = {
    kind: 'tell',
    notice: { event: 'address.refused', group: params.group, detail },
  };
  return { state: { ...state, retryAt: later(now, RETRY_REFUSED) }, effects: [told] };
}

/** Somebody removed an address that we hold: put it back at once, a bounded number of times. */
export function removed(
  params: VrrpParams,
  state: GroupState,
  address: Ipv4,
  now: Instant,
): GroupStep {
  if (state.vrrp.name !== 'master' && state.vrrp.name !== 'resigning') {
    return { state, effects: [] };
  }
  const recent = state.removals.filter((at) => between(at, now) < REMOVAL_WINDOW);
  const removals = [...recent, now].slice(-REMOVALS_REPAIRED - 1);
  const repair = removals.length <= REMOVALS_REPAIRED;
  const told: Notice = repair
    ? { event: 'address.removed', group: params.group, address }
    : { event: 'address.stolen', group: params.group, address, times: removals.length };
  // Past the bound the address still comes back, with the next advert: each one asks the kernel to hold it.
  const repaired = repair
    ? run(params, { ...state, removals }, { kind: 'hold-again' }, now)
    : { state: { ...state, removals }, effects: [] };
  const worthTelling = repair || recent.length === REMOVALS_REPAIRED;
  return {
    state: repaired.state,
    effects: worthTelling
      ? [{ kind: 'tell', notice: told }, ...repaired.effects]
      : repaired.effects,
  };
}

export function groupDeadline(state: GroupState): Instant | undefined {
  return earliest(deadline(state.vrrp), state.retryAt, state.adoptBy);
}

/** The part this node plays, in the operator's words. */
export function roleOf(state: GroupState): RoleName {
  if (state.vrrp.name !== 'initialize') {
    return state.vrrp.name;
  }
  return state.fault === undefined || state.fault === 'starting' ? 'starting' : 'fault';
}

function faultOf(state: GroupState, node: Fitness): string | undefined {
  if (state.link !== 'up') {
    return `link ${state.link}`;
  }
  if (state.retryAt !== undefined) {
    return 'the kernel refused an address';
  }
  if (node.kind === 'unfit') {
    return node.cause;
  }
  return node.kind === 'pending' ? 'starting' : undefined;
}

function join(params: VrrpParams, state: GroupState, now: Instant): GroupStep {
  const adopts = state.adoptBy !== undefined && now < state.adoptBy;
  const clean: GroupState = { ...state, fault: undefined, adoptBy: undefined, retryAt: undefined };
  if (adopts) {
    const adopted = run(params, clean, { kind: 'adopt' }, now);
    return { ...adopted, effects: [tellLeftOver(params, 'adopted'), ...adopted.effects] };
  }
  const dropped = state.adoptBy === undefined ? [] : dropLeftOver(params);
  const joined = run(params, clean, { kind: 'startup', from: roleOf(state) }, now);
  return { ...joined, effects: [...dropped, ...joined.effects] };
}

function leave(params: VrrpParams, state: GroupState, fault: string, now: Instant): GroupStep {
  if (state.fault === fault && state.adoptBy === undefined) {
    return { state, effects: [] };
  }
  const dropped = state.adoptBy === undefined ? [] : dropLeftOver(params);
  const left = run(params, { ...state, fault, adoptBy: undefined }, { kind: 'shutdown' }, now);
  const from = roleOf(state);
  const to = roleOf(left.state);
  const told: VrrpEffect = {
    kind: 'tell',
    notice: { event: 'vrrp.state', group: params.group, from, to, cause: fault },
  };
  const effects = left.effects.filter((effect) => !isStateNotice(effect));
  return { state: left.state, effects: [...dropped, ...effects, ...(state.fault === fault ? [] : [told])] };
}

/** What cannot be adopted is given up in the way a master does it, so that the peer need not wait. */
function dropLeftOver(params: VrrpParams): readonly VrrpEffect[] {
  return [
    { kind: 'release' },
    { kind: 'send-advert', priority: PRIORITY_RESIGNS, interval: params.interval },
    tellLeftOver(params, 'released'),
  ];
}

function tellLeftOver(params: VrrpParams, outcome: 'adopted' | 'released'): VrrpEffect {
  return { kind: 'tell', notice: { event: 'address.left-over', group: params.group, outcome } };
}

function isStateNotice(effect: VrrpEffect): boolean {
  return effect.kind === 'tell' && effect.notice.event === 'vrrp.state';
}

const RETRY_REFUSED = millis(1000);
/** More removals than this within the window are somebody's doing, not an accident: an alarm, and no more haste. */
const REMOVALS_REPAIRED = 5;
const REMOVAL_WINDOW = millis(10_000);
