/** What happens to one group on one node: what it hears, what its time brings, and what operators ask of it. */
import { compareIp } from '../base/ip.js';
import type { Ip } from '../base/ip.js';
import type { Instant } from '../base/time.js';
import { between, earliest, later, millis } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import { PRIORITY_RESIGNS } from '../wire/vrrp.js';
import type { Advert } from '../wire/vrrp.js';
import { preemption } from './failback.js';
import type { AddressClaim } from './address-claim.js';
import { answered, conflictNotice, probed, putOff } from './first-claim.js';
import { heardInChange, lookFirst } from './group-change.js';
import { dropLeftOver, tellLeftOver } from './group-joining.js';
import type { GroupParams } from './group-params.js';
import type { PeerWord } from './group-peer.js';
import { heardOnLan, holdOff } from './group-peer.js';
import { LAST_WORD_SPACING, run } from './group-router.js';
import type { GroupState, GroupStep } from './group-state.js';
import { speaker } from './group-state.js';
import { settleTrackers } from './group-tracking.js';
import { proceed } from './inquiry.js';
import type { Notice } from './notice.js';
import { trackersDeadline } from './tracking.js';
import { deadline } from './vrrp-machine.js';
import type { Heard, VrrpEffect } from './vrrp-state.js';
import { defended } from './vrrp-master.js';

/** The alarm, for the state machine, for a last word that is to be said again, and for everything that waits. */
export function alarmed(
  params: GroupParams,
  state: GroupState,
  peer: PeerWord,
  now: Instant,
): GroupStep {
  const settled =
    params.things.length === 0 ? { state, effects: [] } : settleTrackers(params, state, now);
  const asked = askAgain(params, settled.state, now);
  const ran = claimOrPutOff(params, asked.state, peer, now);
  const inquired = askOnLink(params, ran.state, now);
  const said = sayAgain(inquired.state, now);
  return {
    state: said.state,
    effects: [
      ...settled.effects,
      ...asked.effects,
      ...ran.effects,
      ...inquired.effects,
      ...said.effects,
    ],
  };
}

/** An advert arrived on one instance. A living master ends the hope of adopting: our lease outlived its patience. */
export function heard(
  params: GroupParams,
  state: GroupState,
  arrived: { readonly instance: number; readonly source: Ip; readonly advert: Advert },
  now: Instant,
): GroupStep {
  const event = asHeard(params, arrived);
  const onLan = heardOnLan(params, heardInChange(state, now), now);
  const step = onAdvert(params, onLan.state, event, now);
  return onLan.effects.length === 0
    ? step
    : { state: step.state, effects: [...onLan.effects, ...step.effects] };
}

function onAdvert(params: GroupParams, state: GroupState, event: Heard, now: Instant): GroupStep {
  // Whoever advertises is no stranger on the link: from it the addresses are taken over without asking.
  const known: GroupState =
    state.firstClaim === undefined ? state : { ...state, firstClaim: undefined };
  if (event.advert.priority === PRIORITY_RESIGNS) {
    return run(params, known, event, now);
  }
  if (known.adoptBy !== undefined) {
    return {
      state: { ...known, adoptBy: undefined },
      effects: [{ kind: 'release' }, tellLeftOver(params, 'released')],
    };
  }
  if (known.vrrp.name !== 'backup') {
    return run(params, known, event, now);
  }
  const { preempt, failback } = preemption(params, speaker(known), event, now);
  const preempting = preempt === params.preempt ? params : { ...params, preempt };
  return run(preempting, { ...known, failback }, event, now);
}

/** Somebody on the link says that it has one of the addresses. */
export function claimed(
  params: GroupParams,
  state: GroupState,
  claim: AddressClaim,
  now: Instant,
): GroupStep {
  if (state.vrrp.name === 'master') {
    // With the MAC of this very virtual router it diverts nobody: clients that believe it go nowhere else.
    const isOurs = params.instances.some(({ virtualMac }) => virtualMac === claim.mac);
    const next = isOurs ? state.vrrp : defended(state.vrrp, claim, now);
    return { state: { ...state, vrrp: next }, effects: [] };
  }
  const { firstClaim, inquiry } = state;
  if (inquiry !== undefined) {
    // Its kernel lives, and its lease may still run.
    return { state: { ...state, inquiry: undefined }, effects: [] };
  }
  return firstClaim === undefined
    ? { state, effects: [] }
    : { state: { ...state, firstClaim: answered(firstClaim, claim, now) }, effects: [] };
}

/** The link could not be asked who has the addresses: that nobody answers says nothing then. */
export function unasked(state: GroupState): GroupStep {
  return state.inquiry === undefined
    ? { state, effects: [] }
    : { state: { ...state, inquiry: undefined }, effects: [] };
}

/** An operator asks for the group, where the node outranks the master that it hears. */
export function askFailback(params: GroupParams, state: GroupState): GroupStep {
  const { kind } = state.failback;
  const may = kind === 'outranks' || kind === 'given-away';
  return params.failback.kind === 'never' || !may
    ? { state, effects: [] }
    : {
        state: { ...state, failback: { kind: 'asked' } },
        effects: [{ kind: 'tell', notice: { event: 'failback.asked', group: params.group } }],
      };
}

/** An operator asks for the group to be given to the other node. */
export function switchOver(group: GroupParams, state: GroupState, now: Instant): GroupStep {
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

/** Leaves for good, or to the next daemon; what waited to be adopted is given up with everything else. */
export function stopGroup(
  params: GroupParams,
  state: GroupState,
  mode: 'release' | 'hand-over',
  now: Instant,
): GroupStep {
  const rid =
    mode === 'release' && state.adoptBy !== undefined
      ? dropLeftOver(params, state, now)
      : { state, effects: [] };
  const event = mode === 'release' ? RESIGN_TO_STOP : HAND_OVER;
  const calm: GroupState = {
    ...rid.state,
    adoptBy: undefined,
    rest: undefined,
    firstClaim: undefined,
    inquiry: undefined,
  };
  const stopped = run(params, calm, event, now);
  return { state: stopped.state, effects: [...rid.effects, ...stopped.effects] };
}

/** When the group wants an `alarm`. */
export function groupDeadline(params: GroupParams, state: GroupState): Instant | undefined {
  return earliest(
    deadline(state.vrrp),
    state.rest?.until,
    state.adoptBy,
    state.lastWord?.nextAt,
    state.firstClaim?.nextProbeAt,
    state.inquiry?.nextAt,
    state.tables.kind === 'awaited' ? state.tables.until : undefined,
    ...(params.things.length === 0 ? [] : [trackersDeadline(params.things, state.trackers)]),
  );
}

/** The next question of a node that listens before its first claim. */
function askAgain(params: GroupParams, state: GroupState, now: Instant): GroupStep {
  const { firstClaim } = state;
  return firstClaim === undefined || now < firstClaim.nextProbeAt
    ? { state, effects: [] }
    : {
        state: { ...state, firstClaim: probed(params, firstClaim, now) },
        effects: [{ kind: 'probe' }],
      };
}

/** The next question of a node whose master has fallen silent on the pair channel, or what silence made of the last. */
function askOnLink(params: GroupParams, state: GroupState, now: Instant): GroupStep {
  const next = state.inquiry === undefined ? 'waiting' : proceed(state.inquiry, now);
  if (next === 'waiting') {
    return { state, effects: [] };
  }
  return next === 'unanswered'
    ? run(params, { ...state, inquiry: undefined }, { kind: 'master-died' }, now)
    : { state: { ...state, inquiry: next }, effects: [{ kind: 'probe' }] };
}

/** A backup whose timer ran out takes over, unless a machine was heard that has the addresses, by its claim or by its word. */
function claimOrPutOff(
  params: GroupParams,
  state: GroupState,
  peer: PeerWord,
  now: Instant,
): GroupStep {
  const ran = run(params, state, { kind: 'alarm' }, now);
  if (state.vrrp.name !== 'backup' || ran.state.vrrp.name !== 'master') {
    return ran;
  }
  const held = holdOff(params, state, peer, now);
  if (held !== undefined) {
    return held;
  }
  const looking = lookFirst(params, state, now);
  if (looking !== undefined) {
    return looking;
  }
  const { firstClaim } = state;
  if (firstClaim?.conflict === undefined) {
    return ran;
  }
  const told = conflictNotice(params.group, firstClaim);
  return {
    state: {
      ...state,
      // It has listened long enough; what remains is that nobody answers.
      vrrp: { ...state.vrrp, masterDownAt: firstClaim.nextProbeAt },
      firstClaim: putOff(firstClaim),
    },
    effects: told === undefined ? [] : [asEffect(told)],
  };
}

function sayAgain(state: GroupState, now: Instant): GroupStep {
  const { lastWord } = state;
  if (lastWord === undefined || now < lastWord.nextAt) {
    return { state, effects: [] };
  }
  if (between(lastWord.nextAt, now) > LAST_WORD_LATE) {
    // Said so late, by a process that was frozen, it would be a new word: a hand-over could depose a living master.
    return { state: { ...state, lastWord: undefined }, effects: [] };
  }
  const copiesLeft = lastWord.copiesLeft - 1;
  const next =
    copiesLeft === 0
      ? undefined
      : { ...lastWord, copiesLeft, nextAt: later(now, LAST_WORD_SPACING) };
  return { state: { ...state, lastWord: next }, effects: [lastWord.advert] };
}

function asHeard(
  params: GroupParams,
  arrived: { readonly instance: number; readonly source: Ip; readonly advert: Advert },
): Heard {
  const own = params.instances[arrived.instance]?.ownAddress;
  invariant(own !== undefined, 'adverts arrive on instances that exist');
  const leads = arrived.instance === 0 ? 'yes' : 'no';
  // Families could disagree on who is greater, and then both nodes would give way, or neither.
  const tie = leads === 'yes' && compareIp(arrived.source, own) > 0 ? 'theirs' : 'ours';
  return { kind: 'advert', source: arrived.source, advert: arrived.advert, tie, leads };
}

function asEffect(notice: Notice): VrrpEffect {
  return { kind: 'tell', notice };
}

const RESIGN_TO_STOP = { kind: 'resign', purpose: 'stop' } as const;
const HAND_OVER = { kind: 'hand-over' } as const;
const LAST_WORD_LATE = millis(50);
