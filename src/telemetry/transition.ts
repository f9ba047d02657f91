/** One change of a group's role, with what was known when it was decided: an entry of the durable history. */
import type { RoleName } from '../core/notice.js';

export interface Transition {
  readonly node: string;
  /** When the deciding daemon was started, in Unix milliseconds: a history that was lost counts anew, but not in it. */
  readonly epoch: number;
  /** Grows by one with each transition of this node, over restarts. Gaps are lines that could not be read. */
  readonly number: number;
  /**
   * When it was decided, by the clock that both nodes have in common (core/pair-clock.ts), in milliseconds: it orders
   * the transitions of both. Undefined of a version that had none.
   */
  readonly pairTime: number | undefined;
  /** When it was decided, by the node's wall clock, in Unix milliseconds. */
  readonly at: number;
  readonly group: string;
  readonly from: RoleName;
  readonly to: RoleName;
  readonly cause: string;
  /** The kind of event that decided it, such as `alarm`. */
  readonly trigger: string;
  readonly evidence: Evidence;
  readonly phases: Phases;
  readonly ended: EndedRole;
}

/** What this node knew. Undefined, or left out in JSON, is what it did not. */
export interface Evidence {
  /** What it advertised, or would have. */
  readonly priority: number;
  /** Adverts of anybody else, while it was backup. */
  readonly adverts: AdvertsEvidence | undefined;
  /** The advert that decided it. */
  readonly heard: { readonly source: string; readonly priority: number } | undefined;
  /** The peer's daemon, over the pair channel. */
  readonly heartbeat: HeartbeatEvidence | undefined;
  /** The peer's last word of the group. */
  readonly peerSaid:
    { readonly role: string; readonly priority: number; readonly lan: string } | undefined;
  /** Interfaces that were not up. */
  readonly links: readonly string[];
  /** Tracked things that were not well, with the end of their output where there was any. */
  readonly checks: readonly string[];
  /** The proxy, where it did not serve. */
  readonly proxy: string | undefined;
}

export interface AdvertsEvidence {
  /** Since the last one, or since this node listened where none came. */
  readonly silentForMs: number;
  /** What the master said that they are apart. */
  readonly intervalMs: number;
  readonly missed: number;
}

export interface HeartbeatEvidence {
  readonly life: string;
  readonly agoMs: number | undefined;
}

/** How long each part took, one after the other; undefined where it is not known, or did not happen. */
export interface Phases {
  /** From the first sign, such as the first advert that did not come, to the decision. */
  readonly decideMs: number | undefined;
  /** From the decision to the kernel's word that it holds the addresses. */
  readonly claimMs: number | undefined;
  /** From there to the first announcement. */
  readonly announceMs: number | undefined;
  /** From there to the first request that the local proxy answered. Undefined where it cannot tell. */
  readonly firstRequest: FirstRequestPhase | undefined;
}

export type FirstRequestPhase =
  | { readonly kind: 'served'; readonly afterMs: number }
  /** None within that time of the decision, and no longer was one waited for. */
  | { readonly kind: 'none'; readonly withinMs: number };

/** The role that a transition ends. */
export interface EndedRole {
  /** As far as this daemon has seen. */
  readonly lastedMs: number;
  /** Rounds of announcements made in it. */
  readonly announcements: number;
}

/** What a node is asked for of its own history. */
export interface HistoryQuestion {
  /** Undefined: all. */
  readonly group: string | undefined;
  /** The newest so many. */
  readonly limit: number;
  /** So many of the newest are known already; none where it is left out. */
  readonly skip?: number;
}

/** What a node answers of its own history. */
export interface HistoryAnswer {
  readonly node: string;
  /** `memory only`: the last write failed; what waits is written with the next transition. */
  readonly kept: 'on disk' | 'memory only' | 'being read';
  /** Oldest first. */
  readonly transitions: readonly Transition[];
}

/** The answer of `vipair history`: what both nodes remember. */
export interface PairHistory {
  /** Who was asked. */
  readonly node: string;
  /** Of whom there is something, or should be. */
  readonly parts: readonly HistoryPart[];
  /** Of both nodes, oldest first by the clock that they have in common. */
  readonly transitions: readonly Transition[];
  /** Which of these are one move of a group from node to node, oldest first. */
  readonly moves: readonly GroupMove[];
}

/** What came of one node's part. */
export interface HistoryPart {
  readonly node: string;
  /** Undefined where it did not say. */
  readonly kept: HistoryAnswer['kept'] | undefined;
  /** Why it is missing, or what is older than what is there; undefined where nothing is. */
  readonly problem: string | undefined;
}

/** A group went from one node to the other. */
export interface GroupMove {
  readonly group: string;
  readonly from: string;
  readonly to: string;
  readonly claim: TransitionName;
  /** How the former owner let go, oldest first; empty where it has told nothing, as after a loss of power. */
  readonly letGo: readonly TransitionName[];
  /** From letting go to the claim, by the pair's clock; negative where the claim was first. Undefined where not known. */
  readonly gapMs: number | undefined;
}

/** Names one transition. */
export type TransitionName = Pick<Transition, 'node' | 'epoch' | 'number'>;
