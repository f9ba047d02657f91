/** From values to places on a drawing, and the round values that are marked on its axes. */

export interface Scale {
  readonly from: number;
  readonly to: number;
  /** Where on the drawing `from` and `to` are. */
  readonly start: number;
  readonly end: number;
}

/** Values outside are drawn at the edge. */
export function placeOn({ from, to, start, end }: Scale, value: number): number {
  const part = to === from ? 0 : (value - from) / (to - from);
  return start + Math.min(1, Math.max(0, part)) * (end - start);
}

/** The same on a logarithmic scale; nothing is less than its beginning. */
export function placeOnLog(scale: Scale, value: number): number {
  const [from, to] = [scale.from, scale.to].map(Math.log10);
  return placeOn(
    { ...scale, from: from ?? 0, to: to ?? 0 },
    Math.log10(Math.max(value, scale.from)),
  );
}

/** Round values within, about `count` of them, 0 among them where it is within. */
export function ticksOf(
  { from, to }: Pick<Scale, 'from' | 'to'>,
  count: number,
): readonly number[] {
  const rough = (to - from) / count;
  if (!(rough > 0) || !Number.isFinite(rough)) {
    return [from];
  }
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((each) => each * size >= rough) ?? 10) * size;
  const first = Math.ceil(from / step);
  const last = Math.floor(to / step);
  return [...Array(last - first + 1).keys()].map((index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** Powers of ten that hold all values between them. */
export function decadesAround(values: readonly number[]): {
  readonly from: number;
  readonly to: number;
} {
  const above = values.filter((value) => value > 0 && Number.isFinite(value));
  if (above.length === 0) {
    return { from: 1, to: 10 };
  }
  const least = above.reduce((a, b) => Math.min(a, b));
  const most = above.reduce((a, b) => Math.max(a, b));
  const from = 10 ** Math.floor(Math.log10(least));
  const to = 10 ** Math.ceil(Math.log10(most));
  return { from, to: to > from ? to : from * 10 };
}

const STEPS = [1, 2, 5, 10] as const;
