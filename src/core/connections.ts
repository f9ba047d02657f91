/**
 * Connections that outlive a planned move: the node that lets a group go serves on what it has, and the one that takes
 * it passes on to it what arrives for that. Only between the two nodes of a pair, and only while both say that they do
 * so: to another router, or to one that has gone, packets would be passed for nothing.
 */
import type { Ip } from '../base/ip.js';
import type { PeerLife } from './fault-detector.js';
import type { GroupParams } from './group-params.js';
import type { GroupState } from './group-state.js';
import type { GroupView } from './peer-view.js';
import type { VrrpEffect, VrrpState } from './vrrp-state.js';

/** The other node's address, while its daemon lives and says that it keeps connections. */
export function keeperOf({
  life,
  view,
}: {
  readonly life: PeerLife;
  readonly view: GroupView | undefined;
}): Ip | undefined {
  const speaks = life.name === 'fresh' || life.name === 'late';
  return speaks && view?.keeps === true ? view.address : undefined;
}

/**
 * The other node's duty ends, so nobody serves on what it had. A daemon that falls silent is no such thing: its kernel
 * and its proxy may be well.
 */
export function endConnections(
  { vrrp, keeper }: Pick<GroupState, 'vrrp' | 'keeper'>,
  { life }: { readonly life: PeerLife },
): readonly VrrpEffect[] {
  const leaves = life.name === 'goodbye' && life.why === 'stopping';
  return leaves && keeper !== undefined && vrrp.name === 'master'
    ? [{ kind: 'end-connections' }]
    : [];
}

/** What a step does, and what becomes of the connections in it. */
export function withConnections(
  { keepConnections: lasting }: GroupParams,
  { vrrp: before, keeper }: Pick<GroupState, 'vrrp' | 'keeper'>,
  after: VrrpState,
  effects: readonly VrrpEffect[],
): readonly VrrpEffect[] {
  if (lasting === undefined || keeper === undefined) {
    return effects;
  }
  if (isOwner(before) && after.name === 'backup' && after.master?.address === keeper) {
    // Before the release, so that no packet falls between the two.
    return [{ kind: 'leave-connections', lasting }, ...effects];
  }
  return after.name === 'master' && formerOwner(before) === keeper
    ? [...effects, { kind: 'take-connections', lasting }]
    : effects;
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
