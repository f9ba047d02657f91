/** `vipair drill-hand`: the hand of a drill on the real machine, in a session of its own, told once and then by signals. */
import { askProxyReload } from './api/client.js';
import type { Result } from './base/result.js';
import { fail, ok } from './base/result.js';
import { millis } from './base/time.js';
import { NetlinkAddressTable } from './os/address-table.js';
import { PacketAnnouncer } from './os/announcer.js';
import { SystemClock } from './os/clock.js';
import { hearOrder, heedSignals, say } from './os/drill-hand/armer.js';
import type { ReloadOutcome } from './os/drill-hand/faults.js';
import type { HandPorts } from './os/drill-hand/hand.js';
import { DrillHand } from './os/drill-hand/hand.js';
import type { HandSetup } from './os/drill-hand/hand-setup.js';
import { Nftables } from './os/nftables.js';
import { SystemProcessHost } from './os/process-host.js';

/** Resolves when the drill is over, or was refused. */
export async function runDrillHand(): Promise<void> {
  const told = await hearOrder();
  const ports = openPorts(told.setup);
  if (!ports.ok) {
    say({ refused: ports.error });
    return;
  }
  const hand = new DrillHand(told, ports.value);
  heedSignals(hand);
  const armed = await hand.arm();
  say(armed.ok ? { armed: true } : { refused: armed.error });
  if (armed.ok) {
    await hand.over;
  }
}

function openPorts(setup: HandSetup): Result<HandPorts, string> {
  const processes = new SystemProcessHost();
  const addresses = NetlinkAddressTable.open();
  const announcer = PacketAnnouncer.open();
  if (!addresses.ok || !announcer.ok) {
    const refusals = [addresses, announcer].flatMap((each) => (each.ok ? [] : [each.error.detail]));
    return fail(refusals.join('; '));
  }
  const nftables = new Nftables(processes);
  return ok({
    ...{ processes, addresses: addresses.value, announcer: announcer.value },
    clock: new SystemClock(),
    rules: (script, mode) => (mode === 'load' ? nftables.load(script) : nftables.check(script)),
    reloadProxy: () => reloadProxy(setup.controlSocket),
  });
}

async function reloadProxy(controlSocket: string): Promise<ReloadOutcome> {
  const answer = await askProxyReload(controlSocket, REFUSED_WITHIN);
  if (answer.ok) {
    return 'reloaded';
  }
  return answer.error.code === 'refused' ? 'refused' : 'no answer';
}

/** A mistake is found by reading the file. Whoever undoes waits for that, and the refused line stands there so long. */
const REFUSED_WITHIN = millis(10_000);
