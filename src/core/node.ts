/**
 * Everything one node decides: its groups and its proxy, and how the one bears on the other. The engine feeds it
 * events and carries out its effects; nothing else in vipair decides anything.
 */
import type { Ip } from '../base/ip.js';
import { joined } from '../base/joined.js';
import type { Instant } from '../base/time.js';
import { earliest } from '../base/time.js';
import { invariant, unreachable } from '../base/unreachable.js';
import type { Advert } from '../wire/vrrp.js';
import type { GroupFound, GroupState, GroupStep } from './group-state.js';
import { unstarted } from './group-state.js';
import type { AddressClaim } from './address-claim.js';
import type { ChangeWord } from './group-change.js';
import { reconfigured, wordOfChange } from './group-change.js';
import { begin, onLink, settle } from './group-joining.js';
import { muted, refused, removed } from './group-mishaps.js';
import type { GroupParams } from './group-params.js';
import { run } from './group-router.js';
import { awaitsProxy, fitnessOf, lookAtProxy, sampled, tracksProxy } from './group-tracking.js';
import {
  alarmed,
  askFailback,
  claimed,
  groupDeadline,
  heard,
  stopGroup,
  switchOver,
  unasked,
} from './group.js';
import { heardPeer } from './group-peer.js';
import { lifeDeadline } from './fault-detector.js';
import type { PeerEvent, PeerState } from './node-peer.js';
import { hearPeer, isHeard, NO_PEER, settlePeer, tellPeer, wordOf } from './node-peer.js';
import type { LinkState, Notice } from './notice.js';
import type { Orders } from './orders.js';
import { tellOrders } from './orders.js';
import type { ProxyEffect, ProxyEvent, ProxyParams, ProxyState } from './proxy-state.js';
import { SEEKING, stepProxy } from './proxy-life.js';
import { proxyDeadline } from './proxy-probe.js';
import type { TablesWait, TablesWord } from './tables-wait.js';
import { hearTables, meetPeer, settleTables, TABLES_IN, tellTables } from './tables-wait.js';
import type { Sample } from './tracking.js';
import { deadline } from './vrrp-machine.js';
import type { VrrpEffect } from './vrrp-state.js';

export interface NodeParams {
  readonly groups: readonly GroupParams[];
  /** Undefined where no proxy is configured. */
  readonly proxy: ProxyParams | undefined;
}

export interface NodeState {
  readonly peer: PeerState;
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
      /** On which of the group's instances. */
      readonly instance: number;
      readonly source: Ip;
      readonly advert: Advert;
    }
  | { readonly kind: 'alarm' }
  | {
      readonly kind: 'link';
      readonly group: number;
      readonly instance: number;
      readonly state: LinkState;
    }
  /** One look at a tracked thing. */
  | {
      readonly kind: 'sampled';
      readonly group: number;
      readonly index: number;
      readonly seen: Sample;
    }
  /** Some machine says that it has one of the addresses. */
  | { readonly kind: 'address-claimed'; readonly group: number; readonly claim: AddressClaim }
  | { readonly kind: 'address-removed'; readonly group: number; readonly address: Ip }
  | { readonly kind: 'addresses-held'; readonly group: number }
  | { readonly kind: 'address-refused'; readonly group: number; readonly detail: string }
  | { readonly kind: 'send-failed'; readonly group: number; readonly detail: string }
  /** The link could not be asked who has the addresses. */
  | { readonly kind: 'probe-failed'; readonly group: number; readonly detail: string }
  | { readonly kind: 'proxy'; readonly event: ProxyEvent }
  /** Over the pair channel. */
  | PeerEvent
  | { readonly kind: 'orders'; readonly orders: Orders }
  /** What the replicator says of the stick tables. */
  | { readonly kind: 'tables'; readonly word: TablesWord }
  /** Both nodes are about to change their configuration together, or are not, or this one cannot know. */
  | { readonly kind: 'change'; readonly word: ChangeWord }
  /** The group has other parameters from now on, and so should the other node. */
  | { readonly kind: 'reconfigured'; readonly group: number }
  | { readonly kind: 'switchover'; readonly group: number }
  | { readonly kind: 'failback'; readonly group: number }
  | { readonly kind: 'stop'; readonly mode: StopMode };

export type NodeEffect =
  | { readonly kind: 'group'; readonly group: number; readonly effect: VrrpEffect }
  | { readonly kind: 'proxy'; readonly effect: ProxyEffect }
  /** Of the node as a whole. */
  | { readonly kind: 'tell'; readonly notice: Notice }
  | { readonly kind: 'stopped' };

export interface NodeStep {
  readonly state: NodeState;
  readonly effects: readonly NodeEffect[];
}

/** A node whose daemon has just been started and knows nothing yet. */
export function newNode(params: NodeParams): NodeState {
  return {
    phase: 'looking-around',
    peer: NO_PEER,
    groups: params.groups.map(unstarted),
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
export function nodeDeadline(params: NodeParams, state: NodeState): Instant | undefined {
  if (state.phase === 'stopping') {
    return earliest(
      ...state.groups.map(({ vrrp, lastWord }) => earliest(deadline(vrrp), lastWord?.nextAt)),
    );
  }
  return earliest(
    proxyDeadline(state.proxy),
    lifeDeadline(state.peer.life),
    ...params.groups.map((group, index) => {
      const each = state.groups[index];
      invariant(each !== undefined, 'every group has a state');
      return groupDeadline(group, each);
    }),
  );
}

function react(params: NodeParams, state: NodeState, event: NodeEvent, now: Instant): NodeStep {
  if ('group' in event) {
    return inGroup(params, state, event.group, (group, each) =>
      state.phase === 'stopping' && event.kind === 'address-refused'
        ? run(group, each, { kind: 'shutdown' }, now)
        : onGroupEvent(group, each, event, now),
    );
  }
  switch (event.kind) {
    case 'started':
      return start(params, state, event.found, now);
    case 'alarm':
      return onAlarm(params, state, now);
    case 'proxy':
      return inProxy(params, state, event.event, now);
    case 'peer-heartbeat':
    case 'peer-goodbye': {
      const peer = hearPeer(state.peer, event, now);
      return peer === state.peer ? { state, effects: [] } : onPeer(params, state, peer, now);
    }
    case 'orders':
      return obey(state, event.orders);
    case 'tables':
      return awaitTables(state, (wait) => hearTables(wait, event.word, now));
    case 'change':
      return { state: { ...state, groups: wordOfChange(state.groups, event.word) }, effects: [] };
    case 'stop':
      return stop(params, state, event.mode, now);
    default:
      return unreachable(event);
  }
}

type GroupEvent = Extract<NodeEvent, { readonly group: number }>;

function onGroupEvent(
  group: GroupParams,
  state: GroupState,
  event: GroupEvent,
  now: Instant,
): GroupStep {
  switch (event.kind) {
    case 'advert':
      return heard(group, state, event, now);
    case 'link':
      return onLink(group, state, event);
    case 'sampled':
      return sampled(group, state, event, now);
    case 'address-claimed':
      return claimed(group, state, event.claim, now);
    case 'address-removed':
      return removed(group, state, event.address, now);
    case 'addresses-held':
      return run(group, state, { kind: 'held' }, now);
    case 'address-refused':
      return refused(group, state, event.detail, now);
    case 'send-failed':
      return muted(group, state, event.detail, now);
    case 'probe-failed':
      return unasked(state);
    case 'reconfigured':
      return reconfigured(group, state, now);
    case 'switchover':
      return switchOver(group, state, now);
    case 'failback':
      return askFailback(group, state);
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
  const begun = eachGroup(params, running, (group, each, index) => {
    const here = found[index];
    invariant(here !== undefined, 'every group was looked at');
    return begin(group, each, here, now);
  });
  const proxy = inProxy(params, begun.state, { kind: 'begin' }, now);
  return { state: proxy.state, effects: [...begun.effects, ...proxy.effects] };
}

function onAlarm(params: NodeParams, state: NodeState, now: Instant): NodeStep {
  const peer = settlePeer(state.peer, now);
  const silent = peer === state.peer ? { state, effects: [] } : onPeer(params, state, peer, now);
  const waited = awaitTables(silent.state, (wait) => settleTables(wait, isHeard(peer), now));
  const groups = eachGroup(params, waited.state, (group, each) =>
    alarmed(group, each, wordOf(peer, group.group), now),
  );
  const proxy = inProxy(params, groups.state, { kind: 'alarm' }, now);
  return {
    state: proxy.state,
    effects: [...silent.effects, ...waited.effects, ...groups.effects, ...proxy.effects],
  };
}

function onPeer(params: NodeParams, state: NodeState, peer: PeerState, now: Instant): NodeStep {
  const waited = awaitTables({ ...state, peer }, (wait) => meetPeer(wait, isHeard(peer), now));
  const known = waited.state;
  const groups =
    state.phase === 'running'
      ? eachGroup(params, known, (group, each) =>
          heardPeer(group, each, wordOf(peer, group.group), now),
        )
      : { state: known, effects: [] };
  const told = tellPeer(state.peer, peer).map((notice) => ({ kind: 'tell', notice }) as const);
  return { state: groups.state, effects: [...waited.effects, ...groups.effects, ...told] };
}

/** The node waits as a whole: each group has the same. */
function awaitTables(state: NodeState, next: (wait: TablesWait) => TablesWait): NodeStep {
  const [first] = state.groups;
  const after = first === undefined ? TABLES_IN : next(first.tables);
  if (first === undefined || after === first.tables) {
    return { state, effects: [] };
  }
  const groups = state.groups.map((each) => ({ ...each, tables: after }));
  const told = tellTables(first.tables, after).map((notice) => ({ kind: 'tell', notice }) as const);
  return { state: { ...state, groups }, effects: told };
}

/** What follows from it is settled with everything else. */
function obey(state: NodeState, orders: Orders): NodeStep {
  const groups = state.groups.map((each) => ({ ...each, orders }));
  // Each group has the same.
  const told = state.groups
    .slice(0, 1)
    .flatMap((before) => tellOrders(before.orders, orders))
    .map((notice) => ({ kind: 'tell', notice }) as const);
  return { state: { ...state, groups }, effects: told };
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
  return effects.length < 2
    ? effects
    : effects.toSorted((a, b) => URGENCY[a.kind] - URGENCY[b.kind]);
}

const URGENCY: Readonly<Record<NodeEffect['kind'], number>> = {
  group: 0,
  proxy: 1,
  tell: 2,
  stopped: 3,
};

/** Brings every group in line with the node's fitness; says when a stop is complete. */
function settleAll(params: NodeParams, stepped: NodeStep, now: Instant): NodeStep {
  const { state, effects } = stepped;
  if (state.phase === 'running') {
    const fitness = fitnessOf(state.proxy);
    const settled = eachGroup(params, state, (group, each) =>
      tracksProxy(group)
        ? settleByTracking(group, each, state.proxy, now)
        : settle(group, each, fitness, now),
    );
    return { state: settled.state, effects: joined(effects, settled.effects) };
  }
  const out = state.groups.every(
    ({ vrrp, lastWord }) => vrrp.name === 'initialize' && lastWord === undefined,
  );
  return state.phase === 'stopping' && out
    ? { state: { ...state, phase: 'stopped' }, effects: [...effects, { kind: 'stopped' }] }
    : stepped;
}

/** The proxy is one of the things the group tracks, so it is no matter of the whole node. */
function settleByTracking(
  group: GroupParams,
  state: GroupState,
  proxy: ProxyState,
  now: Instant,
): GroupStep {
  const looked = lookAtProxy(group, state, proxy, now);
  const kind = awaitsProxy(group, looked.state) ? 'pending' : 'fit';
  const settled = settle(group, looked.state, { kind }, now);
  return { state: settled.state, effects: [...looked.effects, ...settled.effects] };
}

type GroupDecision = (params: GroupParams, state: GroupState, index: number) => GroupStep;

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
  if (next.state === current && next.effects.length === 0) {
    return { state, effects: [] };
  }
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
    stepped = { state: next.state, effects: joined(stepped.effects, next.effects) };
  }
  return stepped;
}

function inProxy(params: NodeParams, state: NodeState, event: ProxyEvent, now: Instant): NodeStep {
  if (params.proxy === undefined) {
    return { state, effects: [] };
  }
  const next = stepProxy(params.proxy, state.proxy, event, now);
  if (next.state === state.proxy && next.effects.length === 0) {
    return { state, effects: [] };
  }
  return {
    state: { ...state, proxy: next.state },
    effects: next.effects.map((effect) => ({ kind: 'proxy', effect })),
  };
}
