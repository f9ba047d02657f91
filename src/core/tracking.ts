/**
 * What a group tracks beside its own link: how looks at a thing become a verdict, and when a verdict changes. What a
 * verdict does to the priority is computed in `priority.ts`.
 */
import type { Instant, Millis } from '../base/time.js';
import { between, earliest, later } from '../base/time.js';
import { invariant, unreachable } from '../base/unreachable.js';
import type { ProxyState } from './proxy-state.js';

/** A thing whose failure makes this node less fit for a group, or unfit; as far as judging it needs. */
export interface TrackedThing {
  readonly name: string;
  readonly thing: Thing;
  readonly consequence: Consequence;
}

export type Thing =
  /** The kernel tells every change: each way, it has to last `debounce` before it counts. */
  | { readonly kind: 'interface'; readonly debounce: Millis }
  /** Looked at regularly: `rise` good looks in a row make it well, `fall` bad ones make it fail. */
  | {
      readonly kind: 'script' | 'process' | 'neighbours' | 'backends' | 'services' | 'listeners';
      readonly rise: number;
      readonly fall: number;
    }
  /** What it holds counts at once; that it cannot be read, only when that lasts. */
  | { readonly kind: 'file' }
  /** Its own supervision decides with patience already. */
  | { readonly kind: 'proxy' };

/** `weight`: as in keepalived, negative is subtracted while the thing fails, positive added while it is well. */
export type Consequence =
  { readonly kind: 'fault' } | { readonly kind: 'weight'; readonly weight: number };

/** What one look found. */
export type Sample =
  | { readonly kind: 'well' }
  | { readonly kind: 'failing'; readonly why: string }
  /** Of a file. */
  | { readonly kind: 'value'; readonly value: number };

export type Verdict =
  /** Not yet; it neither demotes nor faults. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'well' }
  | { readonly kind: 'failing'; readonly why: string }
  /** Of a file with a weight: neither well nor failing, but so much. */
  | { readonly kind: 'value'; readonly value: number };

export interface TrackerState {
  readonly verdict: Verdict;
  /** What the last looks say against the verdict, not often or not long enough. */
  readonly doubt: Doubt | undefined;
}

interface Doubt {
  readonly verdict: Verdict;
  readonly looks: number;
  readonly since: Instant;
}

export interface TrackerStep {
  readonly state: TrackerState;
  /** Where the verdict changed, not just its reason. */
  readonly changed: VerdictChange | undefined;
}

export interface VerdictChange {
  readonly from: Verdict;
  readonly to: Verdict;
}

/** Nothing is known yet. */
export function newTracker(): TrackerState {
  return { verdict: { kind: 'unknown' }, doubt: undefined };
}

/** Takes one look in. */
export function sample(
  { thing, consequence }: TrackedThing,
  state: TrackerState,
  seen: Sample,
  now: Instant,
): TrackerStep {
  const { verdict } = state;
  const proposed = verdictOf(seen, consequence);
  if (proposed.kind === verdict.kind) {
    // The same, perhaps for another reason; what a file holds counts at once.
    const next: TrackerState = { verdict: proposed, doubt: undefined };
    return isAnotherValue(verdict, proposed)
      ? become(state, proposed)
      : { state: next, changed: undefined };
  }
  const earlier = state.doubt?.verdict.kind === proposed.kind ? state.doubt : undefined;
  const doubt: Doubt = {
    verdict: proposed,
    looks: (earlier?.looks ?? 0) + 1,
    since: earlier?.since ?? now,
  };
  const isEnough =
    thing.kind === 'interface'
      ? // The kernel's word at the start is a fact and no look.
        verdict.kind === 'unknown' || between(doubt.since, now) >= thing.debounce
      : doubt.looks >= looksNeeded(thing, verdict, seen);
  return isEnough ? become(state, proposed) : { state: { verdict, doubt }, changed: undefined };
}

/** Time has passed: a change that has lasted long enough counts. */
export function settleTracker(
  tracked: TrackedThing,
  state: TrackerState,
  now: Instant,
): TrackerStep {
  const due = trackerDeadline(tracked, state);
  return state.doubt !== undefined && due !== undefined && now >= due
    ? become(state, state.doubt.verdict)
    : { state, changed: undefined };
}

/** When {@link settleTracker} will make a difference, if no look comes before. */
export function trackerDeadline(
  { thing }: TrackedThing,
  { doubt }: TrackerState,
): Instant | undefined {
  return thing.kind === 'interface' && doubt !== undefined
    ? later(doubt.since, thing.debounce)
    : undefined;
}

/**
 * The things that are not known yet: those a group that starts waits for before it joins. `faults`: only those that
 * would make it unfit. Each is known after `fall` looks at the most, so the wait has an end of its own.
 */
export function pending(
  things: readonly TrackedThing[],
  states: readonly TrackerState[],
  which: 'faults' | 'all',
): readonly string[] {
  return withStates(things, states)
    .filter(
      ([{ consequence }, { verdict }]) =>
        verdict.kind === 'unknown' && (which === 'all' || consequence.kind === 'fault'),
    )
    .map(([{ name }]) => name);
}

/** Why this node is unfit for the group, thing by thing; empty where it is fit. */
export function faultsOf(
  things: readonly TrackedThing[],
  states: readonly TrackerState[],
): readonly { readonly name: string; readonly why: string }[] {
  return withStates(things, states).flatMap(([{ name, consequence }, { verdict }]) =>
    consequence.kind === 'fault' && verdict.kind === 'failing' ? [{ name, why: verdict.why }] : [],
  );
}

/** The first deadline of several trackers. */
export function trackersDeadline(
  things: readonly TrackedThing[],
  states: readonly TrackerState[],
): Instant | undefined {
  return earliest(
    ...withStates(things, states).map(([thing, state]) => trackerDeadline(thing, state)),
  );
}

/** What the proxy's state says to a group that tracks it; undefined while it is being looked for. */
export function proxySample(proxy: ProxyState): Sample | undefined {
  switch (proxy.name) {
    case 'seeking':
      return undefined;
    case 'serving':
      return { kind: 'well' };
    case 'none':
      return { kind: 'failing', why: 'no proxy is configured' };
    case 'checking':
    case 'holding':
    case 'starting':
    case 'ending':
    case 'waiting':
      return { kind: 'failing', why: 'the proxy is not serving' };
    default:
      return unreachable(proxy);
  }
}

/** Each thing with its state. */
export function withStates(
  things: readonly TrackedThing[],
  states: readonly TrackerState[],
): readonly (readonly [TrackedThing, TrackerState])[] {
  return things.map((thing, index) => {
    const state = states[index];
    invariant(state !== undefined, 'every tracked thing has a state');
    return [thing, state];
  });
}

function verdictOf(seen: Sample, consequence: Consequence): Verdict {
  if (seen.kind !== 'value' || consequence.kind === 'weight') {
    return seen;
  }
  return seen.value === 0
    ? { kind: 'well' }
    : { kind: 'failing', why: `it holds ${String(seen.value)}` };
}

function isAnotherValue(from: Verdict, to: Verdict): boolean {
  return from.kind === 'value' && to.kind === 'value' && from.value !== to.value;
}

function become(state: TrackerState, verdict: Verdict): TrackerStep {
  return { state: { verdict, doubt: undefined }, changed: { from: state.verdict, to: verdict } };
}

/** Each server counts as up until the checks of HAProxy, or our own, have found out. */
function isOfServers({ kind }: Thing): boolean {
  return kind === 'backends' || kind === 'services';
}

/**
 * How many looks in a row overturn a verdict. Where nothing is known yet, one good look is enough: nothing speaks
 * against it. A bad one is not, because a daemon restarted on the master would give the group up for one lost packet.
 */
function looksNeeded(
  thing: Exclude<Thing, { kind: 'interface' }>,
  verdict: Verdict,
  seen: Sample,
): number {
  switch (thing.kind) {
    case 'script':
    case 'process':
    case 'neighbours':
    case 'backends':
    case 'services':
    case 'listeners':
      if (seen.kind === 'failing') {
        return thing.fall;
      }
      return verdict.kind === 'unknown' && !isOfServers(thing) ? 1 : thing.rise;
    case 'file':
      return seen.kind === 'failing' ? UNREADABLE_LOOKS : 1;
    case 'proxy':
      return 1;
    default:
      return unreachable(thing);
  }
}

/** Whoever writes a file anew may have emptied it just when we looked. */
const UNREADABLE_LOOKS = 2;
