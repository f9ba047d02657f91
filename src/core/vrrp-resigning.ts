/** A master on its way out: it has said priority 0 and waits, still answering, for its successor. */
import type { Instant } from '../base/time.js';
import { between, centisToMillis, later } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import { leaseRuns, resignLease } from './lease.js';
import { PRIORITY_RESIGNS } from '../wire/vrrp.js';
import type {
  Heard,
  Resigning,
  ResignPurpose,
  VrrpEffect,
  VrrpEvent,
  VrrpParams,
  VrrpStep,
} from './vrrp-state.js';
import { LATE, LOOK_AGAIN, becomeMaster, listening, stay, tellState } from './vrrp-transitions.js';

export function fromResigning(
  params: VrrpParams,
  state: Resigning,
  event: VrrpEvent,
  now: Instant,
): VrrpStep {
  switch (event.kind) {
    case 'advert':
      return event.advert.priority === PRIORITY_RESIGNS
        ? stay(state)
        : succeeded(params, state, event, now);
    case 'alarm':
      return leaseRuns(state.until, now) ? stay(state) : nobodyCame(params, state, now);
    case 'shutdown':
    case 'hand-over':
      return leave(params, state, event.kind);
    case 'resign':
      return resignAgain(state, event.purpose);
    case 'hold-again':
      return {
        state,
        effects: [
          {
            kind: 'hold',
            lease: resignLease(between(now, state.until), params.interval),
            confirm: 'needless',
          },
        ],
      };
    case 'startup':
    case 'adopt':
    case 'held':
    case 'reconfigured':
    case 'master-died':
      return stay(state);
    default:
      return unreachable(event);
  }
}

function succeeded(params: VrrpParams, state: Resigning, heard: Heard, now: Instant): VrrpStep {
  const cause = `${heard.source} took over`;
  if (state.purpose === 'stop') {
    return stopped(params, cause);
  }
  // As from any advert, but whatever the successor's priority: it was asked to take over.
  const masterInterval = centisToMillis(heard.advert.maxAdvertInterval);
  const backup = listening(params, masterInterval, now);
  const master = { address: heard.source, priority: heard.advert.priority };
  return {
    state: { ...backup, master },
    effects: [
      { kind: 'release' },
      tellState(params, { from: 'resigning', cause }, 'backup'),
      {
        kind: 'switchover-ended',
        outcome: { kind: 'moved', to: heard.source, within: between(state.since, now) },
      },
    ],
  };
}

/**
 * A switchover to nobody is undone; a stop goes on. A process that woke late first reads what may lie in the socket;
 * one that slept for an interval has lost its lease, and listens.
 */
function nobodyCame(params: VrrpParams, state: Resigning, now: Instant): VrrpStep {
  if (state.purpose === 'stop') {
    return stopped(params, 'nobody took over');
  }
  const ended: VrrpEffect = {
    kind: 'switchover-ended',
    outcome: { kind: 'undone', reason: 'no other node took over' },
  };
  const lateFor = between(state.until, now);
  if (lateFor > LATE && state.lookedAgain === 'no' && lateFor < params.interval) {
    return { state: { ...state, until: later(now, LOOK_AGAIN), lookedAgain: 'yes' }, effects: [] };
  }
  if (lateFor >= params.interval) {
    return {
      state: listening(params, params.interval, now),
      effects: [
        { kind: 'release' },
        tellState(params, { from: 'resigning', cause: 'lease lost' }, 'backup'),
        ended,
      ],
    };
  }
  const again = becomeMaster(params, { from: 'resigning', cause: 'no other node took over' }, now);
  return { state: again.state, effects: [...again.effects, ended] };
}

/** A stop outranks everything else, whichever was asked for first; whoever asked for a switchover is told. */
function resignAgain(state: Resigning, purpose: ResignPurpose): VrrpStep {
  return state.purpose !== 'stop' && purpose === 'stop'
    ? { state: { ...state, purpose }, effects: [LEFT] }
    : stay(state);
}

function leave(params: VrrpParams, state: Resigning, how: 'shutdown' | 'hand-over'): VrrpStep {
  const step = stopped(params, how);
  return state.purpose === 'stop' ? step : { ...step, effects: [...step.effects, LEFT] };
}

function stopped(params: VrrpParams, cause: string): VrrpStep {
  return {
    state: { name: 'initialize' },
    effects: [{ kind: 'release' }, tellState(params, { from: 'resigning', cause }, 'stopped')],
  };
}

const LEFT: VrrpEffect = {
  kind: 'switchover-ended',
  outcome: { kind: 'undone', reason: 'this node left the group' },
};
