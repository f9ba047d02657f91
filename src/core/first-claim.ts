/**
 * Before a node claims addresses from nobody it asks the link who has them (RFC 5227 §2.1, RFC 4862 §5.4): a machine
 * that answers is a mistake of somebody's, or a master whose adverts do not arrive. The questions fit into the time in
 * which a backup listens anyway, so they delay nothing.
 */
import type { Ip } from '../base/ip.js';
import type { MacAddress } from '../base/mac.js';
import type { Instant } from '../base/time.js';
import { later, longer, millis, scale, shorter } from '../base/time.js';
import type { Notice } from './notice.js';
import type { VrrpParams } from './vrrp-state.js';
import { masterDownInterval } from './vrrp-timing.js';

export interface FirstClaim {
  readonly nextProbeAt: Instant;
  /** Who answered since the listening began. */
  readonly conflict: AddressClaim | undefined;
  /** The last conflict that people were told of. */
  readonly told: AddressClaim | undefined;
}

/** Some machine says that it has one of the addresses. */
export interface AddressClaim {
  readonly address: Ip;
  readonly mac: MacAddress;
}

/** The first question is asked now, the others while the node listens. */
export function beginProbing(params: VrrpParams, now: Instant): FirstClaim {
  return { nextProbeAt: nextProbe(params, now), conflict: undefined, told: undefined };
}

/** One more question is asked now. */
export function probed(params: VrrpParams, claim: FirstClaim, now: Instant): FirstClaim {
  return { ...claim, nextProbeAt: nextProbe(params, now) };
}

/** The addresses are not claimed; the link is asked again while the node listens once more. */
export function putOff(params: VrrpParams, claim: FirstClaim, now: Instant): FirstClaim {
  return {
    nextProbeAt: nextProbe(params, now),
    conflict: undefined,
    told: claim.conflict ?? claim.told,
  };
}

/** What to tell people of a conflict, once for each machine. */
export function conflictNotice(group: string, { conflict, told }: FirstClaim): Notice | undefined {
  return conflict === undefined || isSame(conflict, told)
    ? undefined
    : { event: 'address.duplicate', group, ...conflict, outcome: 'not claimed' };
}

function isSame(a: AddressClaim, b: AddressClaim | undefined): boolean {
  return a.address === b?.address && a.mac === b.mac;
}

function nextProbe(params: VrrpParams, now: Instant): Instant {
  const share = scale(masterDownInterval(params, params.interval), 1 / PROBES);
  return later(now, shorter(longer(share, SHORTEST_PAUSE), LONGEST_PAUSE));
}

/** In the time that a backup listens: RFC 5227 §1.1 asks three times too. */
const PROBES = 4;
const SHORTEST_PAUSE = millis(10);
const LONGEST_PAUSE = millis(1000);
