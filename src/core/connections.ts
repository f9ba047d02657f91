/**
 * Connections that outlive a planned move: the node that lets a group go serves on what it has, and the one that takes
 * it passes on to it what arrives for that. Only between the two nodes of a pair, and only while both say that they do
 * so and are well: to another router, or to a node that has gone, packets would be passed for nothing.
 */
import type { Ip } from '../base/ip.js';
import type { Millis } from '../base/time.js';
import { shorter } from '../base/time.js';
import type { PeerLife } from './fault-detector.js';
import type { GroupParams, Keeper } from './group-params.js';
import type { GroupState } from './group-state.js';
import type { GroupView } from './peer-view.js';
import type { VrrpEffect, VrrpState } from './vrrp-state.js';

interface Word {
  readonly life: PeerLife;
  readonly view: GroupView | undefined;
}

/** What its daemon says while it lives and takes part; the same object while that is the same. */
export function keeperOf(known: Keeper | undefined, { life, view }: Word): Keeper | undefined {
  const speaks = life.name === 'fresh' || life.name === 'late';
  if (!speaks || view?.keeps === undefined || !takesPart(view)) {
    return undefined;
  }
  return known !== undefined && isSame(known, view.keeps) ? known : view.keeps;
}

/**
 * The other node serves on no more: its duty has ended, or its daemon has begun anew. One that only falls silent is no
 * such thing: its kernel and its proxy may be well.
 */
export function endConnections(
  { vrrp, keeper }: Pick<GroupState, 'vrrp' | 'keeper'>,
  { life, view }: Word,
): readonly VrrpEffect[] {
  const hasEnded =
    life.name === 'goodbye' || (life.name === 'fresh' && view !== undefined && !takesPart(view));
  return hasEnded && keeper !== undefined && vrrp.name === 'master'
    ? [{ kind: 'end-connections' }]
    : [];
}

/** What a step does, and what becomes of the connections in it. */
export function withConnections(
  { keepConnections }: GroupParams,
  { vrrp: before, keeper }: Pick<GroupState, 'vrrp' | 'keeper'>,
  after: VrrpState,
  effects: readonly VrrpEffect[],
): readonly VrrpEffect[] {
  if (keepConnections === undefined || keeper === undefined) {
    return effects;
  }
  const moved = {
    others: keeper.addresses,
    lasting: shorter(keepConnections.lasting, keeper.lasting),
  };
  if (isOwner(before) && after.name === 'backup' && isKeeper(keeper, after.master?.address)) {
    // Before the release, so that no packet falls between the two.
    return [{ kind: 'leave-connections', ...moved }, ...effects];
  }
  return after.name === 'master' && isKeeper(keeper, formerOwner(before))
    ? [...effects, { kind: 'take-connections', ...moved }]
    : effects;
}

/** What would become of the group's open connections if it moved on purpose now. */
export type ConnectionsFate =
  | { readonly kind: 'kept'; readonly lasting: Millis }
  /** And why, although they are to be kept. */
  | { readonly kind: 'cut'; readonly why: string };

/** Undefined where nobody wants them kept. `refused`: what keeps this node from it. */
export function fateOfConnections(
  { keepConnections }: GroupParams,
  { keeper }: Pick<GroupState, 'keeper'>,
  refused: string | undefined,
): ConnectionsFate | undefined {
  if (refused !== undefined) {
    return { kind: 'cut', why: `this node cannot keep them: ${refused}` };
  }
  if (keepConnections === undefined) {
    return undefined;
  }
  return keeper === undefined
    ? { kind: 'cut', why: 'the other node does not say that it keeps them too' }
    : { kind: 'kept', lasting: shorter(keepConnections.lasting, keeper.lasting) };
}

/** From whom a backup takes over that lives and knows; a master that fell silent has no connections any more. */
function formerOwner(before: VrrpState): Ip | undefined {
  if (before.name !== 'backup') {
    return undefined;
  }
  return before.resigned === 'yes' ? before.master?.address : before.outranked?.address;
}

function isOwner({ name }: VrrpState): boolean {
  return name === 'master' || name === 'resigning';
}

function isKeeper({ addresses }: Keeper, address: Ip | undefined): boolean {
  return address !== undefined && addresses.includes(address);
}

function takesPart({ role }: GroupView): boolean {
  return role === 'backup' || role === 'master' || role === 'resigning';
}

function isSame(one: Keeper, other: Keeper): boolean {
  return one.lasting === other.lasting && one.addresses.join() === other.addresses.join();
}
