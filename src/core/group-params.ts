/** What one group is to this node: all of it follows from the configuration and never changes while the daemon runs. */
import type { Ip } from '../base/ip.js';
import type { MacAddress } from '../base/mac.js';
import type { Millis } from '../base/time.js';
import type { TrackedThing } from './tracking.js';
import type { VrrpParams } from './vrrp-state.js';

/** `priority` is where the node's priority starts from; what it advertises is in the group's state. */
export interface GroupParams extends VrrpParams {
  /** The group's virtual routers, at least one. The first leads: its addresses decide ties and name the master. */
  readonly instances: readonly InstanceParams[];
  /** The other node's priority in full health. */
  readonly peerPriority: number;
  /** Routers that are not of this pair: what they advertise says nothing of health. */
  readonly foreignPeers: readonly Ip[];
  readonly failback: Failback;
  /** How long a daemon that has just started listens, at least, before it takes over from nobody. */
  readonly startHold: Millis;
  /** Whether the link is asked who has the addresses before they are claimed from nobody. */
  readonly duplicateProbe: 'wanted' | 'needless';
  /** Whether a master can be asked on the link whether it lives; one that is reached over routers cannot. */
  readonly inquiry: 'possible' | 'impossible';
  readonly things: readonly TrackedThing[];
  /** For how long open connections are kept over a planned move; undefined: they are not. */
  readonly keepConnections: Keeper | undefined;
  /** A digest of what the other node must be configured with just the same. */
  readonly agreement: string;
}

/** What a node that keeps open connections over a planned move says of it. */
export interface Keeper {
  readonly lasting: Millis;
  /** Its own address on each of the group's instances. */
  readonly addresses: readonly Ip[];
}

/** One virtual router, as far as decisions need it. */
export interface InstanceParams {
  readonly interface: string;
  /** Adverts leave from it, and it breaks ties. */
  readonly ownAddress: Ip;
  /** What whoever is this virtual router may answer with (RFC 9568 §7.3), us or another. */
  readonly virtualMac?: MacAddress;
}

/** Whether a backup of greater priority takes the group back from an equally healthy master. */
export type Failback =
  | { readonly kind: 'never' }
  /** Once an operator asks for it. */
  | { readonly kind: 'manual' }
  /** Once it has outranked the master for so long without a break. */
  | { readonly kind: 'after'; readonly stableFor: Millis };
