/**
 * The life of the process that replicates stick tables: started, heard, ended where it falls silent, and started again
 * with growing patience. Nothing of an election waits for it.
 */
import type { Instant, Millis } from '../base/time.js';
import { between, later, millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';

export type ReplicatorLife =
  | { readonly name: 'off' }
  | {
      readonly name: 'running';
      readonly since: Instant;
      /** It is ended where it has not reported by then. */
      readonly silentAt: Instant;
      /** How often in a row it has ended soon after its start. */
      readonly failures: number;
    }
  /** It was killed, and has not ended yet. */
  | { readonly name: 'ending'; readonly failures: number }
  | {
      readonly name: 'waiting';
      readonly retryAt: Instant;
      readonly failures: number;
      /** Why it ended. */
      readonly how: string;
    };

export type ReplicatorEvent =
  | { readonly kind: 'begin' }
  | { readonly kind: 'reported' }
  | { readonly kind: 'ended'; readonly how: string }
  | { readonly kind: 'alarm' }
  | { readonly kind: 'stop' };

export type ReplicatorEffect =
  | { readonly kind: 'start' }
  | { readonly kind: 'kill' }
  /** Its input ends, and so does it. */
  | { readonly kind: 'end' }
  | { readonly kind: 'tell-silent'; readonly after: Millis }
  | { readonly kind: 'tell-ended'; readonly how: string; readonly retryIn: Millis };

export interface ReplicatorStep {
  readonly state: ReplicatorLife;
  readonly effects: readonly ReplicatorEffect[];
}

export const OFF: ReplicatorLife = { name: 'off' };

/** The next state, and what is to be done. An event that no longer fits the state changes nothing. */
export function stepReplicator(
  state: ReplicatorLife,
  event: ReplicatorEvent,
  now: Instant,
): ReplicatorStep {
  switch (event.kind) {
    case 'begin':
      return state.name === 'off' ? start(0, now) : stay(state);
    case 'reported':
      return state.name === 'running'
        ? { state: { ...state, silentAt: later(now, REPORT_PATIENCE) }, effects: [] }
        : stay(state);
    case 'ended':
      return state.name === 'running' || state.name === 'ending'
        ? ended(state, event.how, now)
        : stay(state);
    case 'alarm':
      return onAlarm(state, now);
    case 'stop':
      return { state: OFF, effects: state.name === 'running' ? [{ kind: 'end' }] : [] };
    default:
      return unreachable(event);
  }
}

/** When an `alarm` is wanted. */
export function replicatorDeadline(state: ReplicatorLife): Instant | undefined {
  switch (state.name) {
    case 'off':
    case 'ending':
      return undefined;
    case 'running':
      return state.silentAt;
    case 'waiting':
      return state.retryAt;
    default:
      return unreachable(state);
  }
}

function onAlarm(state: ReplicatorLife, now: Instant): ReplicatorStep {
  if (state.name === 'running' && now >= state.silentAt) {
    if (between(state.silentAt, now) > FROZEN_FOR) {
      // This daemon stood still itself: what the replicator said meanwhile has not been read yet.
      return { state: { ...state, silentAt: later(now, REPORT_PATIENCE) }, effects: [] };
    }
    return {
      // That it had run for long is no credit: it hangs.
      state: { name: 'ending', failures: state.failures },
      effects: [{ kind: 'tell-silent', after: REPORT_PATIENCE }, { kind: 'kill' }],
    };
  }
  return state.name === 'waiting' && now >= state.retryAt
    ? start(state.failures, now)
    : stay(state);
}

function start(failures: number, now: Instant): ReplicatorStep {
  return {
    state: { name: 'running', since: now, silentAt: later(now, REPORT_PATIENCE), failures },
    effects: [{ kind: 'start' }],
  };
}

function ended(
  state: Extract<ReplicatorLife, { readonly name: 'running' | 'ending' }>,
  how: string,
  now: Instant,
): ReplicatorStep {
  const ranWell = state.name === 'running' && between(state.since, now) >= RAN_WELL;
  const failures = ranWell ? 0 : state.failures;
  const retryIn = millis(Math.min(RETRY_LAST, RETRY_FIRST * 2 ** Math.min(failures, MOST_DOUBLED)));
  return {
    state: { name: 'waiting', retryAt: later(now, retryIn), failures: failures + 1, how },
    effects: [{ kind: 'tell-ended', how, retryIn }],
  };
}

function stay(state: ReplicatorLife): ReplicatorStep {
  return { state, effects: [] };
}

/** It reports once a second, and loads in half a second; a machine that is busy with a million rows may take some. */
const REPORT_PATIENCE = millis(10_000);
/** An alarm that rings so late was not waited for by anybody. */
const FROZEN_FOR = millis(1000);
/** While it is away nothing is lost that a resync does not bring back, so the first try may be soon. */
const RETRY_FIRST = millis(250);
const RETRY_LAST = millis(30_000);
const MOST_DOUBLED = 10;
const RAN_WELL = millis(60_000);
