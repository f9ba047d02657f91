/** The process that copies flows to the other node: what it is told. */
import type { Cidr, Ip } from '../base/ip.js';

/** What the daemon tells it first, and once. */
export interface FlowOrders {
  readonly node: string;
  readonly peer: string;
  /** Where this node's replicator listens, or dials from. */
  readonly address: Ip;
  readonly peerAddress: Ip;
  readonly port: number;
  /** Of the pair channel, in Base64; the first is the one to dial with. */
  readonly keys: readonly string[];
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
