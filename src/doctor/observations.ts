/** What the doctor goes by: the configuration as it is meant for this node, and what was seen of the world. */
import type { Family, Ip } from '../base/ip.js';
import type { MacAddress } from '../base/mac.js';
import type { Instant, Millis, WallTime } from '../base/time.js';
import type { AuthenticationParams } from '../core/authentication.js';
import type { Section } from '../core/haproxy-sections.js';
import type { PeersAdvice } from '../core/peers-advice.js';
import type { Expectations } from '../core/receive-checks.js';
import type { SeenPacket } from '../ports/capture.js';
import type { NeighbourClaim } from '../ports/neighbours.js';
import type { NodeStatus } from '../telemetry/status.js';
import type { ChecksumForm } from '../wire/vrrp-checksum.js';

/** One virtual router of this node. */
export interface Router {
  readonly group: string;
  readonly interface: string;
  readonly expectations: Expectations;
  readonly authentication: AuthenticationParams | undefined;
  /** How this node computes its checksums. */
  readonly checksum: ChecksumForm;
  /** What this node advertises as long as nothing that it tracks fails. */
  readonly priority: number;
  /** Whether the addresses live on an interface with a MAC of their own. */
  readonly mac: 'virtual' | 'interface';
}

export interface SeenOn extends SeenPacket {
  readonly interface: string;
  readonly at: Instant;
  readonly wallTime: WallTime;
}

export interface ClaimOn extends NeighbourClaim {
  readonly interface: string;
}

/** Somebody was asked for, because the address is virtual, a unicast peer's, or the other node's. */
export interface Asked {
  readonly interface: string;
  readonly address: Ip;
  /** Only who is on the link can be expected to answer. */
  readonly where: 'on this link' | 'elsewhere';
}

/** An entry of the kernel's neighbour table. */
export interface NeighbourEntry {
  readonly interface: string;
  readonly address: Ip;
  readonly mac: MacAddress;
}

export type DaemonSeen =
  | { readonly kind: 'running'; readonly before: NodeStatus; readonly after: NodeStatus }
  | { readonly kind: 'absent'; readonly detail: string };

export interface SettingSeen {
  readonly name: string;
  readonly wanted: string;
  readonly why: string;
  /** Undefined where the kernel has none of that name. */
  readonly found: string | undefined;
  /** Whether the daemon sets it by itself when it starts. */
  readonly setBy: 'daemon' | 'operator';
}

/** A program that configures interfaces, and which of ours it does. */
export type NetworkManagerSeen =
  | {
      readonly kind: 'systemd-networkd';
      readonly interface: string;
      /** The .network file that applies. */
      readonly file: string;
      /** Whether it leaves alone what it did not configure itself. */
      readonly foreign: 'kept' | 'removed';
    }
  | {
      readonly kind: 'NetworkManager';
      readonly interface: string;
      readonly connection: string;
    };

/** The node's HAProxy, as its file and its socket show it. */
export interface ProxySeen {
  readonly run: 'supervised' | 'systemd';
  /** Path of haproxy.cfg. */
  readonly config: string;
  readonly runtimeSocket: string;
  /** Whether systemd starts haproxy.service at boot. */
  readonly unit: 'enabled' | 'not enabled' | 'unknown';
  readonly runtime:
    | {
        readonly kind: 'answers';
        readonly level: 'admin' | 'operator' | 'user';
        readonly mode: 'master-worker' | 'alone';
      }
    | { readonly kind: 'silent'; readonly detail: string }
    /** A supervised one has a socket that vipair gave it. */
    | { readonly kind: 'not asked' };
  readonly file:
    | {
        readonly kind: 'read';
        readonly sections: readonly Section[];
        /** Undefined where nothing is to be replicated. */
        readonly peers: Pick<PeersAdvice, 'found' | 'untold' | 'problems'> | undefined;
      }
    | { readonly kind: 'unreadable'; readonly detail: string };
  /** The virtual addresses of all groups. */
  readonly addresses: readonly Ip[];
  /** Whether a process may listen at addresses that the node has not: now, and by what is read at boot. */
  readonly nonlocal: Readonly<
    Record<Family, { readonly now: 'on' | 'off'; readonly atBoot: 'on' | 'off' }>
  >;
}

export interface Observations {
  readonly node: string;
  /** The other node, and its address of the configuration. */
  readonly peer: { readonly name: string; readonly address: Ip } | undefined;
  /** Why the daemon could not start with this configuration. */
  readonly refusals: readonly string[];
  readonly missingCapabilities: readonly string[];
  readonly routers: readonly Router[];
  readonly listenedFor: Millis;
  /** Interfaces that could not be listened on, and why. */
  readonly deaf: readonly { readonly interface: string; readonly detail: string }[];
  readonly packets: readonly SeenOn[];
  readonly asked: readonly Asked[];
  readonly claims: readonly ClaimOn[];
  readonly neighbours: readonly NeighbourEntry[];
  readonly daemon: DaemonSeen;
  readonly settings: readonly SettingSeen[];
  readonly managers: readonly NetworkManagerSeen[];
  /** Undefined where the pair moves addresses only. */
  readonly proxy: ProxySeen | undefined;
  /** What the kernel is to pass on; undefined: nothing. */
  readonly services?: readonly ServiceSeen[] | undefined;
}

export interface ServiceSeen {
  readonly name: string;
  readonly address: Ip;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
}

export function familyName(family: Family): string {
  return family === 'ipv4' ? 'IPv4' : 'IPv6';
}
