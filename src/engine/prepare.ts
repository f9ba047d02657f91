/** What the kernel must be like before a daemon takes part: its settings, and the rules that enforce leases. */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { done, fail } from '../base/result.js';
import { millis } from '../base/time.js';
import type { KernelRefusal } from '../ports/address-table.js';
import type { GuardOrder } from '../ports/lease-table.js';
import type { LeaseStatus } from '../telemetry/status.js';
import type { GroupPlan } from './group-plan.js';
import type { SettingPorts } from './kernel-settings.js';
import { restoreSettings } from './kernel-settings.js';
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
  ports: Pick<EnginePorts, 'virtualInterfaces' | 'leases' | 'connections' | 'log'> & SettingPorts,
): Promise<void> {
  const { virtualInterfaces, leases, connections, log } = ports;
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
  // Last: nothing of the group is on an interface any more that they are about.
  await restoreSettings([], 'of the duty', ports);
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
