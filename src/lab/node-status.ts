/** What a look at a node from outside shows, without asking its daemon. */
import type { ProcessHost } from '../ports/process-host.js';
import { inNamespace } from './network.js';
import type { NodeProcesses } from './node-processes.js';
import type { NodeName } from './topology.js';
import { LAN_INTERFACE, VIRTUAL_ADDRESS } from './topology.js';

export interface NodeStatus {
  readonly name: NodeName;
  readonly enginePid: number | undefined;
  readonly proxyPids: readonly number[];
  /** Whether the interface has the virtual address; a lease that ended may keep it silent all the same. */
  readonly address: 'held' | 'not-held';
  readonly link: 'up' | 'down' | 'missing';
}

export interface Observed {
  readonly name: NodeName;
  readonly namespace: string;
  processes(): NodeProcesses;
}

export async function readStatus(node: Observed, processes: ProcessHost): Promise<NodeStatus> {
  const shown = await inNamespace(processes, node.namespace, [
    ...['ip', '-br', 'address', 'show', 'dev', LAN_INTERFACE],
  ]);
  const { enginePid, proxyPids } = node.processes();
  return {
    name: node.name,
    enginePid,
    proxyPids,
    ...(shown.ok ? readBrief(shown.value) : { address: 'not-held', link: 'missing' }),
  };
}

/** Reads `eth0@if3 UP 10.77.0.2/24 10.77.0.100/24`. */
export function readBrief(line: string): Pick<NodeStatus, 'address' | 'link'> {
  const [, state, ...addresses] = line.trim().split(/\s+/u);
  return {
    address: addresses.some((each) => each.split('/')[0] === VIRTUAL_ADDRESS) ? 'held' : 'not-held',
    link: state === 'UP' ? 'up' : 'down',
  };
}
