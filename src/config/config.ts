/** What the operator asked for, after every default was filled in and every problem was ruled out. */
import type { Cidr, Family, Ip } from '../base/ip.js';
import type { Centis, Millis } from '../base/time.js';
import type { DrillName } from '../core/drill-catalogue.js';
import type { DrillLimits } from '../core/drill-limits.js';
import type { DrillHours } from '../core/drill-preflight.js';

export interface Config {
  readonly pair: PairConfig;
  readonly groups: readonly GroupConfig[];
  /** Undefined where the pair moves addresses only and runs no proxy. */
  readonly proxy: ProxyConfig | undefined;
  /** What the proxies of both nodes have in common while they run; undefined: nothing. */
  readonly replicate: ReplicateConfig | undefined;
  /** Connections through the kernel that both nodes are to have, beside those of services; undefined: none. */
  readonly flows?: FlowsConfig | undefined;
  /** Told of transitions, in this order. */
  readonly hooks: readonly HookConfig[];
  /** What the other node may put into the files of the proxy; undefined: nothing, and what it sends itself is as usual. */
  readonly push?: PushConfig | undefined;
  /** How failover is rehearsed; undefined: as usual. */
  readonly drills?: DrillsConfig | undefined;
  /** Passed on to servers by the kernel; undefined: none. */
  readonly services?: readonly ServiceConfig[] | undefined;
  readonly runtime: RuntimeConfig;
}

export interface PairConfig {
  /** Exactly two. */
  readonly nodes: readonly NodeConfig[];
  /** Files with the keys of the pair channel, the one to dial with first. None: no channel, and VRRP decides alone. */
  readonly keyFiles: readonly string[];
  /** Where the node whose name comes last listens for the other. */
  readonly port: number;
  /** How often each daemon tells the other how it is. */
  readonly heartbeat: Millis;
}

export interface NodeConfig {
  readonly name: string;
  /** The node's own address on the dedicated link, or on the LAN where there is none. It tells a node who it is. */
  readonly address: Ip;
  /** Where the pair channel goes while that address does not work; undefined: nowhere. */
  readonly fallback?: Ip | undefined;
}

/** Several addresses that move together: one virtual router a family and interface on the wire, one decision. */
export interface GroupConfig {
  readonly name: string;
  /** VRRPv2 (RFC 3768) speaks IPv4 and whole seconds only. */
  readonly version: 2 | 3;
  /** At least one; the first leads: it alone decides between equal priorities. Each has addresses of one family. */
  readonly instances: readonly InstanceConfig[];
  readonly advertInterval: Centis;
  /** The node that wins when both are fit and nobody holds the group; undefined: the first of the pair. */
  readonly prefer: string | undefined;
  /** Each node's priority on the wire by node name; undefined: 254 for the preferred one, 253 for the other. */
  readonly priority: ReadonlyMap<string, number> | undefined;
  readonly failback: FailbackConfig;
  /** How long a daemon that has just started waits, at least, before it takes over from nobody. */
  readonly startHold: Millis;
  /** Undefined: multicast. */
  readonly unicast: UnicastConfig | undefined;
  readonly checksum: ChecksumForm;
  readonly authentication: AuthenticationConfig | undefined;
  readonly track: readonly TrackConfig[];
  /** The addresses live on an interface of their own with the MAC of RFC 9568 §7.3. */
  readonly virtualMac: boolean;
  /** Accept_Mode (RFC 9568 §6.1): whether packets to the addresses are taken, beyond ARP and neighbour discovery. */
  readonly accept: boolean;
  /** Whether the first claim is preceded by asking the link who has the addresses. */
  readonly duplicateProbe: boolean;
  /** For how long open connections are kept over a planned move; undefined: they are cut. */
  readonly keepConnections: Millis | undefined;
  readonly announce: AnnounceConfig;
}

/** One virtual router. */
export interface InstanceConfig {
  readonly interface: string;
  readonly vrid: number;
  readonly family: Family;
  readonly addresses: readonly Cidr[];
}

/** Whether a preferred node that comes back takes the group back. */
export type FailbackConfig =
  | { readonly kind: 'never' }
  /** When an operator says so. */
  | { readonly kind: 'manual' }
  /** Once it has been fit and backup for that long without a break. */
  | { readonly kind: 'after'; readonly stableFor: Millis };

export interface UnicastConfig {
  /** Each node's own addresses by node name, at most one a family. */
  readonly nodes: ReadonlyMap<string, readonly Ip[]>;
  /** Routers that are not of this pair but speak for the same addresses, such as keepalived during a migration. */
  readonly foreignPeers: readonly Ip[];
  /** The least TTL or hop limit that is heard: 255, unless a router lies between the nodes. */
  readonly minTtl: number;
}

export type AuthenticationConfig =
  /** The simple password of VRRPv2 (RFC 2338 §5.3.6): it keeps out accidents, not attackers. */
  { readonly kind: 'password'; readonly secret: SecretSource } | TrailerAuthenticationConfig;

/** The HMAC-SHA-256 trailer, as keepalived from 2.4.2 on has it. */
export interface TrailerAuthenticationConfig {
  readonly kind: 'hmac';
  readonly mode: 'receive-only' | 'permissive' | 'enforce';
  readonly keys: readonly KeyConfig[];
  /** The id of the key that signs. */
  readonly signWith: number;
  /** How far a sender's clock may differ. */
  readonly window: Millis;
  readonly replay: 'time' | 'monotonic';
}

export interface KeyConfig {
  /** 1–255, the same on every node. */
  readonly id: number;
  readonly secret: SecretSource;
}

/** `credential`: a name in systemd's `$CREDENTIALS_DIRECTORY`. */
export type SecretSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'credential'; readonly name: string };

/** Something whose failure makes this node less fit for a group, or unfit. */
export interface TrackConfig {
  readonly name: string;
  readonly thing: TrackedThingConfig;
  readonly consequence: TrackConsequence;
}

/** `weight`: as in keepalived, negative is subtracted while the thing fails, positive added while it is well. */
export type TrackConsequence =
  { readonly kind: 'fault' } | { readonly kind: 'weight'; readonly weight: number };

export type TrackedThingConfig =
  | {
      readonly kind: 'interface';
      readonly interface: string;
      /** How long a change has to last before it counts. */
      readonly debounce: Millis;
    }
  | (ScriptConfig & Rhythm)
  /** Up while a process of that name runs. */
  | ({ readonly kind: 'process'; readonly program: string } & Rhythm)
  /** The integer in the file: times the weight, or a fault where it is not 0. */
  | { readonly kind: 'file'; readonly path: string; readonly every: Millis }
  /** Up while at least one of them answers ARP or neighbour solicitations. */
  | ({
      readonly kind: 'neighbours';
      readonly interface: string;
      readonly addresses: readonly Ip[];
      readonly timeout: Millis;
    } & Rhythm)
  /** Up while each of the proxy's backends, or of those named, has so many of its servers up, in percent. */
  | ({
      readonly kind: 'backends';
      readonly backends: readonly string[] | 'all';
      readonly quorum: number;
    } & Rhythm)
  /** Up while each of the services at the group's addresses, or of those named, has so many of its servers up, in percent. */
  | ({
      readonly kind: 'services';
      readonly services: readonly string[] | 'all';
      readonly addresses: readonly Ip[];
      readonly quorum: number;
    } & Rhythm)
  /** Up while something listens on each of the ports, at each of the group's addresses. */
  | ({
      readonly kind: 'listeners';
      readonly addresses: readonly Ip[];
      readonly ports: readonly number[];
    } & Rhythm)
  /** The configured proxy. Where it is not listed, its failure is a fault of every group. */
  | { readonly kind: 'proxy' };

export interface ScriptConfig {
  readonly kind: 'script';
  readonly path: string;
  readonly args: readonly string[];
  readonly user: string;
  readonly timeout: Millis;
}

/** How often a thing is looked at, and how many looks in a row change its state. */
export interface Rhythm {
  readonly every: Millis;
  readonly rise: number;
  readonly fall: number;
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
  /** Who starts it: this daemon, or systemd, whose HAProxy is never started nor ended by us. */
  readonly run: 'supervised' | 'systemd';
  /** Where the one that systemd runs is spoken to; a supervised one gets a socket of our own. */
  readonly runtimeSocket: string;
  /** How often the proxy is asked whether it still answers. */
  readonly probeEvery: Millis;
  /** How long it may take to answer before it counts as hung. */
  readonly probeTimeout: Millis;
  /** How long a worker that a reload has replaced may last, where we start HAProxy. */
  readonly workerAge: Millis;
}

/** HAProxy's stick tables, on both nodes. */
export interface ReplicateConfig {
  /** By the names that HAProxy gives them to its peers; all are those that have peers in its configuration. */
  readonly stickTables: 'all' | readonly string[];
  /** Where the replicator of the node whose name comes last listens for the other. */
  readonly port: number;
  /** Where HAProxy finds the replicator as its peer. */
  readonly peersSocket: string;
  /** How old what is kept over a loss of power may be; undefined: nothing is kept. */
  readonly snapshotEvery: Millis | undefined;
}

/** Connections that go through a node, in both kernels. Undefined: all. */
export interface FlowsConfig {
  /** Where the flow replicator of the node whose name comes last listens for the other. */
  readonly port: number;
  /** By IANA's numbers. */
  readonly protocols: readonly number[] | undefined;
  /** To which the first packet goes. */
  readonly ports: readonly number[] | undefined;
  /** Of conntrack. */
  readonly zones: readonly number[] | undefined;
  /** Whose flows are routed, without an address of a group. */
  readonly networks: readonly Cidr[];
}

/** Where they go over, where nothing else is said. */
export const FLOWS_PORT = 5114;

/** Files of the proxy from one node to the other. */
export interface PushConfig {
  readonly accept: boolean;
  /** Where they may lie, beside the directory of haproxy.cfg. */
  readonly directories: readonly string[];
  /** Further ones than haproxy.cfg names. */
  readonly files: readonly string[];
  /** How long the proxy is watched before they are kept. */
  readonly watch: Millis;
}

/** How failover is rehearsed on the running pair. */
export interface DrillsConfig {
  /** Whether this node lets faults be made at all. */
  readonly enabled: boolean;
  /** How `vipair probe` is started where clients are, such as over ssh; undefined: on this node, which hides much. */
  readonly prober: readonly string[] | undefined;
  /** How `vipair probe --watch INTERFACE` is started on a further machine; undefined: nobody watches but the prober. */
  readonly watcher: readonly string[] | undefined;
  /** What clients ask; undefined: the first address of the group, port 80. */
  readonly target: { readonly host: Ip; readonly port: number } | undefined;
  /** When drills may begin, in the node's own time of day; none: always. */
  readonly windows: readonly DrillHours[];
  /** How many requests drills may have failed already; undefined: any number. */
  readonly budget: { readonly failed: number; readonly days: number } | undefined;
  /** By the name of a drill, or `all`. */
  readonly limits: ReadonlyMap<string, Partial<DrillLimits>>;
  /** Drills in their order, by the suite's name. */
  readonly suites: ReadonlyMap<string, readonly DrillName[]>;
  /** What the other node runs to take a node's power, and to give it back. */
  readonly power: { readonly off: readonly string[]; readonly on: readonly string[] } | undefined;
}

/** A port of a virtual address whose connections the kernel passes on to servers. */
export interface ServiceConfig {
  readonly name: string;
  /** Of a group. */
  readonly address: Ip;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly mode: 'kernel';
  /** What chooses the server of a new connection: both ends of it, or the client's address. */
  readonly hash: 'flow' | 'source';
  /** Of the same group: what servers see as the client. Undefined: the client, whose answers they send through the node. */
  readonly source: Ip | undefined;
  /** At least one; their names differ. */
  readonly servers: readonly ServiceServerConfig[];
  /** Undefined: nobody looks, and all servers count as up. */
  readonly check: ServiceCheckConfig | undefined;
  /** How long a server that is drained keeps its open connections. */
  readonly drainTimeout: Millis;
  /** Whether its connections are copied to the other node. */
  readonly replicateFlows: boolean;
}

export interface ServiceServerConfig {
  readonly name: string;
  /** Of the family of the service. */
  readonly address: Ip;
  readonly port: number;
  /** 0–256; 0: no new connections. */
  readonly weight: number;
}

export type ServiceCheckConfig = ServiceCheckKind &
  Rhythm & {
    /** Another one than the server's. */
    readonly port: number | undefined;
    /** Of one look. */
    readonly timeout: Millis;
  };

export type ServiceCheckKind =
  | { readonly kind: 'tcp' }
  | {
      readonly kind: 'http';
      readonly path: string;
      readonly host: string | undefined;
      /** Both included. */
      readonly status: { readonly from: number; readonly to: number };
    }
  | { readonly kind: 'tls'; readonly host: string | undefined }
  /** Told the address and the port of the server behind its arguments. */
  | Omit<ScriptConfig, 'timeout'>;

/** A script of the operator's that is told of transitions. */
export interface HookConfig {
  readonly path: string;
  /** What a group has become. */
  readonly on: readonly ('master' | 'backup' | 'fault' | 'stopped')[];
  readonly arguments: 'vipair' | 'keepalived' | 'keepalived-group';
  /** Of one run. */
  readonly timeout: Millis;
  readonly user: string;
}

/** Where a running daemon keeps what is not for the operator to edit. */
export interface RuntimeConfig {
  /** A directory on a memory file system, such as `/run/vipair`. */
  readonly directory: string;
  /** A directory that outlives a boot, such as `/var/lib/vipair`. */
  readonly stateDirectory: string;
  readonly controlSocket: string;
}
