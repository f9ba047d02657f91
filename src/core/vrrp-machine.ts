/**
 * The state machine of one virtual router (RFC 9568 §6.4), with the lease and the graceful resignation that are ours.
 * It decides and does nothing else: events in, next state and effects out.
 */
import type { Instant } from '../base/time.js';
import { earliest } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import { leaseRuns } from './lease.js';
import { fromBackup } from './vrrp-backup.js';
import { afterLostLease, fromMaster } from './vrrp-master.js';
import { fromResigning } from './vrrp-resigning.js';
import type { VrrpEvent, VrrpParams, VrrpState, VrrpStep } from './vrrp-state.js';
import { becomeBackup, becomeMaster, stay } from './vrrp-transitions.js';

/** The next state, and what is to be done. */
export function step(
  params: VrrpParams,
  state: VrrpState,
  event: VrrpEvent,
  now: Instant,
): VrrpStep {
  switch (state.name) {
    case 'initialize':
      return fromInitialize(params, state, event, now);
    case 'backup':
      return fromBackup(params, state, event, now);
    case 'master':
      return leaseRuns(state.leaseUntil, now)
        ? fromMaster(params, state, event, now)
        : afterLostLease(params, state, event, now);
    case 'resigning':
      return fromResigning(params, state, event, now);
    default:
      return unreachable(state);
  }
}

/** When `step` wants an `alarm` event; a spurious or early one does no harm. */
export function deadline(state: VrrpState): Instant | undefined {
  switch (state.name) {
    case 'initialize':
      return undefined;
    case 'backup':
      return state.masterDownAt;
    case 'master':
      return earliest(state.nextAdvertAt, state.announcements?.nextAt);
    case 'resigning':
      return state.until;
    default:
      return unreachable(state);
  }
}

/** RFC 9568 §6.4.1; an address owner (priority 255) is never configured here, so everybody begins as backup. */
function fromInitialize(
  params: VrrpParams,
  state: VrrpState,
  event: VrrpEvent,
  now: Instant,
): VrrpStep {
  switch (event.kind) {
    case 'startup':
      return becomeBackup(
        params,
        { from: event.from, cause: 'listening first' },
        event.listenFor,
        now,
      );
    case 'adopt':
      return becomeMaster(params, { from: 'starting', cause: 'adopted a running lease' }, now);
    case 'advert':
    case 'alarm':
    case 'resign':
    case 'hand-over':
    case 'shutdown':
    case 'hold-again':
    case 'held':
    case 'master-died':
    case 'reconfigured':
      return stay(state);
    default:
      return unreachable(event);
  }
}
