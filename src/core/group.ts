/**
 * One group on one node: its virtual router, and whether the node is fit to take part. Only a fit node speaks VRRP;
 * what makes it unfit is named.
 */
import type { Ip } from '../base/ip.js';
import type { Instant } from '../base/time.js';
import { between, earliest, later, millis, scale } from '../base/time.js';
import type { Fitness, GroupFound, GroupState, GroupStep, LastWord } from './group-state.js';
import { roleOf, unstarted } from './group-state.js';
import type { Notice } from './notice.js';
import { PRIORITY_RESIGNS } from '../wire/vrrp.js';
import type { VrrpEffect, VrrpEvent, VrrpParams } from './vrrp-state.js';
import { deadline, step } from './vrrp-machine.js';

/** The first decision: what a former life left is kept for adoption, or released at once. */
export function begin(params: VrrpParams, found: GroupFound, now: Instant): GroupStep {
  const runs = found.leaseUntil !== undefined && now < found.leaseUntil;
  const state: GroupState = {
    ...unstarted,
    link: found.link,
    adoptBy: runs ? found.leaseUntil : undefined,
  };
  return found.leftOver === 'yes' && !runs
    ? dropLeftOver(params, state, now)
    : { state, effects: [] };
}

/** Hands one event to the virtual router. What it says without being master afterwards is a last word. */
export function run(
  params: VrrpParams,
  state: GroupState,
  event: VrrpEvent,
  now: Instant,
): GroupStep {
  const next = step(params, state.vrrp, event, now);
  const after: GroupState = { ...state, vrrp: next.state };
  if (next.state.name === 'master') {
    return { state: { ...after, lastWord: undefined }, effects: next.effects };
  }
  const advert = next.effects.find((effect) => effect.kind === 'send-advert');
  return {
    state: advert === undefined ? after : { ...after, lastWord: repeated(advert, now) },
    effects: next.effects,
  };
}

/** The alarm, for the virtual router and for a last word that is to be said again. */
export function alarmed(params: VrrpParams, state: GroupState, now: Instant): GroupStep {
  const ran = run(params, state, { kind: 'alarm' }, now);
  const { lastWord } = ran.state;
  if (lastWord === undefined || now < lastWord.nextAt) {
    return ran;
  }
  if (between(lastWord.nextAt, now) > LAST_WORD_LATE) {
    // Said so late, by a process that was frozen, it would be a new word: a hand-over could depose a living master.
    return { state: { ...ran.state, lastWord: undefined }, effects: ran.effects };
  }
  const copiesLeft = lastWord.copiesLeft - 1;
  const next =
    copiesLeft === 0
      ? undefined
      : { ...lastWord, copiesLeft, nextAt: later(now, LAST_WORD_SPACING) };
  return {
    state: { ...ran.state, lastWord: next },
    effects: [...ran.effects, lastWord.advert],
  };
}

/** An advert was heard. A living master ends the hope of adopting: our lease outlived its patience. */
export function heard(
  params: VrrpParams,
  state: GroupState,
  event: Extract<VrrpEvent, { kind: 'advert' }>,
  now: Instant,
): GroupStep {
  if (state.adoptBy === undefined || event.advert.priority === PRIORITY_RESIGNS) {
    return run(params, state, event, now);
  }
  const released: GroupState = { ...state, adoptBy: undefined };
  return { state: released, effects: [{ kind: 'release' }, tellLeftOver(params, 'released')] };
}

/** Leaves for good, or to the next daemon; what waited to be adopted is given up with everything else. */
export function stopGroup(
  params: VrrpParams,
  state: GroupState,
  mode: 'release' | 'hand-over',
  now: Instant,
): GroupStep {
  const rid =
    mode === 'release' && state.adoptBy !== undefined
      ? dropLeftOver(params, state, now)
      : { state, effects: [] };
  const event = mode === 'release' ? RESIGN_TO_STOP : HAND_OVER;
  const calm: GroupState = { ...rid.state, adoptBy: undefined, rest: undefined };
  const stopped = run(params, calm, event, now);
  return { state: stopped.state, effects: [...rid.effects, ...stopped.effects] };
}

/** An advert could not be sent: a master that is not heard has a rival soon, so it must not stay one. */
export function muted(
  params: VrrpParams,
  state: GroupState,
  detail: string,
  now: Instant,
): GroupStep {
  const window = scale(params.interval, SEND_FAILURES + 1);
  const recent = state.sendFailures.filter((at) => between(at, now) < window);
  const sendFailures = [...recent, now].slice(-SEND_FAILURES);
  const next: GroupState = { ...state, sendFailures };
  return sendFailures.length < SEND_FAILURES
    ? { state: next, effects: [] }
    : rest(
        { ...next, sendFailures: [] },
        {
          cause: 'adverts cannot be sent',
          told: { event: 'vrrp.mute', group: params.group, detail },
        },
        now,
      );
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
  const rested = state.rest !== undefined && now >= state.rest.until;
  const current: GroupState = rested ? { ...state, rest: undefined } : state;
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
  const told: Notice = { event: 'address.refused', group: params.group, detail };
  return rest(state, { cause: 'the kernel refused an address', told }, now);
}

/** Takes no part for a while; only a master that cannot be one has reason to. */
function rest(
  state: GroupState,
  { cause, told }: { readonly cause: string; readonly told: Notice },
  now: Instant,
): GroupStep {
  if (state.vrrp.name !== 'master' && state.vrrp.name !== 'resigning') {
    return { state, effects: [] };
  }
  return {
    state: { ...state, rest: { until: later(now, REST), cause } },
    effects: [{ kind: 'tell', notice: told }],
  };
}

/** Somebody removed an address that we hold: put it back at once, a bounded number of times. */
export function removed(
  params: VrrpParams,
  state: GroupState,
  address: Ip,
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
  // Past the bound the address still comes back, but no sooner than the next advert.
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
  return earliest(deadline(state.vrrp), state.rest?.until, state.adoptBy, state.lastWord?.nextAt);
}

function faultOf(state: GroupState, node: Fitness): string | undefined {
  if (state.link !== 'up') {
    return `link ${state.link}`;
  }
  if (state.rest !== undefined) {
    return state.rest.cause;
  }
  if (node.kind === 'unfit') {
    return node.cause;
  }
  return node.kind === 'pending' ? 'starting' : undefined;
}

function join(params: VrrpParams, state: GroupState, now: Instant): GroupStep {
  const adopts = state.adoptBy !== undefined && now < state.adoptBy;
  const clean: GroupState = { ...state, fault: undefined, adoptBy: undefined, rest: undefined };
  if (adopts) {
    const adopted = run(params, clean, { kind: 'adopt' }, now);
    return { ...adopted, effects: [tellLeftOver(params, 'adopted'), ...adopted.effects] };
  }
  const rid = state.adoptBy === undefined ? undefined : dropLeftOver(params, clean, now);
  const joined = run(params, rid?.state ?? clean, { kind: 'startup', from: roleOf(state) }, now);
  return { ...joined, effects: [...(rid?.effects ?? []), ...joined.effects] };
}

function leave(params: VrrpParams, state: GroupState, fault: string, now: Instant): GroupStep {
  if (state.fault === fault && state.adoptBy === undefined) {
    return { state, effects: [] };
  }
  const at: GroupState = { ...state, fault, adoptBy: undefined };
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
    effects: [...(rid?.effects ?? []), ...effects, ...(state.fault === fault ? [] : [told])],
  };
}

/** What cannot be adopted is given up in the way a master does it, so that the peer need not wait. */
function dropLeftOver(params: VrrpParams, state: GroupState, now: Instant): GroupStep {
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

function repeated(advert: LastWord['advert'], now: Instant): LastWord {
  return { advert, copiesLeft: LAST_WORD_COPIES, nextAt: later(now, LAST_WORD_SPACING) };
}

function tellLeftOver(params: VrrpParams, outcome: 'adopted' | 'released'): VrrpEffect {
  return { kind: 'tell', notice: { event: 'address.left-over', group: params.group, outcome } };
}

function isStateNotice(effect: VrrpEffect): boolean {
  return effect.kind === 'tell' && effect.notice.event === 'vrrp.state';
}

const REST = millis(1000);
/** More removals than this within the window are somebody's doing, not an accident: an alarm, and no more haste. */
const REMOVALS_REPAIRED = 5;
const REMOVAL_WINDOW = millis(10_000);
const RESIGN_TO_STOP = { kind: 'resign', purpose: 'stop' } as const;
const HAND_OVER = { kind: 'hand-over' } as const;
/** In adverts. */
const SEND_FAILURES = 3;
/** After the first; a burst of loss is shorter than this, or longer than anything that could be done about it. */
const LAST_WORD_COPIES = 2;
const LAST_WORD_SPACING = millis(10);
const LAST_WORD_LATE = millis(50);
