/** How a virtual router enters a state, wherever it comes from: one place, so that no entry forgets a step. */
import type { Instant, Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import { leaseFor, leaseUntil } from './lease.js';
import type { Notice, RoleName } from './notice.js';
import type { Backup, VrrpEffect, VrrpParams, VrrpState, VrrpStep } from './vrrp-state.js';
import { masterDownInterval } from './vrrp-timing.js';

export interface Reason {
  readonly from: RoleName;
  readonly cause: string;
}

/** An alarm on an idle machine rings within a millisecond; one later than this may have adverts waiting unread. */
export const LATE: Millis = millis(2);
/** Several turns of the event loop: enough to read what has arrived. */
export const LOOK_AGAIN: Millis = millis(1);

/** Nothing happens. */
export function stay<S extends VrrpState>(state: S): VrrpStep<S> {
  return { state, effects: [] };
}

/**
 * Holds the addresses; neighbours and routers are told as soon as the kernel has confirmed, a fraction of a millisecond
 * later. A node whose kernel refuses must not keep a fit one waiting with an advert it cannot honour.
 */
export function becomeMaster(params: VrrpParams, reason: Reason, now: Instant): VrrpStep {
  return {
    state: {
      name: 'master',
      lastAdvertAt: now,
      nextAdvertAt: later(now, params.interval),
      leaseUntil: leaseUntil(now, params.interval),
      announcements: undefined,
      contest: undefined,
    },
    effects: [
      { kind: 'hold', lease: leaseFor(params.interval), confirm: 'wanted' },
      tellState(params, reason, 'master'),
    ],
  };
}

/** Listens for a whole master-down interval before it speaks, and for `atLeast`. */
export function becomeBackup(
  params: VrrpParams,
  reason: Reason,
  atLeast: Millis,
  now: Instant,
): VrrpStep {
  const listens = listening(params, params.interval, now);
  const notBefore = later(now, atLeast);
  const masterDownAt = listens.masterDownAt > notBefore ? listens.masterDownAt : notBefore;
  return {
    state: { ...listens, masterDownAt },
    effects: [tellState(params, reason, 'backup')],
  };
}

/** A backup that has heard nobody yet. */
export function listening(params: VrrpParams, masterInterval: Millis, now: Instant): Backup {
  return {
    name: 'backup',
    masterDownAt: later(now, masterDownInterval(params, masterInterval)),
    masterInterval,
    master: undefined,
    outranked: undefined,
    resigned: 'no',
    lookedAgain: 'no',
  };
}

/** `interval`: other than its own where it asks for more patience. */
export function advertise(params: VrrpParams, interval: Millis = params.interval): VrrpEffect {
  return { kind: 'send-advert', priority: spokenBy(params), interval };
}

/** What a master is called in its adverts. */
export function spokenBy({ spoken, priority }: VrrpParams): number {
  return spoken ?? priority;
}

export function tell(notice: Notice): VrrpEffect {
  return { kind: 'tell', notice };
}

export function tellState(params: VrrpParams, reason: Reason, to: RoleName): VrrpEffect {
  return tell({
    event: 'vrrp.state',
    group: params.group,
    from: reason.from,
    to,
    cause: reason.cause,
  });
}
