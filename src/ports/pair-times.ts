/** The clock that both nodes order their transitions by (core/pair-clock.ts), as the pair channel keeps it together. */

export interface PairTimes {
  /** What it reads here. */
  pairTime(): number;
  /** The other node's reads so. */
  heardPairTime(said: number): void;
}
