/** A drill, for people and programs: what a node's hand does and has done, and what came of the whole. */
import type { DrillLimits } from '../core/drill-limits.js';
import type { HandState } from '../core/drill-order.js';

export type { DrillLimits } from '../core/drill-limits.js';
export type { HandOrder, HandState } from '../core/drill-order.js';

/** Of both nodes, as the one that was asked knows it. */
export interface DrillState {
  readonly node: string;
  /** Undefined: no drill is, or was since the node booted. */
  readonly here: HandState | undefined;
  readonly there: HandState | undefined;
  /** Why the other node's is not known. */
  readonly problem: string | undefined;
}

/** Of both nodes, as far as they are known; this one's first. */
export function handsIn({ here, there }: Pick<DrillState, 'here' | 'there'>): readonly HandState[] {
  return [here, there].filter((each) => each !== undefined);
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
