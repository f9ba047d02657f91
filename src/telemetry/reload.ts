/** What `vipair reload` came to, or would come to, on one node. */

export interface ReloadReport {
  readonly node: string;
  /** `planned`: nothing was changed, only looked at. */
  readonly outcome: 'unchanged' | 'applied' | 'planned';
  readonly changes: readonly PlannedChange[];
  /** What the other node's file comes to; undefined where that was not asked, a sentence where it could not be. */
  readonly peer: PeerPlan | undefined;
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
