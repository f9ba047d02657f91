/** The hand of drills on the real machine: how the daemon starts it, and what `vipair clean` does about one that is left. */
import { invariant } from './base/unreachable.js';
import type { Config } from './config/config.js';
import type { HandState } from './core/drill-order.js';
import type { SystemClock } from './os/clock.js';
import type { FinderPorts } from './os/drill-hand/finder.js';
import { endHand } from './os/drill-hand/finder.js';
import { fillerPath } from './os/drill-hand/filler.js';
import type { DrilledProxy } from './os/drill-hand/hand-setup.js';
import { identityOf } from './os/drill-hand/process-identity.js';
import { sweep } from './os/drill-hand/undoing.js';
import { HandProcesses } from './os/drill-host.js';
import { overlayIn } from './os/haproxy-host.js';
import { Nftables } from './os/nftables.js';
import type { AddressTable } from './ports/address-table.js';
import type { ProcessHost } from './ports/process-host.js';

export interface DrillMachine {
  readonly processes: ProcessHost;
  readonly addresses: AddressTable;
  readonly clock: SystemClock;
}

export interface DrillNode {
  readonly config: Config;
  readonly node: string;
  readonly pid: number;
  /** How vipair calls itself. */
  readonly vipair: readonly [string, ...string[]];
}

export function drillHostOf(
  { config, node, pid, vipair }: DrillNode,
  machine: DrillMachine,
): HandProcesses {
  const { directory, stateDirectory, controlSocket } = config.runtime;
  const daemon = identityOf(pid);
  invariant(daemon !== undefined, 'this process runs');
  return new HandProcesses(
    [...vipair, 'drill-hand'],
    {
      ...{ node, stateDirectory, controlSocket, daemon, runtimeDirectory: directory },
      proxy: proxyOf(config),
      burner: [...vipair, 'drill-burner'],
    },
    finderPorts(machine),
  );
}

/** Where a daemon that does not come back kept what a drill did. */
export interface DrillPlaces {
  readonly directory: string;
  readonly stateDirectory: string;
  readonly proxyConfig: string | undefined;
}

/** What was undone, and what a person has to do, a sentence each. */
export async function cleanDrill(
  { directory, stateDirectory, proxyConfig }: DrillPlaces,
  machine: DrillMachine,
): Promise<{ readonly removed: readonly string[]; readonly refused: readonly string[] }> {
  const state = await endHand(directory, finderPorts(machine));
  const swept = sweep({ config: proxyConfig, filler: fillerPath(stateDirectory) });
  const undone = state === undefined || state.phase === 'failed' ? [] : [nameOf(state)];
  return {
    removed: [...undone, ...swept],
    refused: state?.phase === 'failed' ? state.problems : [],
  };
}

function nameOf({ drill, id }: HandState): string {
  return `what the drill ${drill} (${id}) did`;
}

function finderPorts({ processes, addresses, clock }: DrillMachine): FinderPorts {
  const nftables = new Nftables(processes);
  return {
    ...{ processes, addresses, clock },
    rules: (script, mode) => (mode === 'load' ? nftables.load(script) : nftables.check(script)),
  };
}

function proxyOf({ proxy, runtime }: Config): DrilledProxy | undefined {
  if (proxy === undefined) {
    return undefined;
  }
  const { config } = proxy;
  return proxy.run === 'systemd'
    ? { run: 'systemd', config, runtimeSocket: proxy.runtimeSocket }
    : { run: 'vipair', config, overlay: overlayIn(runtime.directory) };
}
