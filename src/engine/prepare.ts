/** What the kernel must be like before a daemon takes part: its settings, and the rules that enforce leases. */
import type { Family, Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { done, fail } from '../base/result.js';
import { millis } from '../base/time.js';
import type { KernelRefusal } from '../ports/address-table.js';
import type { GuardOrder } from '../ports/lease-table.js';
import type { Sysctls } from '../ports/sysctl.js';
import { PARENT_SETTINGS } from '../ports/virtual-interfaces.js';
import type { LeaseStatus } from '../telemetry/status.js';
import type { GroupPlan, InstancePlan } from './group-plan.js';
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

/** A kernel setting that the daemon makes sure of. */
export interface Setting {
  /** As sysctl(8) has it; a slash stands for a dot inside an interface's name. */
  readonly name: string;
  readonly value: string;
  readonly why: string;
}

/** What the kernel must be set to for these groups, with the reason of each. */
export function wantedSettings(
  plans: readonly GroupPlan[],
  binding: 'proxy' | 'nothing',
): readonly Setting[] {
  const instances = plans.flatMap((each) => each.instances);
  const families: readonly Family[] = ['ipv4', 'ipv6'];
  const named = (some: readonly InstancePlan[]): readonly string[] => [
    ...new Set(some.map((each) => each.interface.replaceAll('.', '/'))),
  ];
  const ipv4 = instances.filter(({ family }) => family === 'ipv4');
  const keeping = plans
    .filter(({ vrrp }) => vrrp.keepConnections !== undefined)
    .flatMap((each) => each.instances.filter(({ family }) => family === 'ipv4'));
  const parents = ipv4.filter(({ virtualInterface }) => virtualInterface !== undefined);
  return [
    ...families
      .filter((each) => binding === 'proxy' && instances.some(({ family }) => family === each))
      .map((family) => ({
        name: `net.${family}.ip_nonlocal_bind`,
        value: '1',
        why: 'the proxy binds the virtual addresses on both nodes, before either owns them',
      })),
    // And, once they changed places, a release would take the node's own address.
    ...named(ipv4).map((name) => ({
      name: `net.ipv4.conf.${name}.promote_secondaries`,
      value: '1',
      why: "a network manager that renews the node's own address would take the virtual one along",
    })),
    ...named(keeping).flatMap((name) => [
      {
        name: `net.ipv4.conf.${name}.arp_announce`,
        value: '2',
        why: 'while open connections are kept, neighbours would be asked in the name of an address that has moved',
      },
      {
        name: `net.ipv4.conf.${name}.arp_ignore`,
        value: '1',
        why: 'while open connections are kept, the loopback interface has the address, and ARP would be answered for it should the rules of the lease be flushed',
      },
    ]),
    ...named(parents).flatMap((name) =>
      [...PARENT_SETTINGS].map(([key, value]) => ({
        name: `net.ipv4.conf.${name}.${key}`,
        value,
        why: 'the interface would answer ARP for the virtual address with its own MAC',
      })),
    ),
  ];
}

/** Sets what is not set yet, and tells; what the kernel refuses is told too, and the daemon goes on. */
export async function prepareSysctls(
  plans: readonly GroupPlan[],
  binding: 'proxy' | 'nothing',
  { sysctls, log }: Pick<EnginePorts, 'log'> & { readonly sysctls: Sysctls },
): Promise<void> {
  for (const { name, value } of wantedSettings(plans, binding)) {
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

/**
 * Loads what it takes to keep open connections over a planned move, where any group is to. Where the kernel refuses,
 * they are cut as they would be without it, and that is told.
 */
export async function prepareConnections(
  plans: readonly GroupPlan[],
  layers: LeaseStatus['layers'],
  { connections, log }: Pick<EnginePorts, 'connections' | 'log'>,
): Promise<readonly GroupPlan[]> {
  const keeping = plans.filter(({ vrrp }) => vrrp.keepConnections !== undefined);
  if (keeping.length === 0) {
    if (layers === 'lease and backstop') {
      // Of an earlier configuration.
      await connections.dismantle();
    }
    return plans;
  }
  const load = (): ReturnType<EnginePorts['connections']['prepare']> => {
    if (layers === 'backstop only') {
      const detail = 'the lease has no rules either';
      return Promise.resolve(fail({ code: 'no-nftables', detail }));
    }
    return connections.prepare([...new Set(names)]);
  };
  const names = keeping.flatMap(({ instances }) => instances.map((each) => each.interface));
  const loaded = await load();
  if (loaded.ok) {
    return plans;
  }
  const detail = `${loaded.error.code}: ${loaded.error.detail}`;
  for (const { name } of keeping) {
    log.tell({ event: 'connections.cut', group: name, detail });
  }
  return plans.map((plan) => ({
    ...plan,
    vrrp: { ...plan.vrrp, keepConnections: undefined },
    keepingRefused: plan.vrrp.keepConnections === undefined ? undefined : detail,
  }));
}

/** When this node's duty ends: nothing of what was prepared is left. */
export async function undo(
  {
    plans,
    layers,
  }: { readonly plans: readonly GroupPlan[]; readonly layers: LeaseStatus['layers'] },
  {
    virtualInterfaces,
    leases,
    connections,
    log,
  }: Pick<EnginePorts, 'virtualInterfaces' | 'leases' | 'connections' | 'log'>,
): Promise<void> {
  for (const { virtualInterface } of plans.flatMap(({ instances }) => instances)) {
    if (virtualInterface !== undefined) {
      await virtualInterfaces.remove(virtualInterface.name);
    }
  }
  const kept = layers === 'lease and backstop' ? await connections.dismantle() : done;
  if (!kept.ok) {
    log.tell({ event: 'lease.rules-left', detail: kept.error.detail });
  }
  const gone = layers === 'lease and backstop' ? await leases.dismantle() : done;
  if (!gone.ok) {
    log.tell({ event: 'lease.rules-left', detail: gone.error.detail });
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
