/** Which flows the kernel tells of in few words, because somebody counts on hearing of all of them. */
import type { Cidr, Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import type { LeaseRefusal } from './lease-table.js';

/** Flows through this node of which one end, before translation or after it, is one of these. */
export interface FlowSelection {
  readonly addresses: readonly Ip[];
  readonly networks: readonly Cidr[];
}

export interface FlowEvents {
  /**
   * From now on two events are told of a connection that is selected, instead of seven: that it is assured, and that it is
   * over. Of TCP that is TIME_WAIT, or its end where it ends otherwise; of one that is reset both CLOSE and its end are told.
   * The kernel follows connections as soon as this is there. What was selected before is so no more.
   */
  select(selection: FlowSelection): Promise<Result<undefined, LeaseRefusal>>;
  /** Nothing is selected any more, and nothing of this is left in the kernel. Idempotent. */
  dismantle(): Promise<Result<undefined, LeaseRefusal>>;
}
