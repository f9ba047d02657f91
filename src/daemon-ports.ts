/** What a daemon is given: who it is, and the machine it runs on. */
import type { Config } from './config/config.js';
import type { GroupPlan } from './engine/group-plan.js';
import type { EnginePorts } from './engine/ports.js';
import type { HealthPorts } from './health/tracker-runner.js';
import type { NodeHistory } from './operator/ports.js';
import type { Accounts } from './ports/accounts.js';
import type { CommonFiles } from './ports/common-files.js';
import type { DrillHost } from './ports/drill-host.js';
import type { FlowEvents } from './ports/flow-events.js';
import type { FoundSettings } from './ports/found-settings.js';
import type { Journal } from './ports/journal.js';
import type { PairTimes } from './ports/pair-times.js';
import type { PairTransports } from './ports/pair-transport.js';
import type { PushedFiles } from './ports/pushed-files.js';
import type { Random } from './ports/random.js';
import type { ReplicatorOrders, Replicators } from './ports/replicator.js';
import type { Secrets } from './ports/secrets.js';
import type { Sysctls } from './ports/sysctl.js';
import type { Witness } from './ports/witness.js';
import type { ServicesMachine } from './services/services.js';
import type { LeaseStatus, ProxyStatus } from './telemetry/status.js';
import type { PairProtocol } from './wire/pair/message.js';

export interface DaemonOptions {
  readonly config: Config;
  /** Where it was read from. */
  readonly configFile: string;
  /** Which of the pair's nodes this is. */
  readonly node: string;
  readonly version: string;
  readonly pid: number;
  /** Of the pair channel: this release's, unless a simulation plays an older one. */
  readonly pairProtocol?: PairProtocol;
}

/** What is known of it before it looks around. */
export interface RunningOptions extends DaemonOptions {
  readonly plans: readonly GroupPlan[];
  readonly layers: LeaseStatus['layers'];
  readonly startedAt: number;
  /** Undefined where no stick tables are to be replicated. */
  readonly orders: ReplicatorOrders | undefined;
  /** None: no pair channel. */
  readonly pairKeys: readonly Uint8Array[];
}

export interface ReplicationPorts {
  readonly replicators: Replicators;
  readonly flowReplicators: Replicators;
  readonly flowEvents: FlowEvents;
  readonly accounts: Accounts;
  /** Takes a line of the replicator's own log. */
  readonly passOn: (line: string) => void;
}

export interface DaemonPorts extends EnginePorts, HealthPorts {
  readonly sysctls: Sysctls;
  readonly foundSettings: FoundSettings;
  readonly commonFiles: CommonFiles;
  readonly secrets: Secrets;
  readonly pairTransports: PairTransports;
  readonly random: Random;
  readonly witness: Witness | undefined;
  /** Of this node's transitions; undefined where nothing is recorded. */
  readonly history: (NodeHistory & PairTimes) | undefined;
  /** How stick tables reach the other node; undefined on a machine that starts no processes. */
  readonly replication: ReplicationPorts | undefined;
  /** What is known of the proxy's former workers and reloads; undefined where nobody looks. */
  readonly proxyNews?: (() => Pick<ProxyStatus, 'former' | 'failedReload'>) | undefined;
  /** The proxy's, which are pushed; undefined where there is none. */
  readonly pushedFiles?: PushedFiles | undefined;
  /** The hand of drills; undefined on a machine that starts no processes. */
  readonly drillHost?: DrillHost | undefined;
  /** What services need; undefined on a machine that passes nothing on. */
  readonly services?: ServicesMachine | undefined;
  /** Of what operators want. */
  readonly intentJournal: Journal;
}

/** The name of the other node. */
export function peerOf({ config, node }: DaemonOptions): string {
  return config.pair.nodes.find(({ name }) => name !== node)?.name ?? node;
}

/** Whether anything binds the virtual addresses on both nodes. */
export function bindingOf({ proxy }: Config): 'proxy' | 'nothing' {
  return proxy === undefined ? 'nothing' : 'proxy';
}
