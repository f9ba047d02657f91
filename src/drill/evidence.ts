/** All that was gathered of one drill, before anybody judges it. */
import type { DrillPlan } from '../core/drill-plan.js';
import type { HandState } from '../telemetry/drill.js';
import type { PairReport } from '../telemetry/status.js';
import type { NodeTables } from '../telemetry/tables.js';
import type { PairHistory } from '../telemetry/transition.js';
import type { ClientsView } from './clients.js';

export interface DrillEvidence {
  readonly plan: DrillPlan;
  readonly id: string;
  /** The node on which it was asked for; all times are by its clock, in Unix milliseconds. */
  readonly by: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** When the fault was there; undefined where it came to none. */
  readonly faultAt: number | undefined;
  /** Of a switchover, how it was answered. */
  readonly answer: string | undefined;
  /** Why it ended before its time; undefined where it did not. */
  readonly stopped: string | undefined;
  /** As far as they could be asked in the end, by node. */
  readonly hands: readonly HandState[];
  /** Undefined where the daemon gave no answer any more. */
  readonly before: PairReport;
  readonly after: PairReport | undefined;
  readonly history: PairHistory | undefined;
  /** What had moved before; undefined where nobody said. */
  readonly historyBefore: PairHistory | undefined;
  /** Looked at anew; undefined where none are replicated, or nobody answered. */
  readonly tables: readonly NodeTables[] | undefined;
  /** Comparisons of tables count from then on; undefined where there was no fault that could have parted them. */
  readonly comparedSince: number | undefined;
  readonly clients: ClientsView | undefined;
  /** How the prober was started, and why there is nothing of it. */
  readonly prober: { readonly command: string; readonly problem: string | undefined } | undefined;
  /** What the pair still lacked when it was waited for no longer; empty: it was as before. */
  readonly unsettled: readonly string[];
}

/** What a prober is called that no command was configured for. */
export const ON_THIS_NODE = 'on this node';
