/** How healthy a node is for a group, as one figure and in its parts, so that two nodes can be compared. */
import type { GroupParams } from './group-params.js';
import type { GroupState } from './group-state.js';
import { inWords } from './group-tracking.js';
import { fullPriority } from './priority.js';
import { withStates } from './tracking.js';

export interface Health {
  /** 100 in full health, 0 where it is unfit; between them the share of its full priority that is left. */
  readonly score: number;
  /** Such as `gateway: well`. */
  readonly parts: readonly string[];
}

export function healthOf(params: GroupParams, state: GroupState): Health {
  const unfit = unfitness(state);
  const tracked = withStates(params.things, state.trackers).map(
    ([{ name }, { verdict }]) => `${name}: ${inWords(verdict)}`,
  );
  const parts = unfit === undefined ? tracked : [unfit, ...tracked];
  return { score: healthScore(params, state), parts };
}

/** The figure alone: it is said with every heartbeat. */
export function healthScore(params: GroupParams, state: GroupState): number {
  const full = fullPriority(params.priority, params.things);
  const left = Math.min(1, state.priority / full);
  return unfitness(state) === undefined ? Math.round(100 * left) : 0;
}

function unfitness({ fault, kept }: GroupState): string | undefined {
  return fault ?? kept;
}
