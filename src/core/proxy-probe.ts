/** What the lives of a proxy have in common, whoever starts it: how it is asked whether it answers, and how steps are told. */
import type { Instant, Millis } from '../base/time.js';
import { between, later, millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { Deaths, ProxyEffect, ProxyParams, ProxyState, ProxyStep } from './proxy-state.js';

export function stay(state: ProxyState): ProxyStep {
  return { state, effects: [] };
}

export function move(
  from: ProxyState,
  to: ProxyState,
  cause: string,
  effects: readonly ProxyEffect[],
): ProxyStep {
  return { state: to, effects: [...effects, tellState(from, to, cause)] };
}

export function tellState(from: ProxyState, to: ProxyState, cause: string): ProxyEffect {
  return { kind: 'tell', notice: { event: 'proxy.state', from: from.name, to: to.name, cause } };
}

type Serving = Extract<ProxyState, { name: 'serving' }>;

/** It answers, and is asked again in a while. */
export function serving(
  params: ProxyParams,
  { deaths }: Exclude<ProxyState, { name: 'none' }>,
  pid: number,
  now: Instant,
): Serving {
  const probe = { kind: 'due', at: later(now, params.probeEvery) } as const;
  return { name: 'serving', deaths, pid, since: now, probe };
}

/** An answer arrived. `successor`: of the worker that a reload has put in the place of the one before. */
export function answered(
  params: ProxyParams,
  state: Serving,
  by: 'successor' | undefined,
  now: Instant,
): ProxyStep {
  return {
    state: { ...state, probe: { kind: 'due', at: later(now, params.probeEvery) } },
    effects: by === 'successor' ? [{ kind: 'tell', notice: { event: 'proxy.reloaded' } }] : [],
  };
}

/** It is time to ask, or the time for the answer is over: `unanswered` where that is the proxy's doing. */
export function probeDue(
  params: ProxyParams,
  state: Serving,
  now: Instant,
): ProxyStep | 'unanswered' {
  const { probe } = state;
  if (probe.kind === 'due') {
    const answerBy = later(now, params.probeTimeout);
    return {
      state: { ...state, probe: { kind: 'asked', answerBy, extended: 'no' } },
      effects: [{ kind: 'proxy-probe' }],
    };
  }
  // Our own lateness is not the proxy's: its answer may lie in the socket, unread.
  if (probe.extended === 'no' && between(probe.answerBy, now) > OWN_LATENESS) {
    const answerBy = later(now, params.probeTimeout);
    return {
      state: { ...state, probe: { kind: 'asked', answerBy, extended: 'yes' } },
      effects: [],
    };
  }
  return 'unanswered';
}

export function unansweredText({ probeTimeout }: ProxyParams): string {
  return `no answer within ${String(probeTimeout)} ms`;
}

export function proxyDeadline(state: ProxyState): Instant | undefined {
  switch (state.name) {
    case 'none':
    case 'checking':
    case 'ending':
      return undefined;
    case 'seeking':
      return state.connectAt;
    case 'starting':
      return state.connectAt ?? state.giveUpAt;
    case 'serving':
      return state.probe.kind === 'due' ? state.probe.at : state.probe.answerBy;
    case 'holding':
      return state.startAt;
    case 'waiting':
      return state.retryAt;
    default:
      return unreachable(state);
  }
}

/** The deaths of lately, with one more. */
export function withDeath(deaths: Deaths, now: Instant): Deaths {
  const lately = deaths.filter((at) => between(at, now) < CRASH_LOOP_WINDOW);
  return [...lately, now].slice(-CRASH_LOOP_DEATHS);
}

export const CRASH_LOOP_DEATHS = 5;
export const CRASH_LOOP_WINDOW: Millis = millis(60_000);
const OWN_LATENESS = millis(100);
