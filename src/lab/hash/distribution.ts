/** How far what servers got is from what they should have got. */

export interface Distribution {
  /** Pearson's, against the weights. */
  readonly chiSquare: number;
  /** Of the share that a server should have, the most that one got. */
  readonly greatest: number;
}

/** `got`: how many each server has, by name; `weights`: what they should have in proportion. */
export function distribution(
  got: ReadonlyMap<string, number>,
  weights: Readonly<Record<string, number>>,
): Distribution {
  const all = [...got.values()].reduce((sum, each) => sum + each, 0);
  const total = Object.values(weights).reduce((sum, each) => sum + each, 0);
  const cells = Object.entries(weights).map(([name, weight]) => {
    const expected = (all * weight) / total;
    return { expected, seen: got.get(name) ?? 0 };
  });
  return {
    chiSquare: cells.reduce(
      (sum, { expected, seen }) => sum + (seen - expected) ** 2 / expected,
      0,
    ),
    greatest: Math.max(0, ...cells.map(({ expected, seen }) => seen / expected)),
  };
}

export function countsOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
