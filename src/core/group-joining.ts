/** When a group takes part on this node: it joins, adopts what a former life of the daemon left, or leaves. */
import type { Instant } from '../base/time.js';
import { later, millis } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import { PRIORITY_RESIGNS } from '../wire/vrrp.js';
import { beginProbing } from './first-claim.js';
import type { GroupParams } from './group-params.js';
import { repeated, run } from './group-router.js';
import type { Fitness, GroupFound, GroupState, GroupStep } from './group-state.js';
import { brokenOf, roleOf } from './group-state.js';
import type { LinkState, Notice } from './notice.js';
import { IN_MAINTENANCE, isOn } from './orders.js';
import { lanReach } from './peer-view.js';
import { PRIORITY_LEAST } from './priority.js';
import { faultsOf, pending } from './tracking.js';
import type { VrrpEffect } from './vrrp-state.js';
import { masterDownInterval } from './vrrp-timing.js';

/** The first decision: what a former life left is kept for adoption, or released at once. */
export function begin(
  params: GroupParams,
  state: GroupState,
  found: GroupFound,
  now: Instant,
): GroupStep {
  const runs = found.leaseUntil !== undefined && now < found.leaseUntil;
  const begun: GroupState = {
    ...state,
    links: found.links,
    adoptBy: runs ? found.leaseUntil : undefined,
  };
  return found.leftOver === 'yes' && !runs
    ? dropLeftOver(params, begun, now)
    : { state: begun, effects: [] };
}

/** Joins, adopts or leaves, as the node's fitness and the link say. Nothing changes where nothing changed. */
export function settle(
  params: GroupParams,
  state: GroupState,
  node: Fitness,
  now: Instant,
): GroupStep {
  if (node.kind === 'pending' && adopts(state, now)) {
    return { state, effects: [] };
  }
  const rested = state.rest !== undefined && now >= state.rest.until;
  const current: GroupState = rested ? { ...state, rest: undefined } : state;
  const broken = brokenOf(params, current);
  const fault = broken ?? unfitOf(params, current, node, now);
  if (fault === undefined) {
    return takePart(params, current, now);
  }
  if (broken !== undefined) {
    return leave(params, current, fault, now);
  }
  if (isPaused(params, current)) {
    return keep(params, current, { cause: fault, because: 'paused' }, now);
  }
  return isLastResort(current, fault, now)
    ? keep(params, current, { cause: fault, because: 'nobody is fitter' }, now)
    : leave(params, current, fault, now);
}

/** Nothing speaks against it, unless operators do. */
function takePart(params: GroupParams, current: GroupState, now: Instant): GroupStep {
  if (isOn(current.orders.own)) {
    return spare(params, current, now);
  }
  const isWell = current.kept === undefined && current.relievedFrom === undefined;
  const well = isWell ? current : { ...current, kept: undefined, relievedFrom: undefined };
  return well.fault === undefined ? { state: well, effects: [] } : join(params, well, now);
}

/** What cannot be adopted is given up in the way a master does it, so that the peer need not wait. */
export function dropLeftOver(params: GroupParams, state: GroupState, now: Instant): GroupStep {
  const advert = {
    kind: 'send-advert',
    priority: PRIORITY_RESIGNS,
    interval: params.interval,
  } as const;
  return {
    state: { ...state, adoptBy: undefined, lastWord: repeated(advert, now) },
    effects: [{ kind: 'release' }, advert, tellLeftOver(params, 'released')],
  };
}

/** What became of what a former life left. */
export function tellLeftOver(params: GroupParams, outcome: 'adopted' | 'released'): VrrpEffect {
  return { kind: 'tell', notice: { event: 'address.left-over', group: params.group, outcome } };
}

/** Compare, then move: with both nodes unfit, to let go would only leave the addresses to nobody. */
function isLastResort(
  { vrrp, peer, resortFrom }: GroupState,
  fault: string,
  now: Instant,
): boolean {
  return vrrp.name === 'master' || vrrp.name === 'resigning'
    ? peer !== 'fit or unknown'
    : peer === 'unfit and behind' &&
        fault !== STARTING &&
        (resortFrom === undefined || now >= resortFrom);
}

/**
 * While nothing is to move, an unfit master lets go only where nobody reaches it: what its peer is told then is that it
 * has left, whatever the peer knows of the pause.
 */
function isPaused(params: GroupParams, state: GroupState): boolean {
  const { vrrp, orders } = state;
  const holds = vrrp.name === 'master' || vrrp.name === 'resigning';
  return (
    holds && isOn(orders.pause) && !isOn(orders.own) && lanReach(params, state) !== 'unreachable'
  );
}

/**
 * A node in maintenance gives the group away as soon as the other node is ready, in the planned way. Until then, and
 * afterwards, it takes part as the last resort: the addresses are left to nobody, whichever path to the other breaks.
 */
function spare(params: GroupParams, state: GroupState, now: Instant): GroupStep {
  const { group } = params;
  const spared: GroupState =
    state.kept === IN_MAINTENANCE ? state : { ...state, kept: IN_MAINTENANCE };
  const joined =
    spared.fault === undefined ? { state: spared, effects: [] } : join(params, spared, now);
  const relieved = giveAway(params, joined.state, now);
  const holds = relieved.state.vrrp.name === 'master';
  const isNews = spared !== state && holds;
  const kept: VrrpEffect = {
    kind: 'tell',
    notice: { event: 'vrrp.kept', group, cause: IN_MAINTENANCE, because: 'nobody is fitter' },
  };
  return {
    state: relieved.state,
    effects: [...(isNews ? [kept] : []), ...joined.effects, ...relieved.effects],
  };
}

/** What came to nothing is tried again, but not at once: each time the other node is asked to claim the addresses. */
function giveAway(params: GroupParams, state: GroupState, now: Instant): GroupStep {
  const { vrrp, successor, relievedFrom } = state;
  const isDue = relievedFrom === undefined || now >= relievedFrom;
  return vrrp.name === 'master' && successor === 'ready' && isDue
    ? run(
        params,
        { ...state, relievedFrom: later(now, RELIEVED_AGAIN) },
        { kind: 'resign', purpose: 'maintenance' },
        now,
      )
    : { state, effects: [] };
}

function keep(
  params: GroupParams,
  state: GroupState,
  { cause, because }: Pick<Extract<Notice, { event: 'vrrp.kept' }>, 'cause' | 'because'>,
  now: Instant,
): GroupStep {
  const kept: GroupState = { ...state, kept: cause };
  if (state.kept !== undefined && isSame(state.kept, cause)) {
    return { state: state.kept === cause ? state : kept, effects: [] };
  }
  const joined = kept.fault === undefined ? { state: kept, effects: [] } : join(params, kept, now);
  const { group } = params;
  return {
    state: joined.state,
    effects: [
      { kind: 'tell', notice: { event: 'vrrp.kept', group, cause, because } },
      ...joined.effects,
    ],
  };
}

/** What is told of a thing that fails may change with each look: it is the same fault. */
function isSame(one: string, other: string): boolean {
  const [thing, another] = [one, other].map((cause) => cause.split(': ', 1)[0]);
  return thing === another;
}

/** With this another node had better be master. */
function unfitOf(
  params: GroupParams,
  state: GroupState,
  node: Fitness,
  now: Instant,
): string | undefined {
  if (node.kind === 'unfit') {
    return node.cause;
  }
  const [unfit] = faultsOf(params.things, state.trackers);
  if (unfit !== undefined) {
    return `${unfit.name}: ${unfit.why}`;
  }
  return node.kind === 'pending' || isUnknown(params, state, now) ? STARTING : undefined;
}

/** At first, whatever could make it unfit has to be known; a lease that still runs does not wait for that. */
function isUnknown(params: GroupParams, state: GroupState, now: Instant): boolean {
  return (
    state.joined === 'never' &&
    !adopts(state, now) &&
    pending(params.things, state.trackers, 'faults').length > 0
  );
}

/** A former life's lease still runs. */
function adopts({ adoptBy }: GroupState, now: Instant): boolean {
  return adoptBy !== undefined && now < adoptBy;
}

function join(params: GroupParams, state: GroupState, now: Instant): GroupStep {
  const clean: GroupState = {
    ...state,
    fault: undefined,
    adoptBy: undefined,
    rest: undefined,
    joined: 'before',
    quietSince: now,
  };
  if (adopts(state, now)) {
    const adopted = run(params, clean, { kind: 'adopt' }, now);
    return { ...adopted, effects: [tellLeftOver(params, 'adopted'), ...adopted.effects] };
  }
  const rid = state.adoptBy === undefined ? undefined : dropLeftOver(params, clean, now);
  const joined = listen(params, rid?.state ?? clean, state, now);
  return { ...joined, effects: [...(rid?.effects ?? []), ...joined.effects] };
}

/** Joins as a backup that listens first, and asks meanwhile who has the addresses. */
function listen(
  params: GroupParams,
  state: GroupState,
  before: GroupState,
  now: Instant,
): GroupStep {
  const listenFor = before.joined === 'never' ? params.startHold : NO_HOLD;
  const event = { kind: 'startup', from: roleOf(before), listenFor } as const;
  const joined = run(params, state, event, now);
  return params.duplicateProbe === 'wanted'
    ? {
        state: { ...joined.state, firstClaim: beginProbing(params, now) },
        effects: [...joined.effects, { kind: 'probe' }],
      }
    : joined;
}

/** An interface has come up or gone down. */
export function onLink(
  group: GroupParams,
  state: GroupState,
  { instance, state: link }: { readonly instance: number; readonly state: LinkState },
): GroupStep {
  const known = state.links[instance];
  const name = group.instances[instance]?.interface;
  invariant(known !== undefined && name !== undefined, 'links are those of instances that exist');
  if (known === link) {
    return { state, effects: [] };
  }
  return {
    state: { ...state, links: state.links.with(instance, link) },
    effects: [
      {
        kind: 'tell',
        notice: { event: 'link.state', group: group.group, interface: name, state: link },
      },
    ],
  };
}

function leave(params: GroupParams, state: GroupState, fault: string, now: Instant): GroupStep {
  const isKnown = state.fault !== undefined && isSame(state.fault, fault);
  if (isKnown && state.adoptBy === undefined) {
    return { state: state.fault === fault ? state : { ...state, fault }, effects: [] };
  }
  const at: GroupState = {
    ...state,
    fault,
    kept: undefined,
    resortFrom:
      state.kept === undefined
        ? state.resortFrom
        : later(now, masterDownInterval({ ...params, priority: PRIORITY_LEAST }, params.interval)),
    adoptBy: undefined,
    firstClaim: undefined,
  };
  const rid = state.adoptBy === undefined ? undefined : dropLeftOver(params, at, now);
  const left = run(params, rid?.state ?? at, { kind: 'shutdown' }, now);
  const from = roleOf(state);
  const to = roleOf(left.state);
  const told: VrrpEffect = {
    kind: 'tell',
    notice: { event: 'vrrp.state', group: params.group, from, to, cause: fault },
  };
  const effects = left.effects.filter((effect) => !isStateNotice(effect));
  return {
    state: left.state,
    effects: [...(rid?.effects ?? []), ...effects, ...(isKnown ? [] : [told])],
  };
}

function isStateNotice(effect: VrrpEffect): boolean {
  return effect.kind === 'tell' && effect.notice.event === 'vrrp.state';
}

const NO_HOLD = millis(0);

const STARTING = 'starting';
const RELIEVED_AGAIN = millis(10_000);
