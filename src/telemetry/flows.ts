/**
 * What a node's flow replicator says of the connections that go through it: what goes over, and whether both nodes have the
 * same. Points in time are Unix milliseconds.
 */

export interface FlowsReport {
  /** The connection to the other node's flow replicator. */
  readonly link: {
    readonly state: 'down' | 'up';
    readonly since: number;
    readonly problem?: string | undefined;
  };
  /** All that the other node answered for when the connection came about has been given to the kernel here. */
  readonly complete: boolean;
  /** Addresses of groups of which this node is the master. */
  readonly owned: readonly string[];
  /** Those that this node answers for, and those that it holds for the other one. */
  readonly own: readonly FlowsOfKind[];
  readonly mirrored: readonly FlowsOfKind[];
  readonly sent: {
    /** Changes of flows, since the start. */
    readonly flows: number;
    /** Not sent yet, and sent but not in the other kernel yet. */
    readonly waiting: number;
    readonly unacknowledged: number;
    /** How old the oldest is that is not acknowledged. */
    readonly lagMs: number;
    /** How often there was no room for what waited, and all of it was told anew. */
    readonly overflows: number;
    /** What the other node did not take, on this connection. */
    readonly refused: number;
    readonly verified: FlowsVerdict;
  };
  readonly received: {
    readonly flows: number;
    /** From the other kernel's event to this kernel, in the last minute; undefined where nothing came. */
    readonly lag?:
      { readonly samples: number; readonly p50Ms: number; readonly p99Ms: number } | undefined;
    readonly verified: FlowsVerdict;
  };
  /** What came from the other node, or from the kernel, and was not taken. */
  readonly refused: readonly {
    readonly code: string;
    readonly detail: string;
    readonly count: number;
  }[];
  /** The kernel's table, whoever's flows they are. Undefined where it does not say. */
  readonly table?: { readonly flows: number; readonly most: number } | undefined;
  /** Events that the kernel could not deliver; then all of the table is read. */
  readonly drops: number;
  /** How often it was. */
  readonly looks: number;
  readonly memoryBytes: number;
}

/**
 * Why not both kernels have all of it, as far as this node's report says; undefined: they have. What was equal long ago says
 * nothing. `now`: by the wall clock of the node that reports, and of no other.
 */
export function flowsAmiss(report: FlowsReport, now: number): string | undefined {
  const { link, complete, sent, received } = report;
  if (link.state !== 'up') {
    return `the other node has no connection for them${link.problem === undefined ? '' : `: ${link.problem}`}`;
  }
  if (!complete) {
    return 'this node has not all of the other’s yet';
  }
  if (sent.waiting > 0) {
    return `${String(sent.waiting)} changes wait to be told to the other node`;
  }
  if (received.verified.verdict === 'differs') {
    return 'this node has not what the other one has told';
  }
  return verdictAmiss(sent.verified, now) ?? roomAmiss(report);
}

function verdictAmiss({ verdict, at }: FlowsVerdict, now: number): string | undefined {
  if (verdict === 'differs') {
    return 'the other node has not what this one has told';
  }
  if (verdict === 'unknown' || at === undefined) {
    return 'they were not compared yet';
  }
  const age = now - at;
  // One from the future is of a clock that was set back since: nobody knows how old it is.
  return Math.abs(age) <= VERIFIED_WITHIN_MS
    ? undefined
    : `they were compared last ${String(Math.round(Math.abs(age) / MS))} s ${age < 0 ? 'ahead of the clock of now' : 'ago'}`;
}

function roomAmiss(report: FlowsReport): string | undefined {
  const full = fullnessOf(report);
  return full < FULL
    ? undefined
    : `the kernel's table of flows is ${String(Math.round(full * PERCENT))} % full`;
}

/** How full the kernel's table is, from 0 to 1. */
export function fullnessOf({ table }: FlowsReport): number {
  return table === undefined ? 0 : table.flows / table.most;
}

const MS = 1000;
const PERCENT = 100;
/** Both nodes compare every three seconds while nothing is on its way. */
const VERIFIED_WITHIN_MS = 30_000;
/** As the log tells it. */
export const FULL = 0.95;

export interface FlowsVerdict {
  readonly verdict: 'equal' | 'differs' | 'unknown';
  readonly at?: number | undefined;
}

export interface FlowsOfKind {
  /** Such as `tcp`. */
  readonly protocol: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly flows: number;
}

/** Of the process that copies them, and what it reports. */
export interface FlowReplicationStatus {
  /** `waiting`: to be started again. */
  readonly state: 'running' | 'waiting' | 'off';
  readonly pid: number | undefined;
  /** Why it does not run, or ran into trouble. */
  readonly problem: string | undefined;
  /** How often it was started after its first start. */
  readonly restarts: number;
  /** Its last; undefined until the one that runs has reported. */
  readonly report: FlowsReport | undefined;
}

/** Of both nodes: the answer of `vipair flows`. */
export interface FlowsAnswer {
  /** Which was asked. */
  readonly node: string;
  readonly nodes: readonly NodeFlows[];
}

export interface NodeFlows {
  readonly node: string;
  /** Undefined where nothing is known of it. */
  readonly replication: FlowReplicationStatus | undefined;
  /** Why nothing is known of it. */
  readonly unknown: string | undefined;
  /** When it said so, by its own clock, as all points in time of its report are; undefined of a version that does not tell. */
  readonly at?: number | undefined;
}
