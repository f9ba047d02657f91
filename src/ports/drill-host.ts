/** The hand of this node: a process of its own that does to the node what a drill wants, and undoes it whatever happens. */
import type { Result } from '../base/result.js';
import type { UndoReason } from '../core/drill-hand.js';
import type { HandOrder, HandState } from '../core/drill-order.js';

export type DrillRefusal =
  /** Another drill is under way, or left something that has to be mended. */
  | { readonly code: 'drill-under-way'; readonly detail: string }
  /** This node cannot do one of the faults, or could not undo it; nothing was touched. */
  | { readonly code: 'drill-not-feasible'; readonly detail: string }
  /** The hand is not that drill's, or not in that phase. */
  | { readonly code: 'no-such-drill'; readonly detail: string };

/** What takes the other node's power, and what gives it back: `{node}` stands for its name. */
export interface PowerCommands {
  readonly off: readonly string[];
  readonly on: readonly string[];
}

export interface DrillHost {
  /** What a `vipair drill run` on this node was asked for that has not ended, also between two drills of a suite. */
  running?(): string | undefined;
  /**
   * Starts the hand, which looks whether everything can be done and undone. Resolves when it is ready, and would outlive
   * this process. `power`: as the configuration in force has it.
   */
  arm(order: HandOrder, power?: PowerCommands): Promise<Result<HandState, DrillRefusal>>;
  /** Resolves when the hand has heard of it; a moment later it begins, so that the answer may leave before that. */
  fire(id: string): Promise<Result<HandState, DrillRefusal>>;
  /** Resolves when everything is undone, or after a while. Asking again does no harm; of a failed one, it tries again. */
  undo(id: string): Promise<Result<HandState, DrillRefusal>>;
  /** Undefined: there is no hand, nor was one since the node booted. */
  state(): Promise<HandState | undefined>;
  /** Undoes what a hand has left that is gone or stuck; undefined where there is nothing of the kind. */
  recover(
    why: UndoReason & ('its hand was gone' | 'the daemon started anew'),
  ): Promise<HandState | undefined>;
}
