/** The replicator of a daemon: what its configuration asks for, on the machine that it runs on. */
import type { DaemonOptions, DaemonPorts, RunningOptions } from './daemon-ports.js';
import type { GroupPlan } from './engine/group-plan.js';
import type { FlowDuty } from './ports/flow-replicator.js';
import type { Ip } from './base/ip.js';
import type { Config } from './config/config.js';
import type { GroupState } from './core/group-state.js';
import { roleOf } from './core/group-state.js';
import type { NodeEvent, NodeState } from './core/node.js';
import type { TablesWord } from './core/tables-wait.js';
import type { ReplicatorOrders } from './ports/replicator.js';
import { proxyAccount } from './replication/proxy-account.js';
import { FlowWatch } from './replication/flow-watch.js';
import { flowDuty, flowOrders } from './replication/flow-orders.js';
import { replicatorOrders } from './replication/replicator-orders.js';
import { ReplicatorWatch } from './replication/replicator-watch.js';
import type { FlowReplicationStatus } from './telemetry/flows.js';
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

function replicatorFor(
  orders: ReplicatorOrders | undefined,
  { clock, log, replication }: ReplicationPorts,
  reported: () => void,
): ReplicatorWatch | undefined {
  return orders === undefined || replication === undefined
    ? undefined
    : new ReplicatorWatch(orders, { clock, log, reported, ...replication });
}

type ReplicationPorts = Pick<DaemonPorts, 'clock' | 'log' | 'replication'>;

export interface ReplicationFrom {
  readonly options: Pick<RunningOptions, 'node' | 'orders' | 'pairKeys' | 'config'>;
  /** What counts now. */
  readonly running: () => {
    readonly config: Config;
    readonly plans: readonly Pick<GroupPlan, 'addresses'>[];
  };
  readonly groups: () => readonly GroupState[];
  readonly reported: () => void;
}

/** The processes that carry stick tables and flows to the other node; each undefined where nothing is to be carried. */
export class Replication {
  readonly tables: ReplicatorWatch | undefined;
  readonly #from: ReplicationFrom;
  readonly #ports: ReplicationPorts;
  #flows: FlowWatch | undefined;
  #phase: 'before' | 'running' | 'stopped' = 'before';

  constructor(from: ReplicationFrom, ports: ReplicationPorts) {
    this.#from = from;
    this.#ports = ports;
    this.tables = replicatorFor(from.options.orders, ports, from.reported);
    this.#flows = flowWatchFor(from, from.options.config, ports);
  }

  get flows(): FlowWatch | undefined {
    return this.#flows;
  }

  begin(): void {
    this.#phase = 'running';
    this.tables?.begin();
    this.#flows?.begin();
  }

  /** Roles, addresses or services may be others now; the first service that is to be copied starts what copies it. */
  refresh(): void {
    if (this.#flows === undefined && this.#phase === 'running') {
      this.#flows = flowWatchFor(this.#from, this.#from.running().config, this.#ports);
      this.#flows?.begin();
    }
    this.#flows?.refresh();
  }

  stop(): void {
    this.#phase = 'stopped';
    this.tables?.stop();
    this.#flows?.stop();
  }
}

function flowWatchFor(
  { options: { node, pairKeys: keys }, running, groups, reported }: ReplicationFrom,
  config: Config,
  { clock, log, replication }: ReplicationPorts,
): FlowWatch | undefined {
  const orders = flowOrders({ config, node, keys });
  if (orders === undefined || replication === undefined) {
    return undefined;
  }
  const { flowReplicators: replicators, passOn } = replication;
  const duty = (): FlowDuty => flowDuty(running().config, ownedBy(running().plans, groups()));
  return new FlowWatch(orders, { clock, log, replicators, passOn, reported, duty });
}

function ownedBy(
  plans: readonly Pick<GroupPlan, 'addresses'>[],
  groups: readonly GroupState[],
): readonly Ip[] {
  return plans.flatMap(({ addresses }, index) => {
    const group = groups[index];
    const isMaster = group !== undefined && roleOf(group) === 'master';
    return isMaster ? addresses.map(({ cidr }) => cidr.address) : [];
  });
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

  /** `status`, `flows`: undefined where nothing is replicated. */
  of(
    status: ReplicationStatus | undefined,
    { phase, proxy }: Pick<NodeState, 'phase' | 'proxy'>,
    flows?: FlowReplicationStatus,
  ): readonly NodeEvent[] {
    const events: NodeEvent[] = [];
    if (proxy.name === 'holding' && status?.report !== undefined) {
      events.push({ kind: 'proxy', event: { kind: 'replicator-ready' } });
    }
    const isIn = wordOf(status) === 'in' && wordOf(flows) === 'in';
    const word = isIn ? 'in' : 'awaited';
    if (word !== this.#word && phase === 'running') {
      this.#word = word;
      events.push({ kind: 'tables', word });
    }
    return events;
  }
}

/** Whether this node has all that the other had: not while nobody says so. */
function wordOf(status: ReplicationStatus | FlowReplicationStatus | undefined): TablesWord {
  return status === undefined || status.report?.complete === true ? 'in' : 'awaited';
}
