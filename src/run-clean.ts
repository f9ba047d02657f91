/** `vipair clean` on the real machine. */
import type { Result } from './base/result.js';
import { fail, ok } from './base/result.js';
import type { CleanedUp } from './engine/clean-up.js';
import { cleanUp } from './engine/clean-up.js';
import { restoreSettings } from './engine/kernel-settings.js';
import { NetlinkAddressTable } from './os/address-table.js';
import { SystemClock } from './os/clock.js';
import { NftConnections } from './os/connections.js';
import { NftFlowEvents } from './os/flow-events.js';
import { NftLeaseTable } from './os/lease-table.js';
import { FileFoundSettings } from './os/found-settings.js';
import { lockNode } from './os/node-lock.js';
import { SystemProcessHost } from './os/process-host.js';
import { NftServiceRules } from './os/service-rules.js';
import { ProcSysctls } from './os/sysctl.js';
import { MacvlanInterfaces } from './os/virtual-interfaces.js';
import type { DrillPlaces } from './run-drills.js';
import { cleanDrill } from './run-drills.js';

/** Fails where a daemon runs, whose addresses they are, or where the kernel may not be asked. */
export async function runClean(
  places: DrillPlaces,
): Promise<Result<CleanedUp, { readonly detail: string }>> {
  const lock = lockNode();
  if (!lock.ok) {
    return fail({
      detail:
        lock.error.code === 'held'
          ? 'a daemon runs on this node; stop it, and it cleans up itself'
          : `the node cannot be locked: ${lock.error.detail}`,
    });
  }
  try {
    const sysctls = new ProcSysctls();
    const addresses = NetlinkAddressTable.open();
    const virtualInterfaces = MacvlanInterfaces.open(sysctls);
    if (!addresses.ok || !virtualInterfaces.ok) {
      const [refusal] = [addresses, virtualInterfaces].flatMap((each) => (each.ok ? [] : [each]));
      return fail({ detail: refusal?.error.detail ?? '' });
    }
    const processes = new SystemProcessHost();
    const machine = { processes, addresses: addresses.value, clock: new SystemClock() };
    // First, because its rules and its links may be in the way of everything else.
    const drill = await cleanDrill(places, machine);
    // A daemon that was killed has left them; where there are none that is well, too.
    const flows = await new NftFlowEvents(processes).dismantle();
    const cleaned = await cleanUp({
      ours: () => addresses.value.everyOurs(),
      addresses: addresses.value,
      virtualInterfaces: virtualInterfaces.value,
      connections: new NftConnections(processes, addresses.value),
      leases: new NftLeaseTable(processes),
      restoreSettings: () =>
        restoreSettings([], 'all', {
          sysctls,
          foundSettings: new FileFoundSettings(places.directory),
          log: { tell: () => undefined },
        }),
      services: new NftServiceRules(processes),
    });
    return ok({
      removed: [...drill.removed, ...cleaned.removed],
      refused: [
        ...drill.refused,
        ...(flows.ok ? [] : [`rules of flows: ${flows.error.detail}`]),
        ...cleaned.refused,
      ],
    });
  } finally {
    lock.value.release();
  }
}
