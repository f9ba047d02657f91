/** What has to be known to tell a node's steps in words: who it is, what it moves, and how its clock reads. */
import type { Ip } from '../base/ip.js';
import type { Instant } from '../base/time.js';
import { between } from '../base/time.js';
import { invariant } from '../base/unreachable.js';
import type { GroupParams } from '../core/group-params.js';
import type { GroupState } from '../core/group-state.js';
import type { NodeEffect, NodeEvent, NodeParams, NodeState } from '../core/node.js';
import type { VrrpEffect } from '../core/vrrp-state.js';

export interface Scene {
  readonly params: NodeParams;
  /** The virtual addresses, group by group. */
  readonly addresses: readonly (readonly Ip[])[];
  /** How an instant reads: since some origin, or as the time of day. */
  readonly clock: (at: Instant) => string;
}

/** One step of a node: what went into `stepNode`, and what came out of it. */
export interface Happened {
  readonly before: NodeState;
  readonly event: NodeEvent;
  readonly now: Instant;
  readonly after: NodeState;
  readonly effects: readonly NodeEffect[];
}

/** One group of a scene. */
export interface GroupScene {
  readonly params: GroupParams;
  readonly addresses: readonly Ip[];
  readonly clock: (at: Instant) => string;
}

/** What a step of the node was to one of its groups. */
export interface GroupChange {
  readonly before: GroupState;
  /** Undefined where it happened to another group. */
  readonly event: NodeEvent | undefined;
  readonly now: Instant;
  readonly after: GroupState;
  readonly effects: readonly VrrpEffect[];
  /** Of the node, afterwards. */
  readonly phase: NodeState['phase'];
}

/** A clock that reads seconds since `origin`, such as `3.500 s`. */
export function secondsSince(origin: Instant): (at: Instant) => string {
  return (at) => `${(between(origin, at) / 1000).toFixed(3)} s`;
}

export function groupScene(scene: Scene, index: number): GroupScene {
  const params = scene.params.groups[index];
  const addresses = scene.addresses[index];
  invariant(params !== undefined && addresses !== undefined, 'a scene tells of all its groups');
  return { params, addresses, clock: scene.clock };
}

export function groupChange(happened: Happened, index: number): GroupChange {
  const before = happened.before.groups[index];
  const after = happened.after.groups[index];
  invariant(before !== undefined && after !== undefined, 'every group has a state');
  const effects = happened.effects.flatMap((effect) =>
    effect.kind === 'group' && effect.group === index ? [effect.effect] : [],
  );
  const { event, now } = happened;
  const concerns = !('group' in event) || event.group === index;
  return {
    before,
    event: concerns ? event : undefined,
    now,
    after,
    effects,
    phase: happened.after.phase,
  };
}
