/** The replicator of a daemon: what its configuration asks for, on the machine that it runs on. */
import type { DaemonOptions, DaemonPorts, RunningOptions } from './daemon-ports.js';
import type { GroupPlan } from './engine/group-plan.js';
import { FLOW_EVENTS, makeSure, putBack } from './engine/kernel-settings.js';
import type { FlowDuty } from './ports/flow-replicator.js';
import type { Ip } from './base/ip.js';
import type { Config } from './config/config.js';
import type { GroupState } from './core/group-state.js';
import { roleOf } from './core/group-state.js';
import type { NodeEvent, NodeState, StopMode } from './core/node.js';
import type { TablesWord } from './core/tables-wait.js';
import type { ReplicatorOrders } from './ports/replicator.js';
import { proxyAccount } from './replication/proxy-account.js';
import { EventLimits } from './replication/event-limits.js';
import { FlowWatch } from './replication/flow-watch.js';
import { flowDuty, flowOrders, flowsWanted } from './replication/flow-orders.js';
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

type ReplicationPorts = Pick<
  DaemonPorts,
  'clock' | 'log' | 'replication' | 'sysctls' | 'foundSettings'
>;

export interface ReplicationFrom {
  readonly options: Pick<RunningOptions, 'node' | 'orders' | 'pairKeys'>;
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
  readonly #limits: EventLimits | undefined;
  #flows: FlowWatch | undefined;
  #phase: 'before' | 'running' | 'stopped' = 'before';

  constructor(from: ReplicationFrom, ports: ReplicationPorts) {
    this.#from = from;
    this.#ports = ports;
    this.tables = replicatorFor(from.options.orders, ports, from.reported);
    this.#limits = limitsFor(ports);
  }

  get flows(): FlowWatch | undefined {
    return this.#flows;
  }

  begin(): void {
    this.#phase = 'running';
    this.tables?.begin();
    this.refresh();
    if (this.#flows === undefined) {
      // A former daemon may have left something.
      this.#limits?.want('none');
    }
  }

  /**
   * Roles, addresses or services may be others now: the first service that is to be copied starts what copies it, and with the
   * last one it ends.
   */
  refresh(): void {
    if (this.#phase !== 'running') {
      return;
    }
    const isWanted = this.#areFlowsWanted();
    if (isWanted && this.#flows === undefined) {
      this.#flows = flowWatchFor(this.#from, this.#ports, this.#limits);
      this.#flows?.begin();
    } else if (!isWanted && this.#flows !== undefined) {
      this.#flows.stop();
      this.#flows = undefined;
      this.#limits?.want('none');
      this.#from.reported();
    }
    this.#flows?.refresh();
  }

  /** Nothing is carried any more. */
  stop(): void {
    this.#phase = 'stopped';
    this.tables?.stop();
    this.#flows?.stop();
    this.#limits?.stop();
  }

  /** What the kernel was told goes with the duty; the next daemon of a hand-over tells it again. */
  async end(mode: StopMode): Promise<void> {
    await this.#limits?.end(mode === 'release' ? 'removed' : 'left');
  }

  #areFlowsWanted(): boolean {
    return flowsWanted(this.#from.running().config, this.#from.options.pairKeys);
  }
}

function limitsFor(ports: ReplicationPorts): EventLimits | undefined {
  return ports.replication === undefined
    ? undefined
    : new EventLimits({
        ...ports,
        events: ports.replication.flowEvents,
        setting: {
          makeSure: () => makeSure(FLOW_EVENTS, ports),
          putBack: () => putBack(FLOW_EVENTS, ports),
        },
      });
}

function flowWatchFor(
  { options: { node, pairKeys: keys }, running, groups, reported }: ReplicationFrom,
  { clock, log, replication }: ReplicationPorts,
  limits: EventLimits | undefined,
): FlowWatch | undefined {
  const orders = flowOrders({ config: running().config, node, keys });
  if (orders === undefined || replication === undefined || limits === undefined) {
    return undefined;
  }
  const { flowReplicators: replicators, passOn } = replication;
  const duty = (): FlowDuty => flowDuty(running().config, ownedBy(running().plans, groups()));
  return new FlowWatch(orders, { clock, log, replicators, passOn, reported, duty, limits });
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
