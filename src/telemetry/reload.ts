/** What `vipair reload` came to, or would come to, on one node. */

export interface ReloadReport {
  readonly node: string;
  /** `planned`: nothing was changed, only looked at. `switched`: both nodes did, at the same moment. */
  readonly outcome: 'unchanged' | 'applied' | 'switched' | 'planned';
  readonly changes: readonly PlannedChange[];
  /** What the other node's file comes to; undefined where that was not asked, a sentence where it could not be. */
  readonly peer: PeerPlan | undefined;
  /** What the two files do not say alike, of what both nodes must have just the same; undefined where that is not known. */
  readonly differing?: readonly SharedDifference[] | undefined;
}

export interface SharedDifference {
  readonly path: string;
  /** Undefined where a file does not say it. */
  readonly here?: string | undefined;
  readonly there?: string | undefined;
}

export interface PlannedChange {
  /** Such as `groups.web.failback.kind`. */
  readonly path: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** `nothing`: it is changed as the daemon runs. */
  readonly takes: 'nothing' | 'agreement' | 'restart';
}

export type PeerPlan =
  | { readonly node: string; readonly changes: readonly PlannedChange[] }
  | { readonly node: string; readonly unknown: string };
