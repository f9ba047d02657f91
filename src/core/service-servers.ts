/**
 * How the servers of a service stand: whether they get new connections, and what becomes of those they have. What this node
 * sees counts; what it has not seen yet, the other node may have; and what nobody has seen serves.
 */
import type { Instant } from '../base/time.js';
import type { AdminState } from './intents.js';
import { readAdminState, readWeight, weightFor } from './intents.js';
import type { Sample, TrackedThing, TrackerState, Verdict } from './tracking.js';
import { newTracker, sample } from './tracking.js';

/** How many looks in a row change an opinion; undefined where nobody looks. */
export interface Patience {
  readonly rise: number;
  readonly fall: number;
}

export type Opinion = { readonly kind: 'up' } | { readonly kind: 'down'; readonly why: string };

/** What is known of one server. */
export interface ServerKnown {
  readonly tracker: TrackerState;
  /** Of the other node, as far as it has said so. */
  readonly peer: Opinion | undefined;
}

/** What operators want of it; undefined: nothing was said. */
export interface ServerWanted {
  readonly admin: { readonly value: string; readonly at: number } | undefined;
  readonly weight: { readonly value: string } | undefined;
}

export interface ServerStanding {
  readonly admin: AdminState;
  /** Undefined: nobody knows. */
  readonly opinion: Opinion | undefined;
  readonly by: 'this node' | 'the other node' | 'nobody';
  /** The configured weight is what counts for homes; this one is how much it gets. */
  readonly weight: number;
  readonly use: 'used' | 'unused';
}

export const UNSEEN: ServerKnown = { tracker: newTracker(), peer: undefined };

/** One look. `changed`: what this node thinks of it has. */
export function seeServer(
  { rise, fall }: Patience,
  known: ServerKnown,
  seen: Sample,
  now: Instant,
): { readonly known: ServerKnown; readonly changed: Opinion | undefined } {
  const thing: TrackedThing = {
    name: '',
    thing: { kind: 'neighbours', rise, fall },
    consequence: { kind: 'fault' },
  };
  const { state, changed } = sample(thing, known.tracker, seen, now);
  return {
    known: { ...known, tracker: state },
    changed: changed === undefined ? undefined : opinionOf(changed.to),
  };
}

/** What this node itself has seen. */
export function ownOpinion({ tracker }: ServerKnown): Opinion | undefined {
  return opinionOf(tracker.verdict);
}

/** All in one. `configured`: the weight of the file. */
export function standingOf(
  configured: number,
  known: ServerKnown,
  wanted: ServerWanted,
): ServerStanding {
  const own = ownOpinion(known);
  const opinion = own ?? known.peer;
  const admin = readAdminState(wanted.admin?.value ?? '') ?? 'ready';
  const stated = readWeight(wanted.weight?.value ?? '');
  const weight = stated === undefined ? configured : weightFor(stated, configured);
  const isUsed = admin === 'ready' && weight > 0 && opinion?.kind !== 'down';
  return {
    ...{ admin, opinion, weight },
    by: byWhom(own, known.peer),
    use: isUsed ? 'used' : 'unused',
  };
}

function byWhom(own: Opinion | undefined, peer: Opinion | undefined): ServerStanding['by'] {
  if (own !== undefined) {
    return 'this node';
  }
  return peer === undefined ? 'nobody' : 'the other node';
}

function opinionOf(verdict: Verdict): Opinion | undefined {
  if (verdict.kind === 'failing') {
    return { kind: 'down', why: verdict.why };
  }
  return verdict.kind === 'well' ? { kind: 'up' } : undefined;
}
