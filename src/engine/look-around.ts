/** What a daemon finds when it starts: links, and what a former life left in the kernel. */
import type { Ip } from '../base/ip.js';
import type { Instant } from '../base/time.js';
import { earliest, later } from '../base/time.js';
import type { GroupFound } from '../core/group-state.js';
import type { HeldAddress } from '../ports/address-table.js';
import type { GroupPlan } from './group-plan.js';
import type { EnginePorts } from './ports.js';

type LookAroundPorts = Pick<EnginePorts, 'clock' | 'addresses' | 'links' | 'leases'>;

/**
 * One finding a group. A group may be adopted only if every one of its addresses is still held and its lease still
 * runs: then the peer, whose patience is longer, waits still, unless it missed the last advert. The group gives the
 * adoption up if it hears a master before.
 */
export async function lookAround(
  plans: readonly GroupPlan[],
  ports: LookAroundPorts,
): Promise<readonly GroupFound[]> {
  // Read before the question: an answer that comes late, or a freeze meanwhile, must not prolong a lease.
  const askedAt = ports.clock.now();
  const remaining = await ports.leases.remaining();
  const running = remaining.ok ? [...remaining.value] : [];
  const leases = new Map(running.map(([address, left]) => [address, later(askedAt, left)]));
  return Promise.all(plans.map((plan) => lookAt(plan, leases, ports)));
}

/** Removes addresses that carry our mark but that no group wants any more: an earlier configuration's. */
export async function removeStrays(
  plans: readonly GroupPlan[],
  { addresses, log }: Pick<EnginePorts, 'addresses' | 'log'>,
): Promise<void> {
  const wanted = new Set(plans.flatMap((plan) => plan.addresses.map(keyOf)));
  const names = plans.flatMap((plan) => [
    ...plan.instances.map((instance) => instance.interface),
    ...plan.addresses.map((address) => address.interface),
  ]);
  for (const name of new Set(names)) {
    const held = await addresses.held(name);
    const strays = held.ok
      ? held.value.filter((each) => each.ours && !wanted.has(keyOf(each)))
      : [];
    for (const stray of strays) {
      log.tell({ event: 'address.stray', interface: name, address: stray.cidr.address });
      await addresses.release(stray);
    }
  }
}

async function lookAt(
  plan: GroupPlan,
  leases: ReadonlyMap<Ip, Instant>,
  ports: LookAroundPorts,
): Promise<GroupFound> {
  const holders = new Set(plan.addresses.map((address) => address.interface));
  const [links, held] = await Promise.all([
    Promise.all(plan.instances.map((instance) => ports.links.state(instance.interface))),
    Promise.all([...holders].map((name) => ports.addresses.held(name))),
  ]);
  const here = new Set(held.flatMap((each) => (each.ok ? each.value : [])).map(keyOf));
  const present = plan.addresses.filter((address) => here.has(keyOf(address)));
  const complete = present.length === plan.addresses.length;
  return {
    links,
    leftOver: present.length > 0 ? 'yes' : 'no',
    leaseUntil: complete ? shortestLease(plan, leases) : undefined,
  };
}

/** Undefined unless every address has a lease that runs. */
function shortestLease(plan: GroupPlan, leases: ReadonlyMap<Ip, Instant>): Instant | undefined {
  const ends = plan.addresses.map((address) => leases.get(address.cidr.address));
  return ends.includes(undefined) ? undefined : earliest(...ends);
}

function keyOf(address: Pick<HeldAddress, 'interface' | 'cidr'>): string {
  return `${address.interface} ${address.cidr.address}`;
}
