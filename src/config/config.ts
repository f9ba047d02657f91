/** What the operator asked for, after every default was filled in and every problem was ruled out. */
import type { Cidr, Ip } from '../base/ip.js';
import type { Centis, Millis } from '../base/time.js';

export interface Config {
  readonly pair: PairConfig;
  readonly groups: readonly GroupConfig[];
  /** Undefined where the pair moves addresses only and runs no proxy. */
  readonly proxy: ProxyConfig | undefined;
  readonly runtime: RuntimeConfig;
}

export interface PairConfig {
  /** Exactly two. */
  readonly nodes: readonly NodeConfig[];
}

export interface NodeConfig {
  readonly name: string;
  /** The node's own address on the dedicated link, or on the LAN where there is none. It tells a node who it is. */
  readonly address: Ip;
}

/** Several addresses that move together: one virtual router on the wire. */
export interface GroupConfig {
  readonly name: string;
  readonly interface: string;
  readonly vrid: number;
  readonly advertInterval: Centis;
  readonly addresses: readonly Cidr[];
  /** The node that wins when both are fit and nobody holds the group; undefined: the first of the pair. */
  readonly prefer: string | undefined;
  /** `never`: a node that comes back leaves the group where it is. */
  readonly failback: 'never';
  /** Each node's own LAN address by node name, where adverts go from address to address; undefined: multicast. */
  readonly unicast: ReadonlyMap<string, Ip> | undefined;
  readonly checksum: ChecksumForm;
  readonly announce: AnnounceConfig;
}

/** Whether the IPv4 checksum of an advert covers a pseudo-header: keepalived says yes, RFC 9568 §5.2.8 says no. Both are heard. */
export type ChecksumForm = 'with-pseudo-header' | 'without-pseudo-header';

/** When the neighbours are told: a burst at once, a later burst, then a slow refresh. */
export interface AnnounceConfig {
  readonly burst: number;
  readonly burstAgainAfter: Millis;
  readonly refreshEvery: Millis;
}

export interface ProxyConfig {
  readonly kind: 'haproxy';
  readonly program: string;
  /** haproxy.cfg */
  readonly config: string;
  readonly run: 'supervised';
  /** How often the proxy is asked whether it still answers. */
  readonly probeEvery: Millis;
  /** How long it may take to answer before it counts as hung. */
  readonly probeTimeout: Millis;
}

/** Where a running daemon keeps what is not for the operator to edit. */
export interface RuntimeConfig {
  /** A directory on a memory file system, such as `/run/vipair`. */
  readonly directory: string;
  readonly controlSocket: string;
}
