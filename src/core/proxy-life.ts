/**
 * The life of the supervised proxy: looked for, checked, started, watched, and started again with growing patience.
 * It serves only while it is known to answer. That of a proxy that systemd runs is in `adopted-proxy.ts`.
 */
import type { Instant, Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import { invariant, unreachable } from '../base/unreachable.js';
import { stepAdopted } from './adopted-proxy.js';
import {
  answered,
  CRASH_LOOP_DEATHS,
  CRASH_LOOP_WINDOW,
  move,
  probeDue,
  proxyDeadline,
  serving,
  stay,
  tellState,
  unansweredText,
  withDeath,
} from './proxy-probe.js';
import type { Deaths, ProxyEvent, ProxyParams, ProxyState, ProxyStep } from './proxy-state.js';

/** A daemon that has just been started, and has not looked yet. */
export const SEEKING: Extract<ProxyState, { name: 'seeking' }> = {
  name: 'seeking',
  deaths: [],
  connectAt: undefined,
  giveUpAt: undefined,
};

/** The next state, and what is to be done. An event that no longer fits the state changes nothing. */
export function stepProxy(
  params: ProxyParams,
  state: ProxyState,
  event: ProxyEvent,
  now: Instant,
): ProxyStep {
  return params.run === 'systemd'
    ? stepAdopted(params, state, event, now)
    : stepSupervised(params, state, event, now);
}

function stepSupervised(
  params: ProxyParams,
  state: ProxyState,
  event: ProxyEvent,
  now: Instant,
): ProxyStep {
  switch (event.kind) {
    case 'begin':
      return onBegin(state, now);
    case 'connected':
      return onConnected(params, state, event.pid, now);
    case 'connect-refused':
      return onConnectRefused(state, event, now);
    case 'connection-ended':
      return onExited(state, 'the process is gone', now);
    case 'answered':
      return onAnswered(params, state, event, now);
    case 'check-passed':
      return onCheckPassed(state, event, now);
    case 'replicator-ready':
      return onReplicatorReady(state, now);
    case 'check-refused':
    case 'start-refused':
      return onRefused(state, event.detail, now);
    case 'started':
      return onStarted(state, now);
    case 'exited':
      return onExited(state, event.how, now);
    case 'killed':
      return onKilled(state, now);
    case 'alarm':
      return onAlarm(params, state, now);
    default:
      return unreachable(event);
  }
}

function onBegin(state: ProxyState, now: Instant): ProxyStep {
  return state.name === 'seeking'
    ? {
        state: { ...state, giveUpAt: later(now, SEEK_PATIENCE) },
        effects: [{ kind: 'proxy-connect' }],
      }
    : stay(state);
}

function onConnected(params: ProxyParams, state: ProxyState, pid: number, now: Instant): ProxyStep {
  if (state.name !== 'seeking' && state.name !== 'starting') {
    return { state, effects: [{ kind: 'proxy-disconnect' }] };
  }
  const cause = state.name === 'seeking' ? 'found running' : 'started';
  const next = serving(params, state, pid, now);
  return { state: next, effects: [tellState(state, next, cause)] };
}

function onConnectRefused(
  state: ProxyState,
  { found, detail }: Extract<ProxyEvent, { kind: 'connect-refused' }>,
  now: Instant,
): ProxyStep {
  if (state.name === 'seeking') {
    const patient = state.giveUpAt !== undefined && now < state.giveUpAt;
    return found === 'silent' && patient
      ? // It may serve and be busy: to end it would cut every connection it has.
        { state: { ...state, connectAt: later(now, SEEK_EVERY) }, effects: [] }
      : // Whatever is left, a frozen one included, holds the ports that the next one needs.
        move(
          state,
          { name: 'ending', deaths: state.deaths, cause: detail, then: 'check' },
          detail,
          [{ kind: 'proxy-kill' }],
        );
  }
  if (state.name !== 'starting') {
    return stay(state);
  }
  return now >= state.giveUpAt
    ? died(state, `not answering ${String(START_PATIENCE)} ms after its start: ${detail}`, now)
    : { state: { ...state, connectAt: later(now, CONNECT_EVERY) }, effects: [] };
}

function onAnswered(
  params: ProxyParams,
  state: ProxyState,
  { by }: Extract<ProxyEvent, { kind: 'answered' }>,
  now: Instant,
): ProxyStep {
  return state.name === 'serving' ? answered(params, state, by, now) : stay(state);
}

function onCheckPassed(
  state: ProxyState,
  { replicator }: Extract<ProxyEvent, { kind: 'check-passed' }>,
  now: Instant,
): ProxyStep {
  if (state.name !== 'checking') {
    return stay(state);
  }
  if (replicator === 'awaited') {
    // It dials its peers once, and then every five seconds, in which it would serve without their tables.
    const startAt = later(now, REPLICATOR_PATIENCE);
    return move(
      state,
      { name: 'holding', deaths: state.deaths, startAt },
      'replicator awaited',
      [],
    );
  }
  return startNow(state, 'its configuration is valid', now);
}

function onReplicatorReady(state: ProxyState, now: Instant): ProxyStep {
  return state.name === 'holding' ? startNow(state, 'the replicator listens', now) : stay(state);
}

function startNow(
  state: Extract<ProxyState, { name: 'checking' | 'holding' }>,
  cause: string,
  now: Instant,
): ProxyStep {
  const next: ProxyState = {
    name: 'starting',
    deaths: state.deaths,
    connectAt: undefined,
    giveUpAt: later(now, START_PATIENCE),
  };
  return move(state, next, cause, [{ kind: 'proxy-start' }]);
}

function onStarted(state: ProxyState, now: Instant): ProxyStep {
  return state.name === 'starting'
    ? { state: { ...state, connectAt: later(now, CONNECT_EVERY) }, effects: [] }
    : stay(state);
}

/** Its configuration or its program is at fault: trying faster would not mend it. */
function onRefused(state: ProxyState, detail: string, now: Instant): ProxyStep {
  if (state.name !== 'checking' && state.name !== 'starting') {
    return stay(state);
  }
  const next: ProxyState = {
    name: 'waiting',
    deaths: state.deaths,
    cause: detail,
    retryAt: later(now, RETRY_REFUSED),
  };
  return move(state, next, 'refused', [
    { kind: 'tell', notice: { event: 'proxy.refused', detail } },
  ]);
}

function onExited(state: ProxyState, how: string, now: Instant): ProxyStep {
  return state.name === 'starting' || state.name === 'serving'
    ? died(state, how, now)
    : stay(state);
}

function onKilled(state: ProxyState, now: Instant): ProxyStep {
  if (state.name !== 'ending') {
    return stay(state);
  }
  if (state.then === 'check') {
    return move(state, { name: 'checking', deaths: state.deaths }, 'nothing runs', [
      { kind: 'proxy-check' },
    ]);
  }
  const { deaths, cause } = state;
  const retryIn = patience(deaths);
  const next: ProxyState = { name: 'waiting', deaths, cause, retryAt: later(now, retryIn) };
  const loops = deaths.length >= CRASH_LOOP_DEATHS;
  return move(
    state,
    next,
    cause,
    loops
      ? [{ kind: 'tell', notice: { event: 'proxy.crash-loop', deaths: deaths.length, retryIn } }]
      : [],
  );
}

function onAlarm(params: ProxyParams, state: ProxyState, now: Instant): ProxyStep {
  const due = proxyDeadline(state);
  if (due === undefined || now < due) {
    return stay(state);
  }
  if (state.name === 'waiting') {
    return move(state, { name: 'checking', deaths: state.deaths }, 'trying again', [
      { kind: 'proxy-check' },
    ]);
  }
  if (state.name === 'holding') {
    return startNow(state, `no replicator within ${String(REPLICATOR_PATIENCE)} ms`, now);
  }
  if (state.name === 'seeking') {
    return { state: { ...state, connectAt: undefined }, effects: [{ kind: 'proxy-connect' }] };
  }
  if (state.name === 'starting') {
    return state.connectAt === undefined
      ? died(state, `not started within ${String(START_PATIENCE)} ms`, now)
      : { state: { ...state, connectAt: undefined }, effects: [{ kind: 'proxy-connect' }] };
  }
  invariant(state.name === 'serving', 'the other states have no deadline');
  const step = probeDue(params, state, now);
  return step === 'unanswered' ? died(state, unansweredText(params), now) : step;
}

/** It is of no use any more, dead or not: end what is left, and remember when. */
function died(
  state: Exclude<ProxyState, { name: 'none' }>,
  cause: string,
  now: Instant,
): ProxyStep {
  const deaths = withDeath(state.deaths, now);
  return move(state, { name: 'ending', deaths, cause, then: 'wait' }, cause, [
    { kind: 'proxy-disconnect' },
    { kind: 'proxy-kill' },
  ]);
}

/** Doubles with each recent death; a crash loop waits out its whole window. */
function patience(deaths: Deaths): Millis {
  return deaths.length >= CRASH_LOOP_DEATHS
    ? CRASH_LOOP_WINDOW
    : millis(FIRST_RESTART * 2 ** Math.max(0, deaths.length - 1));
}

const FIRST_RESTART = millis(100);
const RETRY_REFUSED = millis(5000);
const CONNECT_EVERY = millis(20);
const START_PATIENCE = millis(5000);
/** As long as a proxy is given to start: one that runs already deserves no less. */
const SEEK_PATIENCE = START_PATIENCE;
const SEEK_EVERY = millis(100);
/** A process is loaded in half a second; one that takes longer is not worth an outage. */
const REPLICATOR_PATIENCE = millis(2000);
