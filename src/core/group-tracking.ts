/** What a group makes of the things it tracks: verdicts, and the priority that follows from them. */
import type { Instant } from '../base/time.js';
import { invariant, unreachable } from '../base/unreachable.js';
import type { GroupParams } from './group-params.js';
import type { Fitness, GroupState, GroupStep } from './group-state.js';
import { explainPriority, priorityOf } from './priority.js';
import type { ProxyState } from './proxy-state.js';
import type { Sample, TrackedThing, TrackerStep, Verdict } from './tracking.js';
import { proxySample, sample, settleTracker, withStates } from './tracking.js';
import type { VrrpEffect } from './vrrp-state.js';

/** Takes one look at the thing at `index` in. */
export function sampled(
  params: GroupParams,
  state: GroupState,
  { index, seen }: { readonly index: number; readonly seen: Sample },
  now: Instant,
): GroupStep {
  const tracked = params.things[index];
  const tracker = state.trackers[index];
  invariant(tracked !== undefined && tracker !== undefined, 'looks name things that are tracked');
  const thing = patientOf(tracked, state);
  return judged(params, state, index, sample(thing, tracker, seen, now));
}

/**
 * What both nodes lose is to move nothing, and their looks are never at the same time: whoever is not master says sooner
 * that it fails, and the master says sooner that it is well again.
 */
function patientOf(tracked: TrackedThing, { vrrp }: GroupState): TrackedThing {
  const { thing } = tracked;
  if (thing.kind !== 'backends' && thing.kind !== 'services') {
    return tracked;
  }
  const half =
    vrrp.name === 'master'
      ? { rise: Math.ceil(thing.rise / 2) }
      : { fall: Math.ceil(thing.fall / 2) };
  return { ...tracked, thing: { ...thing, ...half } };
}

/** Time has passed: changes that have lasted long enough count. */
export function settleTrackers(params: GroupParams, state: GroupState, now: Instant): GroupStep {
  let settled: GroupStep = { state, effects: [] };
  for (const [index, [thing, tracker]] of withStates(params.things, state.trackers).entries()) {
    const next = settleTracker(thing, tracker, now);
    if (next.changed !== undefined) {
      settled = also(settled, judged(params, settled.state, index, next));
    }
  }
  return settled;
}

/** Whether the group decides by itself what the proxy's failure does. */
export function tracksProxy({ things }: GroupParams): boolean {
  return things.some(({ thing }) => thing.kind === 'proxy');
}

/** Whether the proxy is still looked for, and the group cannot do without: a lease that runs is not adopted till then. */
export function awaitsProxy({ things }: GroupParams, { trackers }: GroupState): boolean {
  return withStates(things, trackers).some(
    ([{ thing, consequence }, { verdict }]) =>
      thing.kind === 'proxy' && consequence.kind === 'fault' && verdict.kind === 'unknown',
  );
}

/** A proxy that is tracked is looked at whenever something happened to the node. */
export function lookAtProxy(
  params: GroupParams,
  state: GroupState,
  proxy: ProxyState,
  now: Instant,
): GroupStep {
  const seen = proxySample(proxy);
  let looked: GroupStep = { state, effects: [] };
  if (seen === undefined) {
    return looked;
  }
  // It may be tracked twice, once for each consequence.
  for (const [index, [{ thing }, { verdict }]] of withStates(
    params.things,
    state.trackers,
  ).entries()) {
    if (thing.kind === 'proxy' && verdict.kind !== seen.kind) {
      looked = also(looked, sampled(params, looked.state, { index, seen }, now));
    }
  }
  return looked;
}

function also(before: GroupStep, step: GroupStep): GroupStep {
  return { state: step.state, effects: [...before.effects, ...step.effects] };
}

function judged(
  params: GroupParams,
  state: GroupState,
  index: number,
  step: TrackerStep,
): GroupStep {
  const trackers = state.trackers.with(index, step.state);
  const name = params.things[index]?.name;
  if (step.changed === undefined || name === undefined) {
    return { state: { ...state, trackers }, effects: [] };
  }
  const priority = priorityOf(params.priority, params.things, trackers);
  const told: VrrpEffect = {
    kind: 'tell',
    notice: { event: 'track.state', group: params.group, name, to: inWords(step.changed.to) },
  };
  return {
    state: { ...state, trackers, priority: priority.effective },
    effects:
      priority.effective === state.priority
        ? [told]
        : [told, tellPriority(params, priority.effective, explainPriority(priority))],
  };
}

function tellPriority(params: GroupParams, priority: number, why: string): VrrpEffect {
  return {
    kind: 'tell',
    notice: { event: 'vrrp.priority', group: params.group, priority, why },
  };
}

/** A verdict as people read it. */
export function inWords(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'unknown':
      return 'not known yet';
    case 'well':
      return 'well';
    case 'failing':
      return `fails: ${verdict.why}`;
    case 'value':
      return `holds ${String(verdict.value)}`;
    default:
      return unreachable(verdict);
  }
}

/** What the proxy makes of a node whose groups do not track it. */
export function fitnessOf(proxy: ProxyState): Fitness {
  if (proxy.name === 'none' || proxy.name === 'serving') {
    return { kind: 'fit' };
  }
  return proxy.name === 'seeking'
    ? { kind: 'pending' }
    : { kind: 'unfit', cause: 'the proxy is not serving' };
}
