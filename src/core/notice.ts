/** What the decision makers report: each is one line of the log, one entry of the history. */
import type { Ip } from '../base/ip.js';
import type { MacAddress } from '../base/mac.js';
import type { Millis } from '../base/time.js';

export type Notice =
  | {
      readonly event: 'vrrp.state';
      readonly group: string;
      readonly from: RoleName;
      readonly to: RoleName;
      readonly cause: string;
    }
  | {
      readonly event: 'vrrp.master';
      readonly group: string;
      readonly source: Ip;
      readonly priority: number;
    }
  | {
      readonly event: 'vrrp.contest';
      readonly group: string;
      readonly source: Ip;
      readonly priority: number;
    }
  /** The peer says over the pair channel that it is master, and its adverts do not arrive. */
  | { readonly event: 'vrrp.path-broken'; readonly group: string; readonly master: Ip }
  /**
   * Unfit as it is, a master stays one while the other node is no fitter, because somebody has to own the addresses; or
   * while nothing is to move.
   */
  | {
      readonly event: 'vrrp.kept';
      readonly group: string;
      readonly cause: string;
      readonly because: 'nobody is fitter' | 'paused';
    }
  | { readonly event: 'vrrp.path-healed'; readonly group: string }
  /** The other node says that the group is configured otherwise there where both must be the same. */
  | {
      readonly event: 'generation.group-differs' | 'generation.group-agrees';
      readonly group: string;
    }
  /** What the pair channel says of the other daemon's life. */
  | { readonly event: 'pair.peer'; readonly from: string; readonly to: string }
  | { readonly event: 'vrrp.stalled'; readonly group: string; readonly lateFor: Millis }
  | { readonly event: 'lease.lost'; readonly group: string; readonly endedAgo: Millis }
  | { readonly event: 'address.removed'; readonly group: string; readonly address: Ip }
  | {
      readonly event: 'address.stolen';
      readonly group: string;
      readonly address: Ip;
      readonly times: number;
    }
  | { readonly event: 'address.refused'; readonly group: string; readonly detail: string }
  | {
      readonly event: 'vrrp.mute';
      readonly group: string;
      readonly detail: string;
    }
  | {
      readonly event: 'address.left-over';
      readonly group: string;
      readonly outcome: 'adopted' | 'released';
    }
  | {
      readonly event: 'address.duplicate';
      readonly group: string;
      readonly address: Ip;
      readonly mac: MacAddress;
      /** `not claimed`: nobody was heard as master, so the machine has it by mistake, or its adverts do not arrive. */
      readonly outcome: 'not claimed' | 'held all the same';
    }
  | {
      readonly event: 'link.state';
      readonly group: string;
      readonly interface: string;
      readonly state: LinkState;
    }
  | {
      readonly event: 'track.state';
      readonly group: string;
      /** The tracked thing. */
      readonly name: string;
      readonly to: string;
    }
  | {
      readonly event: 'vrrp.priority';
      readonly group: string;
      readonly priority: number;
      /** How it came about, in one line. */
      readonly why: string;
    }
  /** Operators have stopped automatic moves, or let them go on; `by`: the node that it was said on. */
  | { readonly event: 'orders.paused'; readonly by: string }
  | { readonly event: 'orders.resumed'; readonly by: string }
  | {
      readonly event: 'orders.maintenance';
      readonly of: 'this node' | 'the other node';
      readonly state: 'on' | 'off';
      readonly by: string;
    }
  | { readonly event: 'failback.asked'; readonly group: string }
  | { readonly event: 'switchover.started'; readonly group: string }
  | {
      readonly event: 'switchover.ended';
      readonly group: string;
      readonly outcome: SwitchoverOutcome;
    }
  | {
      readonly event: 'proxy.state';
      readonly from: string;
      readonly to: string;
      readonly cause: string;
    }
  /** The stick tables of the other node's proxy have not been handed to this node's yet; they have; they did not come. */
  | { readonly event: 'tables.awaited' }
  | { readonly event: 'tables.in' }
  | { readonly event: 'tables.given-up'; readonly waited: Millis }
  /** By somebody else. */
  | { readonly event: 'proxy.reloaded' }
  | { readonly event: 'proxy.refused'; readonly detail: string }
  | { readonly event: 'proxy.crash-loop'; readonly deaths: number; readonly retryIn: Millis };

/** What operators call the part a node plays in a group. */
export type RoleName = 'starting' | 'fault' | 'backup' | 'master' | 'resigning' | 'stopped';

/** `missing`: no interface of that name. `up`: administratively up, with carrier. */
export type LinkState = 'up' | 'down' | 'missing';

export type SwitchoverOutcome =
  | { readonly kind: 'moved'; readonly to: Ip; readonly within: Millis }
  | { readonly kind: 'undone'; readonly reason: string };
