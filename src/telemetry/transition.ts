/** One change of a group's role, with what was known when it was decided: an entry of the durable history. */
import type { NodeEvent } from '../core/node.js';
import type { RoleName } from '../core/notice.js';

export interface Transition {
  readonly node: string;
  /** When the deciding daemon was started, in Unix milliseconds: a history that was lost counts anew, but not in it. */
  readonly epoch: number;
  /** Grows by one with each transition of this node, over restarts. Gaps are lines that could not be read. */
  readonly number: number;
  /** When it was decided, in Unix milliseconds. */
  readonly at: number;
  readonly group: string;
  readonly from: RoleName;
  readonly to: RoleName;
  readonly cause: string;
  /** The kind of event that decided it. */
  readonly trigger: NodeEvent['kind'];
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
}

/** The role that a transition ends. */
export interface EndedRole {
  /** As far as this daemon has seen. */
  readonly lastedMs: number;
  /** Rounds of announcements made in it. */
  readonly announcements: number;
}

/** The answer of `vipair history`. */
export interface HistoryAnswer {
  readonly node: string;
  /** `memory only`: the last write failed; what waits is written with the next transition. */
  readonly kept: 'on disk' | 'memory only' | 'being read';
  /** Oldest first. */
  readonly transitions: readonly Transition[];
}
