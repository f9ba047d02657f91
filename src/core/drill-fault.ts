/** What a drill does to a node for a while: each can be undone, by whoever finds it, from what is written here alone. */
import type { Cidr, Ip } from '../base/ip.js';

export type DrillFault =
  /** Of a process and its children; `stop` is undone by letting it go on. A killed one is started again by whoever does so always. */
  | {
      readonly kind: 'signal';
      readonly to: 'daemon' | 'proxy' | 'replicator';
      readonly signal: 'kill' | 'stop';
    }
  /** As `systemctl restart` does: handed over to the next daemon. */
  | { readonly kind: 'restart-daemon' }
  /** A line that HAProxy refuses is put into haproxy.cfg, and a reload is asked for. */
  | { readonly kind: 'bad-proxy-config' }
  | { readonly kind: 'link-down'; readonly interface: string }
  /** Packets are dropped by rules of our own; carriers stay. */
  | { readonly kind: 'drop'; readonly packets: readonly DroppedPackets[] }
  /** An address that the node holds is taken from its interface. */
  | { readonly kind: 'remove-address'; readonly address: Cidr; readonly interface: string }
  /** An address that the other node holds is put on an interface, and announced from there. */
  | { readonly kind: 'add-address'; readonly address: Cidr; readonly interface: string }
  /** Processes that compute without end, one a processor and some more. */
  | { readonly kind: 'burn-processors'; readonly processes: number }
  /** A file fills the file system of the state directory, which has to be one of its own. */
  | { readonly kind: 'fill-disk' }
  /** What the node's configuration has for it is run: `drills.power_off` of the other node, and `drills.power_on` to undo it. */
  | { readonly kind: 'power-off'; readonly node: string };

/** As one end of them sees it. */
export type DroppedPackets =
  | { readonly what: 'everything'; readonly interface: string }
  | {
      readonly what: 'adverts';
      readonly interface: string;
      readonly direction: 'in' | 'out';
    }
  /** Of connections to or from that port. */
  | { readonly what: 'port'; readonly port: number }
  /** What this node sends to a server. */
  | { readonly what: 'server'; readonly address: Ip; readonly port: number };

/** Of one drill on one node. */
export const MOST_FAULTS = 8;
/** Of one fault: a backend of a large site has some tens of servers. */
export const MOST_DROPPED = 64;
/** A fault that lasts longer than this is no drill. In milliseconds. */
export const LONGEST_FAULT = 120_000;
