/** What a daemon says of itself: the answer of `vipair status`, field by field. Durations are milliseconds. */
import type { RoleName } from '../core/notice.js';

export interface NodeStatus {
  readonly node: string;
  readonly version: string;
  readonly pid: number;
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly groups: readonly GroupStatus[];
  readonly proxy: ProxyStatus | undefined;
  readonly loop: LatenessStatus;
  /** The last transitions, oldest first; bounded. */
  readonly history: readonly HistoryEntry[];
}

export interface GroupStatus {
  readonly name: string;
  readonly role: RoleName;
  /** Why it does not take part, where it does not. */
  readonly fault: string | undefined;
  readonly vrid: number;
  readonly interface: string;
  readonly ownAddress: string;
  readonly addresses: readonly string[];
  readonly priority: number;
  readonly advertIntervalMs: number;
  /** Who was heard last as master, where that is not this node. */
  readonly master: { readonly address: string; readonly priority: number } | undefined;
  readonly lease: LeaseStatus;
  readonly counters: GroupCounters;
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

export interface GroupCounters {
  readonly advertsSent: number;
  readonly advertsReceived: number;
  readonly announcements: number;
  readonly becameMaster: number;
  readonly sendErrors: number;
  /** Packets refused, by the receive check that refused them; only those that occurred. */
  readonly rejected: Readonly<Record<string, number>>;
}

export interface ProxyStatus {
  readonly state: string;
  readonly pid: number | undefined;
  readonly cause: string | undefined;
  readonly recentDeaths: number;
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
