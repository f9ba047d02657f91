/** What a daemon finds when it starts: links, and what a former life left in the kernel. */
import type { Ipv4 } from '../base/ipv4.js';
import type { Millis } from '../base/time.js';
import { shorter } from '../base/time.js';
import type { GroupFound } from '../core/group.js';
import type { AddressTable, HeldAddress, Links } from '../ports/address-table.js';
import type { LeaseTable } from '../ports/lease-table.js';
import type { GroupPlan } from './group-plan.js';

export interface LookAroundPorts {
  readonly addresses: AddressTable;
  readonly links: Links;
  readonly leases: LeaseTable;
}

/**
 * One finding a group. A group may be adopted only if every one of its addresses is still held and its lease still
 * runs: then the peer, whose patience is longer than the lease, cannot have taken over.
 */
export async function lookAround(
  plans: readonly GroupPlan[],
  ports: LookAroundPorts,
): Promise<readonly GroupFound[]> {
  const remaining = await ports.leases.remaining();
  const leases = remaining.ok ? remaining.value : new Map<Ipv4, Millis>();
  return Promise.all(plans.map((plan) => lookAt(plan, leases, ports)));
}

/** Removes addresses that carry our mark but that no group wants any more: an earlier configuration's. */
export async function removeStrays(
  plans: readonly GroupPlan[],
  addresses: AddressTable,
): Promise<void> {
  const wanted = new Set(plans.flatMap((plan) => plan.addresses.map(keyOf)));
  for (const name of new Set(plans.map((plan) => plan.interface))) {
    const held = await addresses.held(name);
    const strays = held.ok
      ? held.value.filter((each) => each.ours && !wanted.has(keyOf(each)))
      : [];
    await Promise.all(strays.map((stray) => addresses.release(stray)));
  }
}

async function lookAt(
  plan: GroupPlan,
  leases: ReadonlyMap<Ipv4, Millis>,
  ports: LookAroundPorts,
): Promise<GroupFound> {
  const [link, held] = await Promise.all([
    ports.links.state(plan.interface),
    ports.addresses.held(plan.interface),
  ]);
  const here = new Set((held.ok ? held.value : []).map(keyOf));
  const present = plan.addresses.filter((address) => here.has(keyOf(address)));
  const complete = present.length === plan.addresses.length;
  return {
    link,
    leftOver: present.length > 0 ? 'yes' : 'no',
    leaseLeft: complete ? shortestLease(plan, leases) : undefined,
  };
}

/** Undefined unless every address has a lease that runs. */
function shortestLease(plan: GroupPlan, leases: ReadonlyMap<Ipv4, Millis>): Millis | undefined {
  const left = plan.addresses.map((address) => leases.get(address.cidr.address));
  return left.reduce(
    (least, each) => (least === undefined || each === undefined ? undefined : shorter(least, each)),
    left[0],
  );
}

function keyOf(address: Pick<HeldAddress, 'interface' | 'cidr'>): string {
  return `${address.interface} ${address.cidr.address}`;
}
