/**
 * A push, decided. On the node that is pushed to: received, checked, installed, watched, and kept or rolled back. On the
 * other: which of the two goes first.
 */
import type { Instant, Millis } from '../base/time.js';
import { between, later, millis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import type { ProxyLook } from './push-watch.js';
import { fallenSince } from './push-watch.js';

/** How it ended. `failed`: the former files could not be put back, and a person must. */
export interface PushEnd {
  readonly id: string;
  readonly outcome: 'kept' | 'rolled back' | 'failed';
  /** A sentence; empty where it was kept. */
  readonly why: string;
}

export type PushState =
  | { readonly name: 'idle'; readonly last: PushEnd | undefined }
  /** Nothing has been touched yet; what nobody goes on with is forgotten. */
  | { readonly name: 'receiving' | 'checked'; readonly id: string; readonly until: Instant }
  | { readonly name: 'checking'; readonly id: string }
  | { readonly name: 'installing' | 'reloading'; readonly id: string; readonly before: ProxyLook }
  | {
      readonly name: 'watching';
      readonly id: string;
      readonly before: ProxyLook;
      readonly until: Instant;
      /** Undefined while it serves. */
      readonly silentSince: Instant | undefined;
    }
  /** `reload`: the proxy has loaded what is taken back. */
  | {
      readonly name: 'rolling back';
      readonly id: string;
      readonly why: string;
      readonly proxy: 'untouched' | 'to be reloaded';
    };

export type PushEvent =
  | { readonly kind: 'begun'; readonly id: string }
  /** Something more of it has arrived. */
  | { readonly kind: 'heard' }
  | { readonly kind: 'check-asked' }
  | { readonly kind: 'check-passed' }
  | { readonly kind: 'check-refused' }
  | { readonly kind: 'install-asked'; readonly id: string; readonly before: ProxyLook }
  | { readonly kind: 'installed' }
  /** What was there is there again. */
  | { readonly kind: 'install-refused'; readonly why: string }
  | { readonly kind: 'reloaded' }
  /** The former one goes on serving; `to be reloaded`: for all that is known, another may follow it yet. */
  | {
      readonly kind: 'reload-refused';
      readonly why: string;
      readonly proxy: In<'rolling back'>['proxy'];
    }
  | { readonly kind: 'looked'; readonly look: ProxyLook }
  | { readonly kind: 'restored' }
  | { readonly kind: 'restore-failed'; readonly why: string }
  | { readonly kind: 'kept' }
  | { readonly kind: 'keep-refused'; readonly why: string }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'alarm' };

export type PushEffect =
  | { readonly kind: 'check' | 'install' | 'reload' | 'look' | 'keep' | 'restore' | 'forget' }
  | { readonly kind: 'ended'; readonly end: PushEnd };

export interface PushStep {
  readonly state: PushState;
  readonly effects: readonly PushEffect[];
}

export const AT_REST: PushState = { name: 'idle', last: undefined };

/** Why another push cannot begin; undefined: it can, and what nobody has installed yet gives way to it. */
export function busyWith(state: PushState): string | undefined {
  return state.name === 'idle' || state.name === 'receiving' || state.name === 'checked'
    ? undefined
    : `a push is ${state.name} there already`;
}

/** Until when nothing more may be heard of it; undefined where the node itself has something to do. */
export function pushDeadline(state: PushState): Instant | undefined {
  return state.name === 'receiving' || state.name === 'checked' ? state.until : undefined;
}

/** What does not fit the state changes nothing: it is the end of something that was given up. */
export function stepPush(
  state: PushState,
  event: PushEvent,
  { now, watch }: { readonly now: Instant; readonly watch: Millis },
): PushStep {
  switch (state.name) {
    case 'idle':
      return whileIdle(state, event, now);
    case 'receiving':
    case 'checked':
      return whileWaiting(state, event, now);
    case 'checking':
      return whileChecking(state, event, now);
    case 'installing':
      return whileInstalling(state, event);
    case 'reloading':
      return whileReloading(state, event, later(now, watch));
    case 'watching':
      return whileWatching(state, event, now);
    case 'rolling back':
      return whileRollingBack(state, event);
    default:
      return unreachable(state);
  }
}

type In<Name extends PushState['name']> = Extract<PushState, { readonly name: Name }>;

function whileIdle(state: In<'idle'>, event: PushEvent, now: Instant): PushStep {
  if (event.kind === 'begun') {
    return receiving(event.id, now);
  }
  // What is put back was checked when it was put there first.
  return event.kind === 'install-asked' ? installing(event) : stay(state);
}

function whileWaiting(
  state: In<'receiving' | 'checked'>,
  event: PushEvent,
  now: Instant,
): PushStep {
  if (event.kind === 'begun') {
    return receiving(event.id, now);
  }
  if (event.kind === 'install-asked') {
    return installing(event);
  }
  if (event.kind === 'heard') {
    return stay({ ...state, until: later(now, PATIENCE) });
  }
  if (event.kind === 'check-asked') {
    return { state: { name: 'checking', id: state.id }, effects: [{ kind: 'check' }] };
  }
  const isOver = event.kind === 'dropped' || (event.kind === 'alarm' && now >= state.until);
  return isOver ? forgotten() : stay(state);
}

function whileChecking(state: In<'checking'>, event: PushEvent, now: Instant): PushStep {
  if (event.kind === 'check-passed') {
    return stay({ name: 'checked', id: state.id, until: later(now, PATIENCE) });
  }
  return event.kind === 'check-refused' ? forgotten() : stay(state);
}

function whileInstalling(state: In<'installing' | 'reloading'>, event: PushEvent): PushStep {
  if (event.kind === 'installed') {
    return { state: { ...state, name: 'reloading' }, effects: [{ kind: 'reload' }] };
  }
  return event.kind === 'install-refused'
    ? over({ id: state.id, outcome: 'rolled back', why: event.why })
    : stay(state);
}

function whileReloading(
  state: In<'installing' | 'reloading'>,
  event: PushEvent,
  until: Instant,
): PushStep {
  const { id, before } = state;
  if (event.kind === 'reloaded') {
    return {
      state: { name: 'watching', id, before, until, silentSince: undefined },
      effects: [{ kind: 'look' }],
    };
  }
  return event.kind === 'reload-refused' ? rollBack(id, event.why, event.proxy) : stay(state);
}

function whileWatching(state: In<'watching'>, event: PushEvent, now: Instant): PushStep {
  if (event.kind === 'kept') {
    return over({ id: state.id, outcome: 'kept', why: '' });
  }
  if (event.kind === 'keep-refused') {
    return rollBack(state.id, event.why, 'to be reloaded');
  }
  if (event.kind !== 'looked') {
    return stay(state);
  }
  const { look } = event;
  const why = fallenSince(state.before, look);
  const silentSince = look.serves === 'no' ? (state.silentSince ?? now) : undefined;
  // A proxy that was just reloaded may not answer for a moment; a server that it found down is down.
  const isPatient = silentSince !== undefined && between(silentSince, now) < MOST_SILENCE;
  if (why !== undefined && !isPatient) {
    return rollBack(state.id, why, 'to be reloaded');
  }
  const isOver = now >= state.until && why === undefined;
  return {
    state: { ...state, silentSince },
    effects: [{ kind: isOver ? 'keep' : 'look' }],
  };
}

function whileRollingBack(state: In<'rolling back'>, event: PushEvent): PushStep {
  const { id, why, proxy } = state;
  if (event.kind === 'restored' && proxy === 'to be reloaded') {
    return { state, effects: [{ kind: 'reload' }] };
  }
  if (event.kind === 'restored' || event.kind === 'reloaded') {
    return over({ id, outcome: 'rolled back', why });
  }
  if (event.kind === 'reload-refused') {
    return failed(id, `${why}; HAProxy was not reloaded with the former files: ${event.why}`);
  }
  return event.kind === 'restore-failed'
    ? failed(id, `${why}; the former files could not be put back: ${event.why}`)
    : stay(state);
}

function installing({ id, before }: Extract<PushEvent, { kind: 'install-asked' }>): PushStep {
  return { state: { name: 'installing', id, before }, effects: [{ kind: 'install' }] };
}

function receiving(id: string, now: Instant): PushStep {
  return {
    state: { name: 'receiving', id, until: later(now, PATIENCE) },
    effects: [{ kind: 'forget' }],
  };
}

function rollBack(id: string, why: string, proxy: In<'rolling back'>['proxy']): PushStep {
  return { state: { name: 'rolling back', id, why, proxy }, effects: [{ kind: 'restore' }] };
}

function forgotten(): PushStep {
  return { state: AT_REST, effects: [{ kind: 'forget' }] };
}

function failed(id: string, why: string): PushStep {
  return over({ id, outcome: 'failed', why });
}

function over(end: PushEnd): PushStep {
  return {
    state: { name: 'idle', last: end },
    effects: [{ kind: 'forget' }, { kind: 'ended', end }],
  };
}

function stay(state: PushState): PushStep {
  return { state, effects: [] };
}

/** The node that serves nobody takes new files first; where both serve, or it is said so, the other one does. */
export function firstOf({ here, there, to }: PushRoles): 'here' | 'there' | 'refused' {
  if (there.length === 0) {
    return 'there';
  }
  if (to === 'standby') {
    return 'refused';
  }
  return here.length === 0 ? 'here' : 'there';
}

export interface PushRoles {
  /** Groups that this node is master of. */
  readonly here: readonly string[];
  readonly there: readonly string[];
  readonly to: 'standby' | 'active';
}

/** Why this node cannot give its groups to the other one between the two halves of a push; undefined: it can. */
export function whyNotGiven({
  here,
  there,
}: Pick<PushRoles, 'here' | 'there'>): string | undefined {
  if (there.length > 0) {
    return `the other node is master of ${there.join(', ')}, so it serves with the new files at once`;
  }
  return here.length === 0 ? 'this node is master of nothing that it could give' : undefined;
}

/** For the next word of a push that has touched nothing yet. */
const PATIENCE = millis(60_000);
/** A HAProxy that was just reloaded answers within this. */
const MOST_SILENCE = millis(2000);
