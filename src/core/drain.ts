/**
 * What a node still serves of a group that it has given away: counted until nothing is left, or its time is over, and
 * then reset. Its clients hear of that at once; an address that only disappears would leave them hanging.
 */
import type { Instant, Millis } from '../base/time.js';
import { between, earliest, later, longer, millis, scale, shorter } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';

export type Drain = Draining | DrainOver;

export interface Draining {
  readonly name: 'draining';
  readonly began: Instant;
  /** The kernel serves on no longer. */
  readonly until: Instant;
  /** `resetting`: its time is over. */
  readonly phase: 'serving' | 'resetting';
  /** Undefined while a look is under way. */
  readonly nextLookAt: Instant | undefined;
  /** What was open at first, and last; undefined: not known yet. */
  readonly first: number | undefined;
  readonly open: number | undefined;
  /** Why the last look came to nothing. */
  readonly problem: string | undefined;
}

export interface DrainOver {
  readonly name: 'over';
  /** `taken back`: this node owns the addresses again, and serves on as their owner. */
  readonly outcome: 'drained' | 'reset' | 'taken back' | 'not known';
  readonly first: number | undefined;
  /** Connections that were reset. */
  readonly reset: number;
  readonly at: Instant;
  readonly after: Millis;
  readonly problem: string | undefined;
}

export type DrainEvent =
  | { readonly kind: 'alarm' }
  | { readonly kind: 'counted'; readonly open: number; readonly took: Millis }
  | { readonly kind: 'uncounted'; readonly detail: string }
  | { readonly kind: 'was-reset'; readonly count: number }
  | { readonly kind: 'taken-back' };

/** `look`: count what is open. `reset`: reset what is, and say how much that was. */
export type DrainEffect =
  | { readonly kind: 'look' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'tell'; readonly notice: DrainNotice };

export type DrainNotice =
  | { readonly event: 'connections.drained'; readonly first: number; readonly after: Millis }
  | { readonly event: 'connections.reset'; readonly count: number; readonly after: Millis }
  | { readonly event: 'connections.uncounted'; readonly detail: string };

export interface DrainStep {
  readonly state: Drain;
  readonly effects: readonly DrainEffect[];
}

/** The addresses are about to go: nothing is looked at before they have gone, because nothing may delay that. */
export function beginDrain(lasting: Millis, now: Instant): Draining {
  return {
    ...{ name: 'draining', phase: 'serving' },
    began: now,
    until: later(now, lasting),
    nextLookAt: later(now, FIRST_LOOK_AFTER),
    ...{ first: undefined, open: undefined, problem: undefined },
  };
}

/** When it wants to be woken; undefined once it is over. */
export function drainDeadline(drain: Drain): Instant | undefined {
  return drain.name === 'over' || drain.phase === 'resetting'
    ? undefined
    : earliest(drain.nextLookAt, resetTime(drain));
}

export function stepDrain(drain: Drain, event: DrainEvent, now: Instant): DrainStep {
  if (drain.name === 'over') {
    return { state: drain, effects: [] };
  }
  switch (event.kind) {
    case 'alarm':
      return woken(drain, now);
    case 'counted':
      return counted(drain, event, now);
    case 'uncounted':
      return uncounted(drain, event.detail, now);
    case 'was-reset':
      return wasReset(drain, event.count, now);
    case 'taken-back':
      return { state: over(drain, { outcome: 'taken back' }, now), effects: [] };
    default:
      return unreachable(event);
  }
}

function woken(drain: Draining, now: Instant): DrainStep {
  if (drain.phase === 'resetting') {
    return { state: drain, effects: [] };
  }
  if (now >= resetTime(drain)) {
    return { state: { ...drain, phase: 'resetting' }, effects: [{ kind: 'reset' }] };
  }
  const { nextLookAt } = drain;
  return nextLookAt !== undefined && now >= nextLookAt
    ? { state: { ...drain, nextLookAt: undefined }, effects: [{ kind: 'look' }] }
    : { state: drain, effects: [] };
}

/** Nothing open in the very first moment proves little: a client's last packet may be on its way through the proxy. */
function counted(
  drain: Draining,
  { open, took }: Extract<DrainEvent, { kind: 'counted' }>,
  now: Instant,
): DrainStep {
  const first = drain.first ?? open;
  if (open === 0 && between(drain.began, now) >= LOOK_EVERY) {
    const after = between(drain.began, now);
    return {
      state: over({ ...drain, first, problem: undefined }, { outcome: 'drained' }, now),
      effects: [{ kind: 'tell', notice: { event: 'connections.drained', first, after } }],
    };
  }
  return {
    state: {
      ...drain,
      ...{ first, open, problem: undefined },
      nextLookAt: later(now, longer(scale(took, PAUSE_OF_LOOK), LOOK_EVERY)),
    },
    effects: [],
  };
}

/** Told once; what is open is not known, and has its time all the same. */
function uncounted(drain: Draining, detail: string, now: Instant): DrainStep {
  const notice: DrainNotice = { event: 'connections.uncounted', detail };
  const effects: readonly DrainEffect[] =
    drain.problem === undefined ? [{ kind: 'tell', notice }] : [];
  const known: Draining = { ...drain, open: undefined, problem: detail };
  return drain.phase === 'resetting'
    ? { state: over(known, { outcome: 'not known' }, now), effects }
    : { state: { ...known, nextLookAt: later(now, LOOK_EVERY) }, effects };
}

function wasReset(drain: Draining, count: number, now: Instant): DrainStep {
  const after = between(drain.began, now);
  const first = drain.first ?? count;
  const state = over(
    { ...drain, first },
    { outcome: count === 0 ? 'drained' : 'reset', count },
    now,
  );
  const notice: DrainNotice =
    count === 0
      ? { event: 'connections.drained', first, after }
      : { event: 'connections.reset', count, after };
  return { state, effects: [{ kind: 'tell', notice }] };
}

function over(
  { began, first, problem }: Draining,
  { outcome, count = 0 }: { readonly outcome: DrainOver['outcome']; readonly count?: number },
  now: Instant,
): DrainOver {
  return {
    name: 'over',
    outcome,
    first,
    reset: count,
    at: now,
    after: between(began, now),
    problem,
  };
}

/** While the kernel still lets the reset out in the address's name, and passes on what clients send meanwhile. */
function resetTime({ began, until }: Draining): Instant {
  const lasting = between(began, until);
  return later(began, millis(lasting - shorter(RESET_BEFORE, scale(lasting, 1 / 2))));
}

const FIRST_LOOK_AFTER = millis(100);
const LOOK_EVERY = millis(1000);
/** The kernel walks through all sockets of the node: that may take a twentieth of the time at the most. */
const PAUSE_OF_LOOK = 20;
const RESET_BEFORE = millis(200);
