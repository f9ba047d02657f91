/** The process that carries HAProxy's stick tables to the other node: what it is told, and what it tells. */
import type { Ip } from '../base/ip.js';
import type { Millis } from '../base/time.js';

/** Of both nodes, for a process that carries something from the one to the other. */
export interface ReplicatedPair {
  readonly node: string;
  /** The other node. */
  readonly peer: string;
  /** Where this node's process listens, or dials from. */
  readonly address: Ip;
  readonly peerAddress: Ip;
  /** Of the pair channel, in Base64; the first is the one to dial with. */
  readonly keys: readonly string[];
}

/** What the daemon tells its replicator, once. HAProxy knows the other node by its name. */
export interface ReplicatorOrders extends ReplicatedPair {
  readonly port: number;
  /** Where HAProxy dials. */
  readonly peersSocket: string;
  /** Whose the socket is to be, and the process; undefined: as the daemon. */
  readonly socketOwner: { readonly uid: number; readonly gid: number } | undefined;
  /** By the names that HAProxy gives them to its peers. */
  readonly tables: 'all' | readonly string[];
  /** Where rows outlive a loss of power, and how old they may be then; undefined: nowhere. */
  readonly snapshot?: { readonly file: string; readonly every: Millis } | undefined;
}

/** Starts it. */
export interface Replicators {
  /** What becomes of it is told to whoever hears, also where it could not be started at all. */
  start(hears: ReplicatorListener): Replicator;
}

export interface ReplicatorListener {
  /** A line of its standard output. */
  said(line: string): void;
  /** A line of its log. */
  logged(line: string): void;
  /** Once, and nothing after it. */
  ended(how: string): void;
}

/** One process. All of it may be called after its end, too. */
export interface Replicator {
  readonly pid: number | undefined;
  /** A line to its standard input. */
  tell(line: string): void;
  /** Its input ends, and so does it. */
  end(): void;
  kill(): void;
}
