/** Removes from the kernel whatever a daemon that does not come back has left there. Nobody else may be at it: the node is locked. */
import type { Result } from '../base/result.js';
import type { AddressTable, KernelRefusal, VirtualAddress } from '../ports/address-table.js';
import type { Connections } from '../ports/connections.js';
import type { LeaseTable } from '../ports/lease-table.js';
import type { ServiceRules } from '../ports/service-rules.js';
import type { VirtualInterfaces } from '../ports/virtual-interfaces.js';

export interface CleanUpPorts {
  /** Every address of this machine that carries our mark. */
  readonly ours: () => Promise<Result<readonly VirtualAddress[], KernelRefusal>>;
  readonly addresses: Pick<AddressTable, 'release'>;
  readonly virtualInterfaces: Pick<VirtualInterfaces, 'ours' | 'remove'>;
  readonly connections: Pick<Connections, 'dismantle'>;
  readonly leases: Pick<LeaseTable, 'dismantle'>;
  /** Every kernel setting that a daemon has changed becomes what it was. Those that did. */
  readonly restoreSettings: () => Promise<Result<readonly string[], { readonly detail: string }>>;
  readonly services: Pick<ServiceRules, 'dismantle'>;
}

export interface CleanedUp {
  readonly removed: readonly string[];
  /** What the kernel would not do, in its words. */
  readonly refused: readonly string[];
}

/** The rules that silence an address go last, and only where no address is left that they silence. */
export async function cleanUp(ports: CleanUpPorts): Promise<CleanedUp> {
  const removed: string[] = [];
  const refused: string[] = [];
  const note = (what: string, answer: Result<unknown, { readonly detail: string }>): void => {
    if (answer.ok) {
      removed.push(what);
    } else {
      refused.push(`${what}: ${answer.error.detail}`);
    }
  };
  const addresses = await ports.ours();
  for (const each of addresses.ok ? addresses.value : []) {
    const what = `address ${each.cidr.address} on ${each.interface}`;
    note(what, await ports.addresses.release(each));
  }
  const interfaces = await ports.virtualInterfaces.ours();
  for (const { name } of interfaces.ok ? interfaces.value : []) {
    note(`interface ${name}`, await ports.virtualInterfaces.remove(name));
  }
  for (const [what, answer] of [
    ['addresses', addresses],
    ['interfaces', interfaces],
  ] as const) {
    if (!answer.ok) {
      refused.push(`${what}: ${answer.error.detail}`);
    }
  }
  if (refused.length === 0) {
    note('rules of kept connections', await ports.connections.dismantle());
    note('rules of services', await ports.services.dismantle());
    note('rules of the lease', await ports.leases.dismantle());
    const restored = await ports.restoreSettings();
    for (const each of restored.ok ? restored.value : []) {
      removed.push(`setting, which is ${each} again`);
    }
    if (!restored.ok) {
      refused.push(`settings: ${restored.error.detail}`);
    }
  }
  return { removed, refused };
}
