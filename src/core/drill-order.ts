/** What the hand of a drill is asked for on one node, and what has become of that. */
import type { DrillFault } from './drill-fault.js';
import type { Hand, UndoReason } from './drill-hand.js';

/** What one node is asked to be ready for. Without faults it only keeps other drills away, and is audited. */
export interface HandOrder {
  /** Of the drill: the same on both nodes. */
  readonly id: string;
  /** Its name in the catalogue. */
  readonly drill: string;
  /** The node on which the operator asked for it. */
  readonly by: string;
  readonly faults: readonly DrillFault[];
  /** After firing, at the latest, everything is undone, whoever asks for it or does not. In milliseconds. */
  readonly lastsMs: number;
  /** Whoever has not fired by then never will. In milliseconds. */
  readonly armedForMs: number;
}

/** What has become of it: kept in a file of the runtime directory, so that it outlives the daemon and the hand. */
export interface HandState {
  readonly id: string;
  readonly drill: string;
  readonly node: string;
  readonly by: string;
  /**
   * `expired`: never fired. `undone`: everything is as it was. `failed`: something is not, and `problems` says what a person
   * has to do.
   */
  readonly phase: Hand['phase'];
  /** By the node's wall clock, in Unix milliseconds; likewise all that follow. */
  readonly armedAt: number;
  /** When it expires, or everything is undone by itself. */
  readonly until: number;
  /** From before the first fault to after the last. Undefined also while they are being carried out. */
  readonly fired: { readonly from: number; readonly to: number } | undefined;
  readonly undone:
    { readonly from: number; readonly to: number; readonly why: UndoReason } | undefined;
  /** Each a sentence. */
  readonly problems: readonly string[];
  /** What was found afterwards that had not been there before: addresses, rules, processes, open files. */
  readonly left: readonly string[];
  /** MACs of the node's interfaces, by which clients' caches are judged; undefined: it does not tell. */
  readonly macs?: readonly string[] | undefined;
}
