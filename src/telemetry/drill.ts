/** A drill, for people and programs: what a node's hand does and has done, and what came of the whole. */
import type { DrillFault } from '../core/drill-fault.js';
import type { DrillLimits } from '../core/drill-limits.js';
import type { UndoReason } from '../core/drill-hand.js';

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
  readonly phase: 'armed' | 'fired' | 'undoing' | 'undone' | 'expired' | 'failed';
  /** By the node's wall clock, in Unix milliseconds; likewise all that follow. */
  readonly armedAt: number;
  /** When it expires, or everything is undone by itself. */
  readonly until: number;
  /** From before the first fault to after the last. */
  readonly fired: { readonly from: number; readonly to: number } | undefined;
  readonly undone:
    { readonly from: number; readonly to: number; readonly why: UndoReason } | undefined;
  /** Each a sentence. */
  readonly problems: readonly string[];
  /** MACs that the node answers with for the addresses of its groups; empty of a version that does not tell. */
  readonly macs: readonly string[];
  /** What was found afterwards that had not been there before: addresses, rules, processes, open files. */
  readonly left: readonly string[];
}

/** Of both nodes, as the one that was asked knows it. */
export interface DrillState {
  readonly node: string;
  /** Undefined: no drill is, or was since the node booted. */
  readonly here: HandState | undefined;
  readonly there: HandState | undefined;
  /** Why the other node's is not known. */
  readonly problem: string | undefined;
}

/** What was measured. Undefined: nobody could see it from where they stood. */
export interface DrillFigures {
  readonly requests: number | undefined;
  readonly failed: number | undefined;
  readonly gapMs: number | undefined;
  /** The longest time without an answer, and the slowest answer. */
  readonly silenceMs: number | undefined;
  readonly slowestMs: number | undefined;
  readonly streams: number | undefined;
  readonly streamsBroken: number | undefined;
  readonly twoOwnersMs: number | undefined;
  readonly noOwnerMs: number | undefined;
  readonly moves: number | undefined;
}

export interface DrillAudit {
  /** Such as `one owner`. */
  readonly name: string;
  /** `unknown`: it could not be looked at, and `detail` says why. */
  readonly outcome: 'passed' | 'failed' | 'unknown';
  readonly detail: string;
}

export interface DrillMoment {
  /** From the fault on, in milliseconds; negative before it. */
  readonly atMs: number;
  readonly source: 'operator' | 'hand' | 'history' | 'clients';
  /** Undefined of what clients saw. */
  readonly node: string | undefined;
  readonly text: string;
  /** Of a move: `noticed`, `decided`, `claimed`, `announced`, `answered`. Undefined of all else. */
  readonly phase: DrillPhase | undefined;
}

export type DrillPhase = 'fault' | 'noticed' | 'decided' | 'claimed' | 'announced' | 'answered';

/** One stretch of the measurement, for a plot: bounded in number, however long the drill was. */
export interface DrillStretch {
  readonly atMs: number;
  readonly requests: number;
  readonly failed: number;
  /** Of the answered ones. */
  readonly medianMs: number | undefined;
  readonly slowestMs: number | undefined;
  /** Who answered most of them. */
  readonly node: string | undefined;
}

export interface DrillProber {
  readonly target: string;
  /** Where it ran: as the operator called it. */
  readonly command: string;
  readonly everyMs: number;
  /** What cannot be seen from there, in a sentence; undefined where nothing is hidden. */
  readonly hides: string | undefined;
  /** Its clock is so well known. */
  readonly clockWithinMs: number | undefined;
}

export interface DrillReport {
  readonly version: 1;
  readonly id: string;
  readonly drill: string;
  /** What it does, in a sentence. */
  readonly summary: string;
  /** Of both nodes, the smaller name first. */
  readonly nodes: readonly string[];
  /** On which the operator asked, and to which it was done. */
  readonly by: string;
  readonly target: string;
  readonly release: string;
  /** In Unix milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** What was done, and what must happen. */
  readonly acts: readonly string[];
  readonly expected: string;
  /** `stopped`: the operator or the limits ended it before its time. */
  readonly verdict: 'passed' | 'failed' | 'stopped';
  /** Each miss with its cause, a sentence each; empty where it passed. */
  readonly why: readonly string[];
  readonly figures: DrillFigures;
  readonly limits: DrillLimits;
  readonly audits: readonly DrillAudit[];
  readonly timeline: readonly DrillMoment[];
  readonly plot: readonly DrillStretch[];
  /** Undefined: nobody measured. */
  readonly prober: DrillProber | undefined;
  /** What the reader should know besides. */
  readonly notes: readonly string[];
}
