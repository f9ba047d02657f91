/** What the peer's word over the pair channel makes of a group: it becomes what VRRP would have said. */
import { compareIp } from '../base/ip.js';
import type { Instant } from '../base/time.js';
import { between, millisToCentis, scale } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import type { Ruling } from './arbiter.js';
import { arbitrate } from './arbiter.js';
import { endConnections, keeperOf } from './connections.js';
import type { PeerLife } from './fault-detector.js';
import { preemption } from './failback.js';
import { isSwitching } from './group-change.js';
import type { GroupParams } from './group-params.js';
import { run } from './group-router.js';
import { beginInquiry } from './inquiry.js';
import { handOverInterval } from './lease.js';
import type { GroupState, GroupStep, PeerFitness } from './group-state.js';
import { roleOf, speaker } from './group-state.js';
import type { GroupView, LanReach } from './peer-view.js';
import { lanReach } from './peer-view.js';
import { isOn } from './orders.js';
import { fullPriority } from './priority.js';
import { readinessOf } from './readiness.js';
import { PRIORITY_RESIGNS } from '../wire/vrrp.js';
import type { Heard, VrrpEffect } from './vrrp-state.js';

/** What is known of the peer, as far as one group goes. */
export interface PeerWord {
  readonly life: PeerLife;
  /** Its last word of the group, and the one before. */
  readonly view: GroupView | undefined;
  readonly before: GroupView | undefined;
  /** Since when its role is what it says; undefined where it says nothing. */
  readonly roleSince: Instant | undefined;
}

/** The peer has said something new, or nothing any more. */
export function heardPeer(
  params: GroupParams,
  state: GroupState,
  word: PeerWord,
  now: Instant,
): GroupStep {
  const agreed = agree(params, state, word, now);
  const known = compare(params, agreed.state, word);
  const followed = follow(params, known, { ruling: ruleOn(known, word, now), word }, now);
  const { state: next, effects } = inquire(params, followed, word, now);
  return { state: next, effects: [...agreed.effects, ...effects, ...endConnections(state, word)] };
}

/**
 * Whether both nodes are configured alike where they must be: what was known goes on until something else is said. While
 * both switch, one of them is a moment ahead, and that is nothing to tell anybody.
 */
function agree(
  params: GroupParams,
  state: GroupState,
  { view }: PeerWord,
  now: Instant,
): GroupStep {
  if (view === undefined) {
    return { state, effects: [] };
  }
  const { group } = params;
  const said = view.agreement ?? params.agreement;
  const agreement = said === params.agreement ? 'same' : 'differs';
  const known: GroupState = agreement === state.agreement ? state : { ...state, agreement };
  if (agreement === state.agreementTold || isSwitching(state, now)) {
    return { state: known, effects: [] };
  }
  const event = agreement === 'same' ? 'generation.group-agrees' : 'generation.group-differs';
  return {
    state: { ...known, agreementTold: agreement },
    effects: [{ kind: 'tell', notice: { event, group } }],
  };
}

/**
 * A peer that has fallen silent, says goodbye or starts anew is no fitter than it was, as far as is known: should it have
 * become fit meanwhile, it takes over by what an unfit master advertises. One that was to have the addresses and is
 * silent has them no longer, perhaps.
 */
function compare(params: GroupParams, state: GroupState, word: PeerWord): GroupState {
  const peer = fitnessOf(params, state, word.life, word.view);
  const keeper = keeperOf(state.keeper, word);
  const successor = readinessOf(word).kind;
  const isSame = peer === state.peer && keeper === state.keeper && successor === state.successor;
  return isSame ? state : { ...state, peer, keeper, successor };
}

function fitnessOf(
  params: GroupParams,
  state: GroupState,
  life: PeerLife,
  view: GroupView | undefined,
): PeerFitness {
  if (view === undefined || life.name === 'unheard') {
    return 'fit or unknown';
  }
  if (life.name === 'gone') {
    const isAlone = state.peer === 'unfit' && lanReach(params, state) !== 'unreachable';
    return isAlone ? 'unfit and behind' : state.peer;
  }
  if (life.name === 'goodbye' || view.role === 'starting') {
    return state.peer;
  }
  if (view.role === 'fault') {
    return rankUnfit(params, state, view);
  }
  return isSpared(params, state, view) ? 'unfit' : 'fit or unknown';
}

/**
 * It would have the addresses, but is in maintenance; by its own word, too, or it does not know. Where it reaches the LAN
 * and this node does not, it takes over on that word, and two that keep the addresses would be worse.
 */
function isSpared(params: GroupParams, state: GroupState, view: GroupView): boolean {
  const isAsked = isOn(state.orders.peer) && view.health === 0 && !isOn(state.orders.own);
  return isAsked && !(lanReach(params, state) === 'unreachable' && view.lan === 'reachable');
}

/** Both nodes come to the same answer: who reaches the LAN, or else who would be master if both were well. */
function rankUnfit(params: GroupParams, state: GroupState, view: GroupView): PeerFitness {
  if (view.able === false) {
    return 'unfit and behind';
  }
  // Each node knows its own better than the other's: while one of them is configured anew, both must come to the same.
  const full = fullPriority(params.priority, params.things);
  const own = params.instances[0]?.ownAddress ?? view.address;
  const ahead = [
    reach(lanReach(params, state)) - reach(view.lan),
    full - (view.full ?? params.peerPriority),
    compareIp(own, view.address),
  ].find((each) => each !== 0);
  return ahead !== undefined && ahead > 0 ? 'unfit and behind' : 'unfit';
}

function reach(lan: LanReach): number {
  return lan === 'unreachable' ? 0 : 1;
}

/** The master's daemon has fallen silent: the link knows whether its kernel has. */
function inquire(
  params: GroupParams,
  { state, effects }: GroupStep,
  { life, view }: PeerWord,
  now: Instant,
): GroupStep {
  if (life.name !== 'late' && life.name !== 'gone') {
    return state.inquiry === undefined
      ? { state, effects }
      : { state: { ...state, inquiry: undefined }, effects };
  }
  const { vrrp } = state;
  const isMaster = vrrp.name === 'backup' && vrrp.master?.address === view?.address;
  const asks = view?.role === 'master' && params.inquiry === 'possible';
  return isMaster && asks && state.inquiry === undefined
    ? {
        state: { ...state, inquiry: beginInquiry(now) },
        effects: [...effects, { kind: 'probe' }],
      }
    : { state, effects };
}

/** What the channel makes of a silence on the LAN. */
export function ruleOn(state: GroupState, word: PeerWord, now: Instant): Ruling {
  const { life, view, before } = word;
  const { vrrp } = state;
  const isMaster = vrrp.name === 'backup' && vrrp.master?.address === view?.address;
  const adverts = isQuiet(state, view, now) ? 'silent' : 'heard';
  const { agreement } = state;
  return arbitrate({ role: roleOf(state), adverts, life, view, before, isMaster, agreement });
}

/** Carries a ruling out. */
function follow(
  params: GroupParams,
  state: GroupState,
  { ruling, word }: { readonly ruling: Ruling; readonly word: PeerWord },
  now: Instant,
): GroupStep {
  const { view, roleSince } = word;
  if (view === undefined || ruling === 'vrrp') {
    return { state, effects: [] };
  }
  if (ruling === 'resignation') {
    return run(params, state, asAdvert(params, view, PRIORITY_RESIGNS), now);
  }
  // A master's first advert may be later than its first word: that is no broken path.
  const isBroken =
    roleSince !== undefined && isLong(roleSince, view, now) && state.agreement === 'same';
  const told = isBroken ? tellBroken(params, state, view) : [];
  const known: GroupState = { ...state, path: isBroken ? 'broken' : state.path };
  const stepped = listen(params, known, patient(params, view, word.life), now);
  return { state: stepped.state, effects: [...told, ...stepped.effects] };
}

/**
 * A backup is about to take over although the peer is master by its last word: two masters would be worse. It waits
 * for the peer's next word, and no longer: a master that has died must not be waited for all over again.
 */
export function holdOff(
  params: GroupParams,
  state: GroupState,
  word: PeerWord,
  now: Instant,
): GroupStep | undefined {
  const { life, view } = word;
  if (life.name !== 'fresh' || view === undefined || ruleOn(state, word, now) !== 'advert') {
    return undefined;
  }
  const held = listen(params, state, view, now);
  const { vrrp } = held.state;
  invariant(vrrp.name === 'backup', 'an advert of its master leaves a backup a backup');
  return {
    state: { ...held.state, vrrp: { ...vrrp, masterDownAt: life.lateAt } },
    effects: held.effects,
  };
}

/** Of a daemon that hands over, as its adverts would say it: its successor needs a moment. */
function patient(params: GroupParams, view: GroupView, life: PeerLife): GroupView {
  return life.name === 'goodbye'
    ? { ...view, interval: handOverInterval(params.version, view.interval) }
    : view;
}

/** The peer's word as an advert. */
function listen(params: GroupParams, state: GroupState, view: GroupView, now: Instant): GroupStep {
  const event = asAdvert(params, view, view.priority);
  const { preempt, failback } = preemption(params, speaker(state), event, now);
  const preempting = preempt === params.preempt ? params : { ...params, preempt };
  return run(preempting, { ...state, failback }, event, now);
}

/** An advert came over the LAN. */
export function heardOnLan(
  params: GroupParams,
  state: GroupState,
  now: Instant,
): { readonly state: GroupState; readonly effects: readonly VrrpEffect[] } {
  const heard: GroupState = { ...state, quietSince: now, path: 'whole', inquiry: undefined };
  return state.path === 'whole'
    ? { state: heard, effects: [] }
    : {
        state: heard,
        effects: [{ kind: 'tell', notice: { event: 'vrrp.path-healed', group: params.group } }],
      };
}

/** None of anybody for longer than two of the peer's adverts are apart, since this node listens. */
function isQuiet({ quietSince }: GroupState, view: GroupView | undefined, now: Instant): boolean {
  return view !== undefined && quietSince !== undefined && isLong(quietSince, view, now);
}

/** Longer than two adverts of the peer are apart. */
function isLong(since: Instant, { interval }: GroupView, now: Instant): boolean {
  return between(since, now) > scale(interval, QUIET_AFTER);
}

function tellBroken(
  params: GroupParams,
  { path }: GroupState,
  { address }: GroupView,
): readonly VrrpEffect[] {
  return path === 'broken'
    ? []
    : [
        {
          kind: 'tell',
          notice: { event: 'vrrp.path-broken', group: params.group, master: address },
        },
      ];
}

function asAdvert({ instances }: GroupParams, view: GroupView, priority: number): Heard {
  const own = instances[0]?.ownAddress;
  const isGreater = own !== undefined && compareIp(view.address, own) > 0;
  return {
    kind: 'advert',
    source: view.address,
    // The state machine looks at no more than these two; version and VRID have been agreed upon elsewhere.
    advert: {
      version: 3,
      vrid: 1,
      priority,
      maxAdvertInterval: millisToCentis(view.interval),
      addresses: [],
    },
    tie: isGreater ? 'theirs' : 'ours',
    leads: 'yes',
  };
}

/** In the peer's intervals. */
const QUIET_AFTER = 2.5;
