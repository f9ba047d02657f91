/** What many rounds come to. */
import { invariant } from '../../src/base/unreachable.js';

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Of an even number the median is the mean of the two in the middle. */
export function spread(figures: readonly number[]): Spread {
  const sorted = figures.toSorted((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  const [min] = sorted;
  const max = sorted.at(-1);
  invariant(
    min !== undefined && max !== undefined && low !== undefined && high !== undefined,
    'there are figures',
  );
  return { min, median: (low + high) / 2, max };
}

/**
 * The moments between two advertisements at which n rounds strike: the middle of each n-th of the
 * interval, so that every contender meets the same ones. The stride mixes them, so that a machine that
 * grows busier does not favour early or late ones.
 */
export function strata(rounds: number): readonly number[] {
  const middles = Array.from({ length: rounds }, (_none, index) => (index + 0.5) / rounds);
  const even = middles.filter((_each, index) => index % 2 === 0);
  return [...even, ...middles.filter((_each, index) => index % 2 === 1)];
}

/** How much more than an interval passed before each stamp since the one before it: sorted, never below 0. */
export function lateness(stamps: readonly number[], interval: number): readonly number[] {
  return stamps
    .slice(1)
    .map((stamp, index) => Math.max(0, stamp - (stamps[index] ?? stamp) - interval))
    .toSorted((a, b) => a - b);
}

/** The least figure that so large a share of all is not above; 0 of none. */
export function quantile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
