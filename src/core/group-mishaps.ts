/** What a group does when the machine beneath it does not do as it is asked. */
import type { Ip } from '../base/ip.js';
import type { Instant } from '../base/time.js';
import { between, later, millis, scale } from '../base/time.js';
import type { GroupParams } from './group-params.js';
import { run } from './group-router.js';
import type { GroupState, GroupStep } from './group-state.js';
import type { Notice } from './notice.js';

/** An advert could not be sent: a master that is not heard has a rival soon, so it must not stay one. */
export function muted(
  params: GroupParams,
  state: GroupState,
  detail: string,
  now: Instant,
): GroupStep {
  const window = scale(params.interval, SEND_FAILURES + 1);
  const recent = state.sendFailures.filter((at) => between(at, now) < window);
  const last = recent.at(-1);
  if (last !== undefined && between(last, now) < ONE_ADVERT) {
    return { state, effects: [] };
  }
  const sendFailures = [...recent, now].slice(-SEND_FAILURES);
  const next: GroupState = { ...state, sendFailures };
  return sendFailures.length < SEND_FAILURES
    ? { state: next, effects: [] }
    : rest(
        { ...next, sendFailures: [] },
        {
          cause: 'adverts cannot be sent',
          told: { event: 'vrrp.mute', group: params.group, detail },
        },
        now,
      );
}

/** The kernel would not hold the addresses: another node must, so stop speaking for them. */
export function refused(
  params: GroupParams,
  state: GroupState,
  detail: string,
  now: Instant,
): GroupStep {
  const told: Notice = { event: 'address.refused', group: params.group, detail };
  return rest(state, { cause: 'the kernel refused an address', told }, now);
}

/** Somebody removed an address that we hold: put it back at once, a bounded number of times. */
export function removed(
  params: GroupParams,
  state: GroupState,
  address: Ip,
  now: Instant,
): GroupStep {
  if (state.vrrp.name !== 'master' && state.vrrp.name !== 'resigning') {
    return { state, effects: [] };
  }
  const recent = state.removals.filter((at) => between(at, now) < REMOVAL_WINDOW);
  const removals = [...recent, now].slice(-REMOVALS_REPAIRED - 1);
  const repair = removals.length <= REMOVALS_REPAIRED;
  const told: Notice = repair
    ? { event: 'address.removed', group: params.group, address }
    : { event: 'address.stolen', group: params.group, address, times: removals.length };
  // Past the bound the address still comes back, but no sooner than the next advert.
  const repaired = repair
    ? run(params, { ...state, removals }, { kind: 'hold-again' }, now)
    : { state: { ...state, removals }, effects: [] };
  const worthTelling = repair || recent.length === REMOVALS_REPAIRED;
  return {
    state: repaired.state,
    effects: worthTelling
      ? [{ kind: 'tell', notice: told }, ...repaired.effects]
      : repaired.effects,
  };
}

/** Takes no part for a while; only a master that cannot be one has reason to. */
function rest(
  state: GroupState,
  { cause, told }: { readonly cause: string; readonly told: Notice },
  now: Instant,
): GroupStep {
  if (state.vrrp.name !== 'master' && state.vrrp.name !== 'resigning') {
    return { state, effects: [] };
  }
  return {
    state: { ...state, rest: { until: later(now, REST), cause } },
    effects: [{ kind: 'tell', notice: told }],
  };
}

const REST = millis(1000);
/** More removals than this within the window are somebody's doing, not an accident: an alarm, and no more haste. */
const REMOVALS_REPAIRED = 5;
const REMOVAL_WINDOW = millis(10_000);
/** In adverts. */
const SEND_FAILURES = 3;
/** An advert leaves on every instance, and may fail on each: within this time it is the same one, and no other. */
const ONE_ADVERT = millis(5);
