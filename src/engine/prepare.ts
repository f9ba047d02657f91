/** What the kernel must be like before a daemon takes part: its settings, and the rules that enforce leases. */
import type { Family, Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { done } from '../base/result.js';
import { millis } from '../base/time.js';
import type { KernelRefusal } from '../ports/address-table.js';
import type { GuardOrder } from '../ports/lease-table.js';
import type { Sysctls } from '../ports/sysctl.js';
import { PARENT_SETTINGS } from '../ports/virtual-interfaces.js';
import type { LeaseStatus } from '../telemetry/status.js';
import type { GroupPlan } from './group-plan.js';
import type { EnginePorts } from './ports.js';

/** Every address of this node that the kernel shall be silent for unless its lease runs. */
export function guarded(plans: readonly GroupPlan[]): GuardOrder {
  return {
    addresses: plans.flatMap(addressesOf),
    unaccepted: plans.filter(({ accept }) => !accept).flatMap(addressesOf),
  };
}

function addressesOf({ addresses }: GroupPlan): readonly Ip[] {
  return addresses.map(({ cidr }) => cidr.address);
}

/** Sets what is not set yet, and tells; what the kernel refuses is told too, and the daemon goes on. */
export async function prepareSysctls(
  plans: readonly GroupPlan[],
  binding: 'proxy' | 'nothing',
  { sysctls, log }: Pick<EnginePorts, 'log'> & { readonly sysctls: Sysctls },
): Promise<void> {
  const interfaces = (family: Family): readonly string[] => [
    ...new Set(
      plans
        .flatMap(({ instances }) => instances.filter((each) => each.family === family))
        .map((each) => each.interface.replaceAll('.', '/')),
    ),
  ];
  const families: readonly Family[] = ['ipv4', 'ipv6'];
  const parents = plans.flatMap(({ instances }) =>
    instances.flatMap((each) =>
      each.family === 'ipv4' && each.virtualInterface !== undefined ? [each.interface] : [],
    ),
  );
  const wanted: readonly Setting[] = [
    // The proxy binds the virtual addresses on both nodes, before either owns them.
    ...(binding === 'proxy'
      ? families
          .filter((family) => interfaces(family).length > 0)
          .map((family) => [`net.${family}.ip_nonlocal_bind`, '1'] as const)
      : []),
    // Otherwise removing a primary address takes every secondary of its network along: a network manager that renews
    // the node's own address would take the virtual one, and, once they changed places, a release would take the node's.
    ...interfaces('ipv4').map(
      (name) => [`net.ipv4.conf.${name}.promote_secondaries`, '1'] as const,
    ),
    ...[...new Set(parents)].flatMap((name) =>
      [...PARENT_SETTINGS].map(
        ([key, value]) => [`net.ipv4.conf.${name.replaceAll('.', '/')}.${key}`, value] as const,
      ),
    ),
  ];
  for (const [name, value] of wanted) {
    const current = await sysctls.read(name);
    if (current.ok && current.value === value) {
      continue;
    }
    const written = await sysctls.write(name, value);
    log.tell(
      written.ok
        ? { event: 'sysctl.changed', name, value }
        : { event: 'sysctl.refused', name, detail: written.error.detail },
    );
  }
}

/** A name and what it shall be. */
type Setting = readonly [string, string];

/** Makes the interfaces that addresses with a MAC of their own live on, and removes those that none wants any more. */
export async function prepareInterfaces(
  plans: readonly GroupPlan[],
  { virtualInterfaces, log }: Pick<EnginePorts, 'virtualInterfaces' | 'log'>,
): Promise<Result<undefined, KernelRefusal>> {
  const wanted = plans.flatMap(({ instances }) =>
    instances.flatMap(({ virtualInterface }) =>
      virtualInterface === undefined ? [] : [virtualInterface],
    ),
  );
  const known = await virtualInterfaces.ours();
  const names = new Set(wanted.map(({ name }) => name));
  const strays = known.ok ? known.value.filter(({ name }) => !names.has(name)) : [];
  for (const { name } of strays) {
    const removed = await virtualInterfaces.remove(name);
    log.tell({
      event: 'interface.stray',
      interface: name,
      detail: removed.ok ? 'removed' : removed.error.detail,
    });
  }
  for (const each of wanted) {
    const made = await virtualInterfaces.ensure(each);
    if (!made.ok) {
      return made;
    }
  }
  return done;
}

/** When this node's duty ends. */
export async function removeInterfaces(
  plans: readonly GroupPlan[],
  { virtualInterfaces }: Pick<EnginePorts, 'virtualInterfaces'>,
): Promise<void> {
  for (const { virtualInterface } of plans.flatMap(({ instances }) => instances)) {
    if (virtualInterface !== undefined) {
      await virtualInterfaces.remove(virtualInterface.name);
    }
  }
}

/**
 * Which layers of the lease are in force. Rules of a former life may be there although they could not be written
 * anew: then leases must be renewed all the same, or the kernel would be silent for an owner that believes it answers.
 */
export async function guard(
  plans: readonly GroupPlan[],
  { leases, log }: Pick<EnginePorts, 'leases' | 'log'>,
): Promise<LeaseStatus['layers']> {
  const answer = await leases.guard(guarded(plans));
  if (answer.ok) {
    const detail = 'nftables enforces the lease';
    log.tell({ event: 'lease.layers', layers: 'lease and backstop', detail });
    return 'lease and backstop';
  }
  const tables = await leases.renew([NOBODY], millis(1));
  // A kernel that does not answer may well have them.
  const there = tables.ok || tables.error.code === 'no-answer';
  const layers = there ? 'lease and backstop' : 'backstop only';
  log.tell({ event: 'lease.layers-reduced', layers, detail: answer.error.detail });
  return layers;
}

/** An address that is nobody's, to find out whether the sets are there. */
const NOBODY = '0.0.0.0' as Ip;
