/** What would happen next in a group, in one sentence, by what this node knows of itself and of the other. */
import { unreachable } from '../base/unreachable.js';
import { IN_MAINTENANCE } from '../core/orders.js';
import type { OrdersStatus } from '../telemetry/orders.js';
import { pausedText } from '../telemetry/orders.js';
import type { GroupStatus, PeerGroupStatus, PeerStatus } from '../telemetry/status.js';

type OwnGroup = Pick<GroupStatus, 'name' | 'role' | 'fault' | 'kept' | 'failback'>;

/** `peer`: undefined where there is no pair channel. */
export function prospectOf(
  own: OwnGroup,
  peer: PeerStatus | undefined,
  orders: OrdersStatus,
): string {
  const paused = pausedText(orders);
  const says = ofRole(own, peer, orders);
  return paused === undefined ? says : `${says}; ${paused}`;
}

function ofRole(own: OwnGroup, peer: PeerStatus | undefined, orders: OrdersStatus): string {
  switch (own.role) {
    case 'master':
      return ofMaster(own, peer, orders);
    case 'backup':
      return own.failback.outlook ?? ofBackup(own, peer);
    case 'resigning':
      return 'gives the group away; without a successor it stays master';
    case 'fault':
      return `takes no part because of a fault: ${own.fault ?? 'none named'}; ${ownerText(own, peer)}`;
    case 'starting':
      return 'takes part as soon as it is known whether it is fit';
    case 'stopped':
      return 'takes no part any more: its daemon ends';
    default:
      return unreachable(own.role);
  }
}

function ofMaster(
  { name, kept }: OwnGroup,
  peer: PeerStatus | undefined,
  { paused }: OrdersStatus,
): string {
  if (kept === IN_MAINTENANCE) {
    return `is in maintenance, and gives the group away as soon as the other node is ready; ${successorText(name, peer)}`;
  }
  const why = paused === undefined ? ', because nobody is fitter' : '';
  const first = kept === undefined ? '' : `stays master although ${kept}${why}; `;
  return `${first}${successorText(name, peer)}`;
}

function successorText(name: string, peer: PeerStatus | undefined): string {
  if (peer === undefined) {
    return 'without a pair channel it is not known whether the other node would take over';
  }
  if (!speaks(peer)) {
    return `it is not known whether ${peer.node} would take over: its daemon is silent (${peer.life})`;
  }
  const group = groupOf(name, peer);
  if (group === undefined) {
    return `nobody would take over: ${peer.node} has no group of that name`;
  }
  return group.role === 'backup'
    ? `${peer.node} would take over if this node died${unfit(group)}`
    : `nobody would take over: ${peer.node} is ${roleText(group)}`;
}

function unfit({ health, kept }: PeerGroupStatus): string {
  return health.score === 0 ? `, unfit as it is${kept === undefined ? '' : `: ${kept}`}` : '';
}

function ofBackup({ name, kept }: OwnGroup, peer: PeerStatus | undefined): string {
  if (kept === IN_MAINTENANCE) {
    return 'is in maintenance, and would have the addresses only where nobody else could';
  }
  const asItIs = kept === undefined ? '' : `, unfit as it is: ${kept}`;
  if (peer !== undefined && speaks(peer) && groupOf(name, peer)?.role === 'master') {
    return `would take over if ${peer.node} died${asItIs}`;
  }
  return `would take over if the master fell silent${asItIs}`;
}

function ownerText({ name }: OwnGroup, peer: PeerStatus | undefined): string {
  const group = peer !== undefined && speaks(peer) ? groupOf(name, peer) : undefined;
  if (peer === undefined || group === undefined) {
    return 'it is not known whether the other node has the addresses';
  }
  return group.role === 'master'
    ? `${peer.node} has the addresses`
    : `nobody has the addresses: ${peer.node} is ${roleText(group)}`;
}

function roleText({ role, fault }: PeerGroupStatus): string {
  if (role === 'fault') {
    return fault === undefined ? 'in fault' : `in fault because of ${fault}`;
  }
  return role;
}

/** Its last word is worth something as long as its daemon is heard. */
function speaks({ word, life }: PeerStatus): boolean {
  return word === 'answer' || life === 'fresh' || life === 'late';
}

function groupOf(name: string, { groups }: PeerStatus): PeerGroupStatus | undefined {
  return groups.find((group) => group.name === name);
}
