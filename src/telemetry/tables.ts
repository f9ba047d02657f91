/**
 * What a node's replicator says of HAProxy's stick tables: what goes over, and whether both nodes have the same. Points
 * in time are Unix milliseconds.
 */

export interface TablesReport {
  /** The session with this node's HAProxy. */
  readonly proxy: {
    readonly state: 'unconnected' | 'learning' | 'up';
    readonly since: number;
    readonly pid?: number | undefined;
    readonly problem?: string | undefined;
  };
  /** The connection to the other node's replicator. */
  readonly link: {
    readonly state: 'down' | 'up';
    readonly since: number;
    readonly problem?: string | undefined;
  };
  /** All that the other node's HAProxy held when it was asked last has been handed to ours and acknowledged. */
  readonly complete: boolean;
  /** At most {@link MOST_TABLES}. */
  readonly tables: readonly TableReport[];
  /** Tables that are not replicated, and why: of another type or key length on the other node, too many, not asked for. */
  readonly ignored: readonly { readonly name: string; readonly why: string }[];
  /** What came from HAProxy or from the other node and was not believed. */
  readonly refused: readonly {
    readonly code: string;
    readonly detail: string;
    readonly count: number;
  }[];
  readonly memoryBytes: number;
}

export interface TableReport {
  readonly name: string;
  /** Of the key, such as `ip` or `string`. */
  readonly type: string;
  readonly keyLength: number;
  readonly expireMs: number;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly sent: Direction;
  readonly received: Direction;
  /** Whether both nodes had the same when they compared last. */
  readonly verified: {
    readonly verdict: 'equal' | 'differs' | 'unknown';
    readonly at?: number | undefined;
  };
  /** Rows that were otherwise when they were looked at last: at most {@link MOST_EXAMPLES}. */
  readonly examples: readonly RowExample[];
}

export interface Direction {
  readonly updates: number;
  readonly unacknowledged: number;
  /** How old the oldest is that is not acknowledged. */
  readonly lagMs: number;
  /** Older than what was there, or not believed. */
  readonly dropped: number;
}

/** One row, in words. */
export interface RowExample {
  readonly key: string;
  readonly here: string;
  readonly there: string;
}

/** Of one table: what HAProxy teaches when it is asked for everything, beside what the replicator has of it. */
export interface TableAudit {
  readonly rows: number;
  /** Rows that HAProxy has not, although they should not have expired. */
  readonly missing: number;
  /** Rows with other values. */
  readonly otherwise: number;
  readonly examples: readonly RowExample[];
}

/** More than a site has that anybody understands; beyond it a table is ignored, and said to be. */
export const MOST_TABLES = 1000;
export const MOST_EXAMPLES = 5;

/** Of the process that replicates them, and what it reports. */
export interface ReplicationStatus {
  /** `waiting`: to be started again. */
  readonly state: 'running' | 'waiting' | 'off';
  readonly pid: number | undefined;
  /** Why it does not run, or ran into trouble. */
  readonly problem: string | undefined;
  /** How often it was started after its first start. */
  readonly restarts: number;
  /** Its last; undefined until the one that runs has reported. */
  readonly report: TablesReport | undefined;
}

/** Of both nodes, or of the one that was asked for: the answer of `vipair tables`. */
export interface TablesAnswer {
  /** Which was asked. */
  readonly node: string;
  readonly nodes: readonly NodeTables[];
}

export interface NodeTables {
  readonly node: string;
  /** Undefined where nothing is known of it. */
  readonly replication: ReplicationStatus | undefined;
  /** Why nothing is known of it. */
  readonly unknown: string | undefined;
  /** So many tables had no room in the answer. */
  readonly omitted: number;
  /** Where it was asked to look again, table by table. */
  readonly audits: readonly AuditedTable[];
}

export interface AuditedTable {
  readonly table: string;
  readonly audit: TableAudit | undefined;
  /** Why there is none. */
  readonly problem: string | undefined;
}
