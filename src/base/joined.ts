/** Two lists as one. Most steps of a decision have no effects, and then nothing is copied. */
export function joined<T>(first: readonly T[], then: readonly T[]): readonly T[] {
  if (first.length === 0) {
    return then;
  }
  return then.length === 0 ? first : [...first, ...then];
}
