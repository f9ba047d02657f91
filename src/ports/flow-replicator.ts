/** The process that copies flows to the other node: what it is told. */
import type { Cidr, Ip } from '../base/ip.js';
import type { ReplicatedPair } from './replicator.js';

/** What the daemon tells it first, and once. */
export interface FlowOrders extends ReplicatedPair {
  readonly port: number;
  /** Beside the flows of services; undefined: none. */
  readonly filter: FlowsAsked | undefined;
  readonly duty: FlowDuty;
}

/** Absent: all. */
export interface FlowsAsked {
  /** By IANA's numbers. */
  readonly protocols?: readonly number[] | undefined;
  readonly ports?: readonly number[] | undefined;
  readonly zones?: readonly number[] | undefined;
  readonly networks: readonly Cidr[];
}

/** What it is told again whenever it changes. */
export interface FlowDuty {
  /** Of all groups. */
  readonly addresses: readonly Ip[];
  /** Of the groups of which this node is the master. */
  readonly owned: readonly Ip[];
  readonly services: readonly ServiceDuty[];
}

/** A port whose connections the kernel passes on. */
export interface ServiceDuty {
  readonly addresses: readonly Ip[];
  readonly protocol: number;
  readonly port: number;
  readonly replicate: 'yes' | 'no';
}

/** The addresses that this machine has now, those of groups among them. */
export interface LocalAddresses {
  all(): readonly Ip[];
}
