/** What a daemon says of itself: the answer of `vipair status`, field by field. Durations are milliseconds. */
import type { RoleName } from '../core/notice.js';
import type { ServerDifference, ServersSummary } from '../core/served.js';
import type { HandState } from './drill.js';
import type { GenerationStatus } from './generation.js';
import type { OrdersStatus } from './orders.js';
import type { ScheduleStatus } from './schedule.js';
import type { IntentsStatus } from './servers.js';
import type { ServicesStatus } from './services.js';
import type { FlowReplicationStatus } from './flows.js';
import type { ReplicationStatus } from './tables.js';
import type { UnderWay } from './under-way.js';

export interface NodeStatus {
  readonly node: string;
  readonly version: string;
  readonly pid: number;
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly groups: readonly GroupStatus[];
  readonly proxy: ProxyStatus | undefined;
  /** What operators want of the proxy's servers. */
  readonly intents: IntentsStatus;
  /** What they have ordered of the pair itself. */
  readonly orders: OrdersStatus;
  /** Switchovers that they have planned, and what came of the last of each group. */
  readonly schedules: readonly ScheduleStatus[];
  /** Undefined where the pair has no key, and so no channel. */
  readonly pair: PairStatus | undefined;
  /** What both nodes have in common; undefined where there is no pair channel. */
  readonly generation: GenerationStatus | undefined;
  /** Of the stick tables; undefined where none are to be replicated. */
  readonly replication: ReplicationStatus | undefined;
  /** What the kernel passes on to servers; undefined where no service is configured. */
  readonly services?: ServicesStatus | undefined;
  /** Of connections through the kernel; undefined where none are copied. */
  readonly flows?: FlowReplicationStatus | undefined;
  readonly loop: LatenessStatus;
  /** Of the last drill on this node; undefined: none was since it booted. */
  readonly drill: HandState | undefined;
  /** What would be cut short by a restart of the daemon; undefined of a version that does not say. */
  readonly underWay?: readonly UnderWay[] | undefined;
  /** The last transitions, oldest first; bounded. */
  readonly history: readonly HistoryEntry[];
}

export interface GroupStatus {
  readonly name: string;
  readonly role: RoleName;
  /** Why it does not take part, where it does not. */
  readonly fault: string | undefined;
  /** What makes it unfit, where it stays master because the other node is no fitter. */
  readonly kept: string | undefined;
  readonly health: HealthStatus;
  readonly version: number;
  /** Of the leading instance, like the next two. */
  readonly vrid: number;
  readonly interface: string;
  readonly ownAddress: string;
  /** Of all instances. */
  readonly addresses: readonly string[];
  readonly instances: readonly InstanceStatus[];
  /** What this node advertises. */
  readonly priority: number;
  /** How that came about, such as `150 (base) − 20 (db-check fails) = 130`. */
  readonly priorityWhy: string;
  readonly track: readonly TrackedStatus[];
  readonly failback: FailbackStatus;
  /** A machine that has one of the addresses without advertising, which is why this node does not claim them. */
  readonly conflict: { readonly address: string; readonly mac: string } | undefined;
  readonly advertIntervalMs: number;
  /** Who was heard last as master, where that is not this node. */
  readonly master: { readonly address: string; readonly priority: number } | undefined;
  readonly lease: LeaseStatus;
  /** Undefined where open connections are not to be kept over a planned move. */
  readonly connections: ConnectionsStatus | undefined;
  readonly counters: GroupCounters;
}

/** Open connections, and what a planned move would make of them. */
export interface ConnectionsStatus {
  /** How long they would be served on; undefined: they would be cut. */
  readonly keptMs: number | undefined;
  /** Why they would be. */
  readonly cutBecause: string | undefined;
  /** Of the last planned move away from this node; undefined: this daemon has made none. */
  readonly drain: DrainStatus | undefined;
}

/** What a former owner still serves. */
export interface DrainStatus {
  /** `taken back`: it is the owner again. `not known`: the kernel did not say, and they have ended with their time. */
  readonly state: 'serving on' | 'drained' | 'reset' | 'taken back' | 'not known';
  /** Connections that are open; undefined where that is over, or not known. */
  readonly open: number | undefined;
  /** That were, just after the move. */
  readonly first: number | undefined;
  /** That were reset at the end of their time. */
  readonly reset: number;
  /** Since the move, or from the move to the end of it. */
  readonly sinceMs: number;
  /** Until the rest is reset; undefined where it is over. */
  readonly leftMs: number | undefined;
  /** Why they could not be counted or reset. */
  readonly problem: string | undefined;
}

/** How fit a node is for a group: what both nodes compare. */
export interface HealthStatus {
  /** 0 to 100; undefined of a peer that does not say. */
  readonly score: number | undefined;
  /** Such as `gateway: well`. */
  readonly parts: readonly string[];
}

/** One virtual router of a group. */
export interface InstanceStatus {
  readonly family: string;
  readonly interface: string;
  readonly vrid: number;
  readonly ownAddress: string;
  readonly addresses: readonly string[];
  readonly counters: InstanceCounters;
}

export interface TrackedStatus {
  readonly name: string;
  /** Such as `well`, or `fails: it ended with 1`. */
  readonly state: string;
  /** `fault`, or the weight. */
  readonly consequence: string;
}

export interface FailbackStatus {
  readonly policy: string;
  /** What this node would do now, in one sentence; undefined where there is nothing to say. */
  readonly outlook: string | undefined;
  /** When it takes the group back by itself, if nothing changes. */
  readonly inMs: number | undefined;
}

export interface LeaseStatus {
  readonly layers: 'lease and backstop' | 'backstop only';
  /** How long the kernel answers after the last renewal. */
  readonly lastsMs: number;
  /** The lifetime of the address itself. */
  readonly backstopMs: number;
  /** What remains of the running lease; undefined where this node holds nothing. */
  readonly leftMs: number | undefined;
  /** How soon a daemon that was killed must be back and speaking, at worst, for nothing to move. */
  readonly restartWithinMs: number;
}

/** Those of its instances added up, and its own. */
export interface GroupCounters extends InstanceCounters {
  readonly announcements: number;
  readonly becameMaster: number;
  /** Why it became master last. */
  readonly newMasterReason: string | undefined;
}

/** What the VRRP MIB counts for a virtual router (RFC 6527 §4). */
export interface InstanceCounters {
  readonly advertsSent: number;
  readonly advertsReceived: number;
  readonly priorityZeroSent: number;
  readonly priorityZeroReceived: number;
  readonly sendErrors: number;
  /** Packets refused, by the receive check that refused them; only those that occurred. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Adverts obeyed with something odd about them, by what it was. */
  readonly odd: Readonly<Record<string, number>>;
}

export interface ProxyStatus {
  readonly state: string;
  readonly pid: number | undefined;
  readonly cause: string | undefined;
  readonly recentDeaths: number;
  /** HTTP requests that its process has taken since it began, as it said when it was asked last; undefined: it has not. */
  readonly requests?: number | undefined;
  /** Processes that a reload has replaced; undefined where nobody looks. */
  readonly former?: FormerWorkersStatus | undefined;
  /** The last reload that this daemon has asked for, where it has failed. */
  readonly failedReload?:
    | {
        /** In Unix milliseconds. */
        readonly at: number;
        readonly why: string;
      }
    | undefined;
}

export interface FormerWorkersStatus {
  /** The one that was replaced first comes first. */
  readonly workers: readonly {
    readonly pid: number;
    /** Since it was replaced, as far as is known. */
    readonly ageMs: number;
    /** Open ones; undefined where it does not say. */
    readonly connections: number | undefined;
  }[];
  /** Why nothing is known of them. */
  readonly problem: string | undefined;
  /** How many of the last reloads in a row have failed, whoever asked for them; undefined where HAProxy does not say. */
  readonly failedReloads: number | undefined;
}

/** The channel to the other daemon. */
export interface PairStatus {
  readonly peer: string;
  readonly state: 'up' | 'down';
  /** Over which addresses of the two nodes; undefined while it is down. */
  readonly path: 'preferred' | 'fallback' | undefined;
  /** The version of the channel that both speak. */
  readonly protocol: number | undefined;
  /** The other daemon's vipair. */
  readonly release: string | undefined;
  /** Why it is down, as far as known. */
  readonly problem: string | undefined;
  /** Attempts that came to nothing. */
  readonly refused: number;
}

/** How late the daemon's alarms rang, over the last ones. */
export interface LatenessStatus {
  readonly samples: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface HistoryEntry {
  /** Unix milliseconds. */
  readonly at: number;
  readonly event: string;
  readonly text: string;
}

/** The whole pair, as far as this node knows it. */
export interface PairReport extends NodeStatus {
  /** Undefined where the pair has no key, and so no channel. */
  readonly peer: PeerStatus | undefined;
  /** What would happen next, group by group. */
  readonly prospects: readonly Prospect[];
  /** Undefined where no proxy is configured. */
  readonly servers: ServersStatus | undefined;
}

/** The proxy's servers, as the HAProxy of each node sees them. */
export interface ServersStatus {
  readonly here: ServersSummary | undefined;
  /** Why this node's are not known. */
  readonly problem: string | undefined;
  readonly there: ServersSummary | undefined;
  readonly thereProblem: string | undefined;
  /** Those that one node calls up and the other does not. */
  readonly differing: readonly ServerDifference[];
}

/** The other node. */
export interface PeerStatus {
  readonly node: string;
  /** Whether it was asked just now, or all that is known is the last it said by itself. */
  readonly word: 'answer' | 'last heartbeat' | 'none';
  /** Why it gave no answer. */
  readonly problem: string | undefined;
  /** What its heartbeats say of its daemon: `fresh`, `late`, `gone`, `unheard`, or its goodbye. */
  readonly life: string;
  readonly release: string | undefined;
  readonly proxy: string | undefined;
  /** HTTP requests that its proxy's process has taken; undefined where it gave no answer, or does not say. */
  readonly requests?: number | undefined;
  readonly clock: ClockDifference | undefined;
  /** What it goes by; undefined where it gave no answer, or is of a version that obeys no orders. */
  readonly orders: PeerOrders | undefined;
  /** Undefined where it gave no answer, or is of a version that does not say. */
  readonly underWay?: readonly UnderWay[] | undefined;
  readonly groups: readonly PeerGroupStatus[];
}

/** What the other node knows of orders. */
export interface PeerOrders {
  readonly paused: 'yes' | 'no';
  /** The nodes that are in maintenance. */
  readonly maintenance: readonly string[];
  /** Each as its group and the register's value. */
  readonly schedules: readonly string[];
}

/** By how much the other node's wall clock is ahead of ours. */
export interface ClockDifference {
  readonly aheadMs: number;
  /** It may be so much more or less. */
  readonly withinMs: number;
}

/** What a heartbeat does not say is undefined. */
export interface PeerGroupStatus {
  readonly name: string;
  readonly role: RoleName;
  readonly fault: string | undefined;
  readonly kept: string | undefined;
  readonly priority: number;
  readonly priorityWhy: string | undefined;
  readonly health: HealthStatus;
  /** The address of the master that it hears. */
  readonly master: string | undefined;
  readonly outlook: string | undefined;
  /** What it still serves; undefined where it gave no answer, has given nothing away, or is of an older version. */
  readonly drain: DrainStatus | undefined;
}

export interface Prospect {
  readonly group: string;
  /** One sentence. */
  readonly says: string;
}
