/** What would happen if something failed now: the answer of `vipair explain`. */

export interface Hypothesis {
  readonly kind: 'power' | 'proxy' | 'link' | 'check' | 'channel';
  /** Whose; of the channel, the node that worked it out. */
  readonly node: string;
  /** Of a link or a check. */
  readonly name: string | undefined;
}

export interface Prediction {
  readonly hypothesis: Hypothesis;
  readonly groups: readonly GroupPrediction[];
  /** What would be decided, in order. */
  readonly steps: readonly PredictedStep[];
  /** Whether nothing moves any more at the end of what was looked at. */
  readonly end: 'settled' | 'unsettled';
}

export interface GroupPrediction {
  readonly group: string;
  /** The masters' names: one, or none, or both. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** When that has become so; undefined where nothing moves. */
  readonly afterMs: number | undefined;
  /** What the last change of a role is told as; undefined where nothing moves. */
  readonly why: string | undefined;
}

export interface PredictedStep {
  readonly atMs: number;
  readonly node: string;
  readonly says: string;
}

export interface ExplainAnswer {
  readonly node: string;
  readonly predictions: readonly Prediction[];
  /** What could not be worked out, and why. */
  readonly missing: readonly string[];
  /** What is taken for granted. */
  readonly assumed: readonly string[];
}
