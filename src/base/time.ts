/** Instants and durations whose unit is part of their type. */

declare const unit: unique symbol;

/** A duration in milliseconds; fractions are allowed. */
export type Millis = number & { readonly [unit]: 'milliseconds' };

/** A duration in hundredths of a second: what VRRPv3 carries (RFC 9568 §5.2.7). */
export type Centis = number & { readonly [unit]: 'centiseconds' };

/** A duration in whole seconds: what the kernel's address lifetimes take. */
export type Seconds = number & { readonly [unit]: 'seconds' };

/** A point on the machine's monotonic clock, in milliseconds since an origin all its processes share. */
export type Instant = number & { readonly [unit]: 'instant' };

/** A point on the wall clock, in Unix milliseconds: for people to read, never to measure with. */
export type WallTime = number & { readonly [unit]: 'wall time' };

export function millis(value: number): Millis {
  return value as Millis;
}

export function centis(value: number): Centis {
  return value as Centis;
}

export function seconds(value: number): Seconds {
  return value as Seconds;
}

export function instant(value: number): Instant {
  return value as Instant;
}

export function wallTime(value: number): WallTime {
  return value as WallTime;
}

/** Exact: one hundredth of a second is ten milliseconds. */
export function centisToMillis(value: Centis): Millis {
  return millis(value * 10);
}

/** Rounds up, so that a lifetime given to the kernel is never shorter than what was asked. */
export function millisToSecondsUp(value: Millis): Seconds {
  return seconds(Math.ceil(value / 1000));
}

/** Rounds to the nearest hundredth of a second. */
export function millisToCentis(value: Millis): Centis {
  return centis(Math.round(value / 10));
}

export function later(from: Instant, by: Millis): Instant {
  return instant(from + by);
}

/** Positive when `to` comes after `from`. */
export function between(from: Instant, to: Instant): Millis {
  return millis(to - from);
}

export function sum(...durations: readonly Millis[]): Millis {
  return millis(durations.reduce<number>((total, each) => total + each, 0));
}

export function scale(duration: Millis, factor: number): Millis {
  return millis(duration * factor);
}

export function longer(a: Millis, b: Millis): Millis {
  return a > b ? a : b;
}

export function shorter(a: Millis, b: Millis): Millis {
  return a < b ? a : b;
}

/** Milliseconds as people read them, and programs that compare: to the tenth. */
export function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** The first of several deadlines; undefined when there is none. */
export function earliest(...instants: readonly (Instant | undefined)[]): Instant | undefined {
  // A loop, because it runs at every event.
  let first: Instant | undefined;
  for (const each of instants) {
    first = each !== undefined && (first === undefined || each < first) ? each : first;
  }
  return first;
}
