/**
 * The life of a proxy that systemd runs: looked for, watched, and looked for again. It serves only while it is known to
 * answer; whether and when it is started or ended is never ours to decide.
 */
import type { Instant } from '../base/time.js';
import { later, millis } from '../base/time.js';
import {
  answered,
  move,
  probeDue,
  proxyDeadline,
  serving,
  stay,
  tellState,
  unansweredText,
  withDeath,
} from './proxy-probe.js';
import type { ProxyEvent, ProxyParams, ProxyState, ProxyStep } from './proxy-state.js';

/** As `stepProxy`, which hands such proxies to it. Events of a proxy that is started by us change nothing. */
export function stepAdopted(
  params: ProxyParams,
  state: ProxyState,
  event: ProxyEvent,
  now: Instant,
): ProxyStep {
  if (event.kind === 'alarm') {
    return onAlarm(params, state, now);
  }
  if (event.kind === 'connected') {
    return onConnected(params, state, event.pid, now);
  }
  if (event.kind === 'connect-refused') {
    return onRefused(state, event, now);
  }
  if (event.kind === 'begin' && state.name === 'seeking') {
    return seek({ ...state, giveUpAt: later(now, PATIENCE) });
  }
  return state.name === 'serving' ? onNews(params, state, event, now) : stay(state);
}

function onNews(
  params: ProxyParams,
  state: Extract<ProxyState, { name: 'serving' }>,
  event: ProxyEvent,
  now: Instant,
): ProxyStep {
  if (event.kind === 'answered') {
    return answered(params, state, event.by, now);
  }
  return event.kind === 'connection-ended' ? lost(state, 'the process is gone', now) : stay(state);
}

function onConnected(params: ProxyParams, state: ProxyState, pid: number, now: Instant): ProxyStep {
  if (state.name !== 'seeking' && state.name !== 'waiting') {
    return { state, effects: [{ kind: 'proxy-disconnect' }] };
  }
  const next = serving(params, state, pid, now);
  return { state: next, effects: [tellState(state, next, 'found running')] };
}

function onRefused(
  state: ProxyState,
  { found, detail }: Extract<ProxyEvent, { kind: 'connect-refused' }>,
  now: Instant,
): ProxyStep {
  const retryAt = later(now, SEEK_EVERY);
  if (state.name === 'waiting') {
    return stay({ ...state, cause: detail, retryAt });
  }
  if (state.name !== 'seeking') {
    return stay(state);
  }
  // It may serve and be busy, and the address may be here.
  const patient = found === 'silent' && state.giveUpAt !== undefined && now < state.giveUpAt;
  return patient
    ? stay({ ...state, connectAt: retryAt })
    : move(state, { name: 'waiting', deaths: state.deaths, cause: detail, retryAt }, detail, []);
}

function onAlarm(params: ProxyParams, state: ProxyState, now: Instant): ProxyStep {
  const due = proxyDeadline(state);
  if (due === undefined || now < due) {
    return stay(state);
  }
  if (state.name === 'serving') {
    const step = probeDue(params, state, now);
    return step === 'unanswered' ? lost(state, unansweredText(params), now) : step;
  }
  if (state.name === 'seeking') {
    return seek({ ...state, connectAt: undefined });
  }
  // Should no word come of this attempt, another one follows.
  return state.name === 'waiting' ? seek({ ...state, retryAt: later(now, PATIENCE) }) : stay(state);
}

function seek(state: ProxyState): ProxyStep {
  return { state, effects: [{ kind: 'proxy-connect' }] };
}

/** Dead or hung: the address goes where another one answers, and systemd does what its unit says. */
function lost(
  state: Extract<ProxyState, { name: 'serving' }>,
  cause: string,
  now: Instant,
): ProxyStep {
  const next: ProxyState = {
    name: 'waiting',
    deaths: withDeath(state.deaths, now),
    cause,
    retryAt: later(now, SEEK_EVERY),
  };
  return move(state, next, cause, [{ kind: 'proxy-disconnect' }]);
}

/** Longer than an attempt to connect takes to fail, and what one that is busy is given at first. */
const PATIENCE = millis(5000);
const SEEK_EVERY = millis(100);
