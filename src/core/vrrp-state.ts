/** The states, events and effects of one virtual router (RFC 9568 §6.4). */
import type { Ip } from '../base/ip.js';
import type { Instant, Millis } from '../base/time.js';
import type { Advert } from '../wire/vrrp.js';
import type { AnnounceParams, AnnouncePlan } from './announce-plan.js';
import type { Notice, RoleName, SwitchoverOutcome } from './notice.js';
import type { AddressClaim } from './address-claim.js';

export interface VrrpParams {
  readonly group: string;
  readonly version: 2 | 3;
  /** Its own: how long it listens follows from it, whatever it says. */
  readonly priority: number;
  /** What it advertises as master, and is compared by then; undefined: its own. */
  readonly spoken?: number | undefined;
  readonly interval: Millis;
  /** Preempt_Mode (RFC 9568 §6.1): whether a backup takes over from a master of lower priority. */
  readonly preempt: 'allowed' | 'forbidden';
  readonly announce: AnnounceParams;
}

export type VrrpState = { readonly name: 'initialize' } | Backup | Master | Resigning;

/** A master that said priority 0 and keeps answering until its successor is heard, or `until`. */
export interface Resigning {
  readonly name: 'resigning';
  readonly since: Instant;
  readonly until: Instant;
  readonly purpose: ResignPurpose;
  readonly lookedAgain: 'no' | 'yes';
}

export type ResignPurpose = 'switchover' | 'maintenance' | 'stop';

export interface Backup {
  readonly name: 'backup';
  readonly masterDownAt: Instant;
  /** Active_Adver_Interval: learned from the master's adverts (RFC 9568 §6.1). */
  readonly masterInterval: Millis;
  /** Who was heard last as master; undefined until somebody was. */
  readonly master: Rival | undefined;
  /** Who was heard last with a lower priority, and is to be taken over from. */
  readonly outranked: Rival | undefined;
  /** Whether that master has said priority 0 since. */
  readonly resigned: 'no' | 'yes';
  /** Whether an alarm that rang late has already waited for adverts that may lie unread. */
  readonly lookedAgain: 'no' | 'yes';
}

/** Another router that advertises as master. */
export interface Rival {
  readonly address: Ip;
  readonly priority: number;
}

export interface Master {
  readonly name: 'master';
  readonly nextAdvertAt: Instant;
  readonly lastAdvertAt: Instant;
  /** The kernel stops answering for us at this instant; a master that wakes up later has been replaced. */
  readonly leaseUntil: Instant;
  /** Undefined until the kernel has confirmed that it holds the addresses: nobody is sent here in vain. */
  readonly announcements: AnnouncePlan | undefined;
  /** When a rival was last heard, and for when announcements were last planned because of it. */
  readonly contest: { readonly heardAt: Instant; readonly plannedAt: Instant } | undefined;
  /** What another machine has claimed since neighbours were told last. */
  readonly claim?: AddressClaim | undefined;
}

export type VrrpEvent =
  /** `from`: a first start, or the end of a fault. It listens for `listenFor` at least. */
  | { readonly kind: 'startup'; readonly from: RoleName; readonly listenFor: Millis }
  /** A former life of this daemon left a lease that still runs: nobody has taken over. */
  | { readonly kind: 'adopt' }
  | Heard
  | { readonly kind: 'alarm' }
  | { readonly kind: 'resign'; readonly purpose: ResignPurpose }
  | { readonly kind: 'hand-over' }
  | { readonly kind: 'shutdown' }
  /** The addresses disappeared under us. */
  | { readonly kind: 'hold-again' }
  /** It has other parameters from now on, and so has the other node. */
  | { readonly kind: 'reconfigured' }
  /** Its daemon is silent on the pair channel, and its kernel on the link. */
  | { readonly kind: 'master-died' }
  /** The kernel confirmed a `hold` that asked for it. */
  | { readonly kind: 'held' };

/** An advert that passed every receive check. */
export interface Heard {
  readonly kind: 'advert';
  readonly source: Ip;
  readonly advert: Advert;
  /** Who wins where priorities are equal: the greater address (RFC 9568 §6.4.3), of the leading instance alone. */
  readonly tie: 'ours' | 'theirs';
  /** Whether it came on the group's leading instance, whose source names the master to people. */
  readonly leads: 'yes' | 'no';
}

export type VrrpEffect =
  | { readonly kind: 'send-advert'; readonly priority: number; readonly interval: Millis }
  /** The kernel shall hold the addresses and answer for them, for `lease` from now. Asked again before it ends. */
  | { readonly kind: 'hold'; readonly lease: Millis; readonly confirm: 'wanted' | 'needless' }
  | { readonly kind: 'release' }
  | { readonly kind: 'announce' }
  /** The addresses move to the other node, which lives: for `lasting`, open connections are served on here. */
  | ({ readonly kind: 'leave-connections' } & MovedConnections)
  /** The addresses come from the other node, which lives: for `lasting`, what its connections need is passed on to it. */
  | ({ readonly kind: 'take-connections' } & MovedConnections)
  /** The other node serves none any more: clients had better hear that at once. */
  | { readonly kind: 'end-connections' }
  /** Ask the link who has the addresses. */
  | { readonly kind: 'probe' }
  | { readonly kind: 'switchover-ended'; readonly outcome: SwitchoverOutcome }
  | { readonly kind: 'tell'; readonly notice: Notice };

interface MovedConnections {
  /** The other node's own address on each of the group's instances. */
  readonly others: readonly Ip[];
  readonly lasting: Millis;
}

export interface VrrpStep<S extends VrrpState = VrrpState> {
  readonly state: S;
  readonly effects: readonly VrrpEffect[];
}
