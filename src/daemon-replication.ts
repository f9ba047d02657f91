/** The replicator of a daemon: what its configuration asks for, on the machine that it runs on. */
import type { DaemonOptions, DaemonPorts } from './daemon-ports.js';
import type { NodeEvent, NodeState } from './core/node.js';
import type { TablesWord } from './core/tables-wait.js';
import type { ReplicatorOrders } from './ports/replicator.js';
import { proxyAccount } from './replication/proxy-account.js';
import { replicatorOrders } from './replication/replicator-orders.js';
import { ReplicatorWatch } from './replication/replicator-watch.js';
import type { ReplicationStatus } from './telemetry/tables.js';

/** What the replicator is to be told; undefined where nothing is to be replicated. */
export async function ordersFor(
  { config, node }: Pick<DaemonOptions, 'config' | 'node'>,
  keys: readonly Uint8Array[],
  { commonFiles, replication }: Pick<DaemonPorts, 'commonFiles' | 'replication'>,
): Promise<ReplicatorOrders | undefined> {
  if (config.replicate === undefined || config.proxy === undefined || replication === undefined) {
    return undefined;
  }
  const { accounts } = replication;
  const socketOwner = await proxyAccount(config.proxy.config, { commonFiles, accounts });
  return replicatorOrders({ config, node, keys, socketOwner });
}

export function replicatorFor(
  orders: ReplicatorOrders | undefined,
  { clock, log, replication }: Pick<DaemonPorts, 'clock' | 'log' | 'replication'>,
  reported: () => void,
): ReplicatorWatch | undefined {
  return orders === undefined || replication === undefined
    ? undefined
    : new ReplicatorWatch(orders, { clock, log, reported, ...replication });
}

/** Whether a proxy that is started now would dial in vain, and would not a moment later. */
export function replicatorAwaited(
  status: ReplicationStatus | undefined,
): 'awaited' | 'not awaited' {
  return status?.state === 'running' && status.report === undefined ? 'awaited' : 'not awaited';
}

/** What the replicator's state means for whoever decides; told once. */
export class ReplicatorNews {
  #word: TablesWord = 'in';

  /** `status`: undefined where nothing is replicated. */
  of(
    status: ReplicationStatus | undefined,
    { phase, proxy }: Pick<NodeState, 'phase' | 'proxy'>,
  ): readonly NodeEvent[] {
    const events: NodeEvent[] = [];
    if (proxy.name === 'holding' && status?.report !== undefined) {
      events.push({ kind: 'proxy', event: { kind: 'replicator-ready' } });
    }
    const word = wordOf(status);
    if (word !== this.#word && phase === 'running') {
      this.#word = word;
      events.push({ kind: 'tables', word });
    }
    return events;
  }
}

/** Whether this node's proxy has all that the other's had: not while nobody says so. */
function wordOf(status: ReplicationStatus | undefined): TablesWord {
  return status === undefined || status.report?.complete === true ? 'in' : 'awaited';
}
