/** What a drill is planned from: the pair as it is now. */
import type { Cidr, Ip } from '../base/ip.js';
import type { Millis } from '../base/time.js';

export interface DrillScene {
  /** The node on which it is asked for. */
  readonly here: string;
  readonly group: string;
  readonly master: string;
  readonly backup: string;
  /** Of the group. */
  readonly interfaces: readonly string[];
  readonly addresses: readonly { readonly address: Cidr; readonly interface: string }[];
  readonly advertInterval: Millis;
  /** A backup's patience (RFC 9568 §6.1). */
  readonly masterDown: Millis;
  /** Whether the preferred node takes the group back by itself when it is well again. */
  readonly failback: 'by itself' | 'when asked';
  /** TCP ports of the pair channel and of the replicators'. */
  readonly channelPorts: readonly number[];
  /** How long a proxy may be silent before it counts as hung, at the most. */
  readonly proxySilence: Millis;
  /** Of the master's proxy, as haproxy.cfg has them with an address and a port. */
  readonly servers: readonly {
    readonly name: string;
    readonly address: Ip;
    readonly port: number;
  }[];
  /** The others that it has, such as `web/api, which is api.internal:443`: packets cannot be told by a name. */
  readonly serversByName: readonly string[];
  /** How long the group's trackers need to find backends down; 0 where none are tracked. */
  readonly backendsLook: Millis;
  readonly processors: number;
  /** What of what drills need is there. */
  readonly has: ReadonlySet<DrillNeed>;
}

export type DrillNeed =
  | 'ready-backup'
  | 'channel'
  /** The group watches its neighbours, so that a node can find that it is the one that is cut off. */
  | 'reachability'
  | 'proxy'
  /** One that vipair starts, and nobody else. */
  | 'supervised-proxy'
  | 'servers'
  /** All of them are known by address, and none too many. */
  | 'all-servers'
  | 'tracked-backends'
  | 'tables'
  | 'state-disk'
  | 'power-commands';
