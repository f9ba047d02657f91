/** What a backup does with what it hears, and with silence (RFC 9568 §6.4.2). */
import type { Instant } from '../base/time.js';
import { between, centisToMillis, later, longer } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import { PRIORITY_RESIGNS } from '../wire/vrrp.js';
import type { Backup, Heard, VrrpEffect, VrrpEvent, VrrpParams, VrrpStep } from './vrrp-state.js';
import {
  LATE,
  LOOK_AGAIN,
  becomeMaster,
  listening,
  stay,
  tell,
  tellState,
} from './vrrp-transitions.js';
import { masterDownInterval, skewTime } from './vrrp-timing.js';

export function fromBackup(
  params: VrrpParams,
  state: Backup,
  event: VrrpEvent,
  now: Instant,
): VrrpStep {
  switch (event.kind) {
    case 'advert':
      return onAdvert(params, state, event, now);
    case 'alarm':
      return onAlarm(params, state, now);
    case 'resign':
      // A backup has nothing to resign from; where it stops for good it simply falls silent.
      return event.purpose === 'stop' ? leave(params, 'stopping') : stay(state);
    case 'hand-over':
      return leave(params, 'handing over');
    case 'shutdown':
      return leave(params, 'shut down');
    case 'master-died':
      return onDeath(params, state, now);
    case 'reconfigured':
      // The owner's lease may still run by what it was.
      return stay(listening(params, longer(state.masterInterval, params.interval), now));
    case 'startup':
    case 'adopt':
    case 'hold-again':
    case 'held':
      return stay(state);
    default:
      return unreachable(event);
  }
}

function onAdvert(params: VrrpParams, state: Backup, heard: Heard, now: Instant): VrrpStep {
  const { advert, source } = heard;
  if (advert.priority === PRIORITY_RESIGNS) {
    // RFC 9568 §6.4.2: the master resigns, so wait only the skew. A sooner deadline is kept: a second resignation,
    // or one that anybody on the link repeats, must not put the take-over off.
    const skewed = later(now, skewTime(params, state.masterInterval));
    const masterDownAt = skewed < state.masterDownAt ? skewed : state.masterDownAt;
    return { state: { ...state, masterDownAt, resigned: 'yes' }, effects: [] };
  }
  if (advert.priority < params.priority && params.preempt === 'allowed') {
    // Discarded (RFC 9568 §6.4.2), so that the timer runs out; remembered for the people who ask why.
    return stay({ ...state, outranked: { address: source, priority: advert.priority } });
  }
  const masterInterval = centisToMillis(advert.maxAdvertInterval);
  // One router has an address on every instance; it is known by that on the leading one, where that is heard.
  const isKnown = heard.leads === 'no' && state.master !== undefined;
  const master = isKnown ? state.master : { address: source, priority: advert.priority };
  const isNew = state.master?.address !== master.address;
  return {
    state: {
      name: 'backup',
      masterDownAt: later(now, masterDownInterval(params, masterInterval)),
      masterInterval,
      master,
      outranked: undefined,
      resigned: 'no',
      lookedAgain: 'no',
    },
    effects: isNew
      ? [tell({ event: 'vrrp.master', group: params.group, source, priority: advert.priority })]
      : [],
  };
}

/**
 * The master is silent, or we were. An alarm that rings late by a whole master-down interval proves that this node
 * was frozen or starved, and says nothing about the master: listen again. One that is a little late first lets the
 * adverts in that may lie in the socket unread.
 */
function onAlarm(params: VrrpParams, state: Backup, now: Instant): VrrpStep {
  if (now < state.masterDownAt) {
    return stay(state);
  }
  const lateFor = between(state.masterDownAt, now);
  if (lateFor >= masterDownInterval(params, state.masterInterval)) {
    return {
      state: listening(params, state.masterInterval, now),
      effects: [tell({ event: 'vrrp.stalled', group: params.group, lateFor })],
    };
  }
  if (lateFor > LATE && state.lookedAgain === 'no') {
    return {
      state: { ...state, masterDownAt: later(now, LOOK_AGAIN), lookedAgain: 'yes' },
      effects: [],
    };
  }
  return becomeMaster(params, { from: 'backup', cause: silence(state) }, now);
}

function leave(params: VrrpParams, cause: string): VrrpStep {
  const effects: readonly VrrpEffect[] = [tellState(params, { from: 'backup', cause }, 'stopped')];
  return { state: { name: 'initialize' }, effects };
}

/** Nobody's death is news to a node that follows nobody. */
function onDeath(params: VrrpParams, state: Backup, now: Instant): VrrpStep {
  if (state.master === undefined) {
    return stay(state);
  }
  const cause = `master ${state.master.address} is silent, and so is its kernel`;
  return becomeMaster(params, { from: 'backup', cause }, now);
}

function silence(state: Backup): string {
  const { outranked } = state;
  if (outranked !== undefined) {
    return `takes over from ${outranked.address}, which has priority ${String(outranked.priority)}`;
  }
  if (state.master === undefined) {
    return 'no master heard';
  }
  return `master ${state.master.address} ${state.resigned === 'yes' ? 'resigned' : 'is silent'}`;
}
