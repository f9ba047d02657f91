/** Whoever is shown each step that the node took, when its effects have been carried out: it decides nothing. */
import type { Instant } from '../base/time.js';
import type { NodeEffect, NodeEvent, NodeParams, NodeState } from '../core/node.js';

export interface WitnessedStep {
  readonly params: NodeParams;
  readonly before: NodeState;
  readonly after: NodeState;
  readonly event: NodeEvent;
  readonly effects: readonly NodeEffect[];
  /** When it was decided. */
  readonly at: Instant;
}

export interface Witness {
  /** Must be quick: the next event waits. */
  saw(step: WitnessedStep): void;
}
