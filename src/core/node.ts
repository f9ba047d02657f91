/**
 * Everything one node decides: its groups and its proxy, and how the one bears on the other. The engine feeds it
 * events and carries out its effects; nothing else in vipair decides anything.
 */
import type { Ip } from '../base/ip.js';
import type { Instant } from '../base/time.js';
import { earliest } from '../base/time.js';
import { invariant, unreachable } from '../base/unreachable.js';
import type { Advert } from '../wire/vrrp.js';
import type { Fitness, GroupFound, GroupState, GroupStep } from './group-state.js';
import { unstarted } from './group-state.js';
import {
  alarmed,
  begin,
  groupDeadline,
  heard,
  muted,
  refused,
  removed,
  run,
  settle,
  stopGroup,
} from './group.js';
import type { LinkState } from './notice.js';
import type { ProxyEffect, ProxyEvent, ProxyParams, ProxyState } from './proxy-state.js';
import { proxyDeadline, SEEKING, stepProxy } from './proxy-life.js';
import { deadline } from './vrrp-machine.js';
import type { VrrpEffect, VrrpParams } from './vrrp-state.js';

export interface NodeParams {
  readonly groups: readonly VrrpParams[];
  /** Undefined where no proxy is configured. */
  readonly proxy: ProxyParams | undefined;
}

export interface NodeState {
  readonly phase: 'looking-around' | 'running' | 'stopping' | 'stopped';
  readonly groups: readonly GroupState[];
  readonly proxy: ProxyState;
}

/** `release`: this node's duty ends. `hand-over`: only this daemon ends, and the next one takes its place. */
export type StopMode = 'release' | 'hand-over';

export type NodeEvent =
  /** What was found at start, group by group. */
  | { readonly kind: 'started'; readonly found: readonly GroupFound[] }
  | {
      readonly kind: 'advert';
      readonly group: number;
      readonly source: Ip;
      readonly advert: Advert;
    }
  | { readonly kind: 'alarm' }
  | { readonly kind: 'link'; readonly group: number; readonly state: LinkState }
  | { readonly kind: 'address-removed'; readonly group: number; readonly address: Ip }
  | { readonly kind: 'addresses-held'; readonly group: number }
  | { readonly kind: 'address-refused'; readonly group: number; readonly detail: string }
  | { readonly kind: 'send-failed'; readonly group: number; readonly detail: string }
  | { readonly kind: 'proxy'; readonly event: ProxyEvent }
  | { readonly kind: 'switchover'; readonly group: number }
  | { readonly kind: 'stop'; readonly mode: StopMode };

export type NodeEffect =
  | { readonly kind: 'group'; readonly group: number; readonly effect: VrrpEffect }
  | { readonly kind: 'proxy'; readonly effect: ProxyEffect }
  | { readonly kind: 'stopped' };

export interface NodeStep {
  readonly state: NodeState;
  readonly effects: readonly NodeEffect[];
}

/** A node whose daemon has just been started and knows nothing yet. */
export function newNode(params: NodeParams): NodeState {
  return {
    phase: 'looking-around',
    groups: params.groups.map(() => unstarted),
    proxy: params.proxy === undefined ? { name: 'none' } : { ...SEEKING },
  };
}

/** The next state of the node, and what is to be done, in order. */
export function stepNode(
  params: NodeParams,
  state: NodeState,
  event: NodeEvent,
  now: Instant,
): NodeStep {
  const stepped = react(params, state, event, now);
  const settled = settleAll(params, stepped, now);
  return { state: settled.state, effects: mostUrgentFirst(settled.effects) };
}

/** When the node wants an `alarm` event. */
export function nodeDeadline(state: NodeState): Instant | undefined {
  if (state.phase === 'stopping') {
    return earliest(
      ...state.groups.map(({ vrrp, lastWord }) => earliest(deadline(vrrp), lastWord?.nextAt)),
    );
  }
  return earliest(proxyDeadline(state.proxy), ...state.groups.map(groupDeadline));
}

function react(params: NodeParams, state: NodeState, event: NodeEvent, now: Instant): NodeStep {
  switch (event.kind) {
    case 'started':
      return start(params, state, event.found, now);
    case 'advert':
      return inGroup(params, state, event.group, (group, each) =>
        heard(group, each, { kind: 'advert', source: event.source, advert: event.advert }, now),
      );
    case 'alarm':
      return onAlarm(params, state, now);
    case 'link':
      return inGroup(params, state, event.group, (group, each) => onLink(group, each, event.state));
    case 'address-removed':
      return inGroup(params, state, event.group, (group, each) =>
        removed(group, each, event.address, now),
      );
    case 'addresses-held':
      return inGroup(params, state, event.group, (group, each) =>
        run(group, each, { kind: 'held' }, now),
      );
    case 'address-refused':
      return inGroup(params, state, event.group, (group, each) =>
        state.phase === 'stopping'
          ? run(group, each, { kind: 'shutdown' }, now)
          : refused(group, each, event.detail, now),
      );
    case 'send-failed':
      return inGroup(params, state, event.group, (group, each) =>
        muted(group, each, event.detail, now),
      );
    case 'proxy':
      return inProxy(params, state, event.event, now);
    case 'switchover':
      return inGroup(params, state, event.group, (group, each) => switchOver(group, each, now));
    case 'stop':
      return stop(params, state, event.mode, now);
    default:
      return unreachable(event);
  }
}

function start(
  params: NodeParams,
  state: NodeState,
  found: readonly GroupFound[],
  now: Instant,
): NodeStep {
  if (state.phase !== 'looking-around') {
    return { state, effects: [] };
  }
  const running: NodeState = { ...state, phase: 'running' };
  const begun = eachGroup(params, running, (group, ...[, index]) => {
    const here = found[index];
    invariant(here !== undefined, 'every group was looked at');
    return begin(group, here, now);
  });
  const proxy = inProxy(params, begun.state, { kind: 'begin' }, now);
  return { state: proxy.state, effects: [...begun.effects, ...proxy.effects] };
}

function onAlarm(params: NodeParams, state: NodeState, now: Instant): NodeStep {
  const groups = eachGroup(params, state, (group, each) => alarmed(group, each, now));
  const proxy = inProxy(params, groups.state, { kind: 'alarm' }, now);
  return { state: proxy.state, effects: [...groups.effects, ...proxy.effects] };
}

function onLink(group: VrrpParams, state: GroupState, link: LinkState): GroupStep {
  if (state.link === link) {
    return { state, effects: [] };
  }
  return {
    state: { ...state, link },
    effects: [{ kind: 'tell', notice: { event: 'link.state', group: group.group, state: link } }],
  };
}

function switchOver(group: VrrpParams, state: GroupState, now: Instant): GroupStep {
  const resigned = run(group, state, { kind: 'resign', purpose: 'switchover' }, now);
  return resigned.state.vrrp.name === 'resigning'
    ? {
        state: resigned.state,
        effects: [
          { kind: 'tell', notice: { event: 'switchover.started', group: group.group } },
          ...resigned.effects,
        ],
      }
    : resigned;
}

function stop(params: NodeParams, state: NodeState, mode: StopMode, now: Instant): NodeStep {
  if (state.phase === 'stopped') {
    return { state, effects: [] };
  }
  const stopping: NodeState = { ...state, phase: 'stopping' };
  return eachGroup(params, stopping, (group, each) => stopGroup(group, each, mode, now));
}

/** Addresses and adverts before the proxy: ending one takes milliseconds, in which nobody would answer. */
function mostUrgentFirst(effects: readonly NodeEffect[]): readonly NodeEffect[] {
  return effects.toSorted((a, b) => URGENCY[a.kind] - URGENCY[b.kind]);
}

const URGENCY: Readonly<Record<NodeEffect['kind'], number>> = { group: 0, proxy: 1, stopped: 2 };

/** Brings every group in line with the node's fitness; says when a stop is complete. */
function settleAll(params: NodeParams, stepped: NodeStep, now: Instant): NodeStep {
  const { state, effects } = stepped;
  if (state.phase === 'running') {
    const fitness = fitnessOf(state.proxy);
    const settled = eachGroup(params, state, (group, each) => settle(group, each, fitness, now));
    return { state: settled.state, effects: [...effects, ...settled.effects] };
  }
  const out = state.groups.every(
    ({ vrrp, lastWord }) => vrrp.name === 'initialize' && lastWord === undefined,
  );
  return state.phase === 'stopping' && out
    ? { state: { ...state, phase: 'stopped' }, effects: [...effects, { kind: 'stopped' }] }
    : stepped;
}

function fitnessOf(proxy: ProxyState): Fitness {
  if (proxy.name === 'none' || proxy.name === 'serving') {
    return { kind: 'fit' };
  }
  return proxy.name === 'seeking'
    ? { kind: 'pending' }
    : { kind: 'unfit', cause: 'the proxy is not serving' };
}

type GroupDecision = (params: VrrpParams, state: GroupState, index: number) => GroupStep;

function inGroup(
  params: NodeParams,
  state: NodeState,
  index: number,
  decide: GroupDecision,
): NodeStep {
  const group = params.groups[index];
  const current = state.groups[index];
  invariant(group !== undefined && current !== undefined, 'events name groups that exist');
  const next = decide(group, current, index);
  const groups = state.groups.with(index, next.state);
  return {
    state: { ...state, groups },
    effects: next.effects.map((effect) => ({ kind: 'group', group: index, effect })),
  };
}

function eachGroup(params: NodeParams, state: NodeState, decide: GroupDecision): NodeStep {
  let stepped: NodeStep = { state, effects: [] };
  for (const index of params.groups.keys()) {
    const next = inGroup(params, stepped.state, index, decide);
    stepped = { state: next.state, effects: [...stepped.effects, ...next.effects] };
  }
  return stepped;
}

function inProxy(params: NodeParams, state: NodeState, event: ProxyEvent, now: Instant): NodeStep {
  if (params.proxy === undefined) {
    return { state, effects: [] };
  }
  const next = stepProxy(params.proxy, state.proxy, event, now);
  return {
    state: { ...state, proxy: next.state },
    effects: next.effects.map((effect) => ({ kind: 'proxy', effect })),
  };
}
