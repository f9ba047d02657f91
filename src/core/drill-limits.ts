/** What a drill may cost clients, and what may happen to the addresses meanwhile. */

/** What a site bears. Undefined: no limit. */
export interface DrillLimits {
  /** For clients: from the first failed request to the first that was answered again. */
  readonly gapMs: number | undefined;
  readonly failed: number | undefined;
  readonly streamsBroken: number | undefined;
  readonly twoOwnersMs: number | undefined;
  readonly noOwnerMs: number | undefined;
  readonly moves: number | undefined;
}

/** Those of `narrower` go before those of `wider`, one by one. */
export function limitsOver(wider: DrillLimits, narrower: Partial<DrillLimits>): DrillLimits {
  return {
    gapMs: narrower.gapMs ?? wider.gapMs,
    failed: narrower.failed ?? wider.failed,
    streamsBroken: narrower.streamsBroken ?? wider.streamsBroken,
    twoOwnersMs: narrower.twoOwnersMs ?? wider.twoOwnersMs,
    noOwnerMs: narrower.noOwnerMs ?? wider.noOwnerMs,
    moves: narrower.moves ?? wider.moves,
  };
}
