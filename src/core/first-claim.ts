/**
 * Before a node claims addresses from nobody it asks the link who has them (RFC 5227 §2.1, RFC 4862 §5.4): a machine
 * that answers is a mistake of somebody's, or a master whose adverts do not arrive. The questions fit into the time in
 * which a backup listens anyway, so they delay nothing.
 */
import type { Instant } from '../base/time.js';
import { later, longer, millis, scale, shorter } from '../base/time.js';
import type { AddressClaim } from './address-claim.js';
import type { Notice } from './notice.js';
import type { VrrpParams } from './vrrp-state.js';
import { masterDownInterval } from './vrrp-timing.js';

export interface FirstClaim {
  readonly probedAt: Instant;
  readonly nextProbeAt: Instant;
  /** Who answered to one of the last two questions: a master that has just died answers until its lease ends. */
  readonly conflict: Conflict | undefined;
  /** The last conflict that people were told of. */
  readonly told: AddressClaim | undefined;
}

export interface Conflict extends AddressClaim {
  readonly heardAt: Instant;
}

/** The first question is asked now, the others while the node listens. */
export function beginProbing(params: VrrpParams, now: Instant): FirstClaim {
  return { ...asking(params, now), conflict: undefined, told: undefined };
}

/** One more question is asked now. An answer to the last but one is too old to count. */
export function probed(params: VrrpParams, claim: FirstClaim, now: Instant): FirstClaim {
  const { conflict } = claim;
  const isOld = conflict !== undefined && conflict.heardAt < claim.probedAt;
  return { ...claim, ...asking(params, now), conflict: isOld ? undefined : conflict };
}

/** Somebody answered. */
export function answered(claim: FirstClaim, by: AddressClaim, now: Instant): FirstClaim {
  return { ...claim, conflict: { address: by.address, mac: by.mac, heardAt: now } };
}

/** The addresses are not claimed until nobody answers any more. */
export function putOff(claim: FirstClaim): FirstClaim {
  return { ...claim, told: claim.conflict ?? claim.told };
}

/** What to tell people of a conflict, once for each machine. */
export function conflictNotice(group: string, { conflict, told }: FirstClaim): Notice | undefined {
  if (conflict === undefined || isSame(conflict, told)) {
    return undefined;
  }
  const { address, mac } = conflict;
  return { event: 'address.duplicate', group, address, mac, outcome: 'not claimed' };
}

function isSame(a: AddressClaim, b: AddressClaim | undefined): boolean {
  return a.address === b?.address && a.mac === b.mac;
}

function asking(params: VrrpParams, now: Instant): Pick<FirstClaim, 'probedAt' | 'nextProbeAt'> {
  const share = scale(masterDownInterval(params, params.interval), 1 / PROBES);
  const pause = shorter(longer(share, SHORTEST_PAUSE), LONGEST_PAUSE);
  return { probedAt: now, nextProbeAt: later(now, pause) };
}

/** In the time that a backup listens: RFC 5227 §1.1 asks three times. */
const PROBES = 6;
const SHORTEST_PAUSE = millis(10);
const LONGEST_PAUSE = millis(500);
