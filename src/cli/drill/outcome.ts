/** What became of one drill that was asked for. */
import type { DrillReport } from '../../telemetry/drill.js';

export type DrillOutcome =
  | { readonly drill: string; readonly kind: 'reported'; readonly report: DrillReport }
  | {
      readonly drill: string;
      readonly kind: 'refused' | 'not done';
      readonly why: readonly string[];
    };
