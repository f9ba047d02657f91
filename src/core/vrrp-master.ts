/** What a master does with time, rivals and its own end (RFC 9568 §6.4.3). */
import type { Instant, Millis } from '../base/time.js';
import { between, instant, centisToMillis, later, longer, millis, scale } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import { afterAnnouncement, planAnnouncements } from './announce-plan.js';
import { handOverInterval, leaseFor, leaseUntil, resignGrace, resignLease } from './lease.js';
import { PRIORITY_RESIGNS } from '../wire/vrrp.js';
import type { AddressClaim } from './address-claim.js';
import { fromBackup } from './vrrp-backup.js';
import type {
  Heard,
  Master,
  ResignPurpose,
  VrrpEffect,
  VrrpEvent,
  VrrpParams,
  VrrpStep,
} from './vrrp-state.js';
import { advertise, listening, spokenBy, stay, tell, tellState } from './vrrp-transitions.js';
import { masterDownInterval } from './vrrp-timing.js';

export function fromMaster(
  params: VrrpParams,
  state: Master,
  event: VrrpEvent,
  now: Instant,
): VrrpStep {
  switch (event.kind) {
    case 'advert':
      return onAdvert(params, state, event, now);
    case 'alarm':
      return onAlarm(params, state, now);
    case 'resign':
      return resign(params, event.purpose, now);
    case 'hand-over':
      return handOver(params);
    case 'shutdown':
      return shutDown(params);
    case 'hold-again':
      // The lease is not prolonged: it stays coupled to the adverts that the peer has heard.
      return {
        state: { ...state, announcements: undefined },
        effects: [{ kind: 'hold', lease: between(now, state.leaseUntil), confirm: 'wanted' }],
      };
    case 'held':
      return onHeld(params, state, now);
    case 'reconfigured':
      return goOn(params, state, now);
    case 'startup':
    case 'adopt':
    case 'master-died':
      return stay(state);
    default:
      return unreachable(event);
  }
}

/**
 * The lease ended before it was renewed: this process was frozen or starved, the kernel fell silent for us in time,
 * and the peer may be master by now. Let go, and listen before speaking.
 */
export function afterLostLease(
  params: VrrpParams,
  state: Master,
  event: VrrpEvent,
  now: Instant,
): VrrpStep {
  const lost: readonly VrrpEffect[] = [
    { kind: 'release' },
    tell({ event: 'lease.lost', group: params.group, endedAgo: between(state.leaseUntil, now) }),
    tellState(params, { from: 'master', cause: 'lease lost' }, 'backup'),
  ];
  const after = fromBackup(params, listening(params, params.interval, now), event, now);
  return { state: after.state, effects: [...lost, ...after.effects] };
}

function onAlarm(params: VrrpParams, state: Master, now: Instant): VrrpStep {
  const advert = now >= state.nextAdvertAt ? speak(params, state, now) : stay(state);
  const next = advert.state;
  if (next.announcements === undefined || now < next.announcements.nextAt) {
    return advert;
  }
  const announced = announceNow(params, next, now);
  return { state: announced.state, effects: [...advert.effects, ...announced.effects] };
}

/** By other parameters: what is held is asked for anew, for addresses may have come, and neighbours are told of them. */
function goOn(params: VrrpParams, state: Master, now: Instant): VrrpStep {
  const said = speak(params, { ...state, nextAdvertAt: now }, now);
  return {
    state: { ...said.state, announcements: undefined, contest: undefined },
    effects: [
      { kind: 'hold', lease: leaseFor(params.interval), confirm: 'wanted' },
      advertise(params),
    ],
  };
}

function onHeld(params: VrrpParams, state: Master, now: Instant): VrrpStep {
  if (state.announcements !== undefined) {
    return stay(state);
  }
  const told = announceNow(params, state, now);
  return { state: told.state, effects: [...told.effects, advertise(params)] };
}

function announceNow(params: VrrpParams, state: Master, now: Instant): VrrpStep<Master> {
  const plan = state.announcements ?? planAnnouncements(now);
  const { claim } = state;
  const told =
    claim === undefined
      ? []
      : [
          tell({
            event: 'address.duplicate',
            group: params.group,
            ...claim,
            outcome: 'held all the same',
          }),
        ];
  return {
    state: {
      ...state,
      claim: undefined,
      announcements: afterAnnouncement(plan, params.announce, now),
    },
    effects: [...told, { kind: 'announce' }],
  };
}

/** One advertisement with its lease. The rhythm is kept, unless we fell behind by more than one beat. */
function speak(params: VrrpParams, state: Master, now: Instant): VrrpStep<Master> {
  const onTime = later(state.nextAdvertAt, params.interval);
  return {
    state: {
      ...state,
      lastAdvertAt: now,
      nextAdvertAt: onTime > now ? onTime : later(now, params.interval),
      leaseUntil: leaseUntil(now, params.interval),
    },
    effects: [
      { kind: 'hold', lease: leaseFor(params.interval), confirm: 'needless' },
      advertise(params),
    ],
  };
}

function onAdvert(params: VrrpParams, state: Master, heard: Heard, now: Instant): VrrpStep {
  const { advert, source } = heard;
  if (advert.priority === PRIORITY_RESIGNS) {
    // RFC 9568 §6.4.3: somebody resigned, so say at once that there is a master.
    return answer(params, state, now);
  }
  const ours = spokenBy(params);
  const yields = advert.priority > ours || (advert.priority === ours && heard.tie === 'theirs');
  if (yields) {
    return yieldTo(params, heard, now);
  }
  // A rival of lower rank: it will give way once it hears us (RFC 9568 §6.4.3), and then clients that believed its
  // announcements must hear ours again. keepalived announces nothing here, and clients were lost for up to 55 s.
  const answered = answer(params, state, now);
  const { contest } = state;
  const goesOn =
    contest !== undefined && between(contest.heardAt, now) < scale(params.interval, CONTEST_OVER);
  // Planned anew while the contest lasts, but not with each of its adverts: they could put it off for ever.
  const every = longer(params.interval, PLAN_EVERY);
  const soon = later(now, CONTEST_SETTLES);
  const planned = contest === undefined ? soon : longerAway(later(contest.plannedAt, every), soon);
  const { announcements } = answered.state;
  const replans = announcements !== undefined && announcements.nextAt > planned;
  const told = tell({
    event: 'vrrp.contest',
    group: params.group,
    source,
    priority: advert.priority,
  });
  return {
    state: {
      ...answered.state,
      announcements: replans ? planAnnouncements(planned) : announcements,
      contest: { heardAt: now, plannedAt: replans ? planned : (contest?.plannedAt ?? planned) },
    },
    effects: goesOn ? answered.effects : [...answered.effects, told],
  };
}

/**
 * Another machine has told the link that it has one of the addresses. Clients that believed it must hear ours again: soon, and
 * then at most so often, whatever the other one does (RFC 5227 §2.4 allows one in ten seconds to whoever means to give way in
 * the end, which a master does not). Not at once: a router of higher rank that takes over announces before it advertises.
 */
export function defended(state: Master, claim: AddressClaim, now: Instant): Master {
  const { announcements, contest } = state;
  const soon = later(now, DEFENDS_AFTER);
  const planned =
    contest === undefined ? soon : longerAway(later(contest.plannedAt, DEFEND_EVERY), soon);
  return announcements === undefined || announcements.nextAt <= planned
    ? { ...state, claim }
    : {
        ...state,
        claim,
        announcements: planAnnouncements(planned),
        contest: { heardAt: contest?.heardAt ?? NEVER, plannedAt: planned },
      };
}

function longerAway(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

/** Advertises out of turn, at most ten times an interval: whoever floods us must not make us flood the link. */
function answer(params: VrrpParams, state: Master, now: Instant): VrrpStep<Master> {
  const tooSoon = between(state.lastAdvertAt, now) < scale(params.interval, ANSWER_EVERY);
  return tooSoon ? stay(state) : speak(params, { ...state, nextAdvertAt: now }, now);
}

function yieldTo(params: VrrpParams, heard: Heard, now: Instant): VrrpStep {
  const { advert, source } = heard;
  const masterInterval = centisToMillis(advert.maxAdvertInterval);
  const cause = `${source} advertises priority ${String(advert.priority)}`;
  return {
    state: {
      name: 'backup',
      masterDownAt: later(now, masterDownInterval(params, masterInterval)),
      masterInterval,
      master: { address: source, priority: advert.priority },
      outranked: undefined,
      resigned: 'no',
      lookedAgain: 'no',
    },
    // One last advert although we step down: a winner that heard nothing of the contest, because the path has just
    // healed, must learn that clients may believe our announcements, and announce again.
    effects: [
      { kind: 'release' },
      advertise(params),
      tellState(params, { from: 'master', cause }, 'backup'),
    ],
  };
}

/** Says priority 0 but goes on answering until the successor is heard: clients see no gap. */
function resign(params: VrrpParams, purpose: ResignPurpose, now: Instant): VrrpStep {
  const grace = resignGrace(params.interval);
  return {
    state: { name: 'resigning', since: now, until: later(now, grace), purpose, lookedAgain: 'no' },
    effects: [
      { kind: 'hold', lease: resignLease(grace, params.interval), confirm: 'needless' },
      { kind: 'send-advert', priority: PRIORITY_RESIGNS, interval: params.interval },
      tellState(params, { from: 'master', cause: purpose }, 'resigning'),
    ],
  };
}

/** Leaves everything in place for the next daemon, and asks the peer for the patience that takes. */
function handOver(params: VrrpParams): VrrpStep {
  const interval = handOverInterval(params.version, params.interval);
  return {
    state: { name: 'initialize' },
    effects: [
      { kind: 'hold', lease: leaseFor(interval), confirm: 'needless' },
      advertise(params, interval),
      tellState(params, { from: 'master', cause: 'handing over to the next daemon' }, 'stopped'),
    ],
  };
}

/** This node is not fit any more: the addresses first, then the word (RFC 9568 §6.4.3, Shutdown). */
function shutDown(params: VrrpParams): VrrpStep {
  return {
    state: { name: 'initialize' },
    effects: [
      { kind: 'release' },
      { kind: 'send-advert', priority: PRIORITY_RESIGNS, interval: params.interval },
      tellState(params, { from: 'master', cause: 'shut down' }, 'stopped'),
    ],
  };
}

/** A rival needs one flight of our advert to give way; then the neighbours are told again. */
const CONTEST_SETTLES: Millis = millis(20);
/** In intervals. */
const ANSWER_EVERY = 0.1;
const PLAN_EVERY: Millis = millis(100);
const NEVER: Instant = instant(Number.NEGATIVE_INFINITY);
const DEFENDS_AFTER: Millis = millis(50);
const DEFEND_EVERY: Millis = millis(250);
/** In intervals without a rival's advert. */
const CONTEST_OVER = 3;
