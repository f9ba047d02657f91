/**
 * The clock that both nodes order their transitions by (a hybrid logical clock: Kulkarni and others, "Logical Physical
 * Clocks", 2014). It starts with the wall clock, runs with the monotonic one, jumps ahead to whatever the other node's
 * reads, and never goes back: what is decided after word of the other node is later than what that node had decided,
 * whatever the two wall clocks say and however they are set.
 */
import type { Instant, WallTime } from '../base/time.js';

export interface PairClock {
  /** Of this node's monotonic clock, in milliseconds. */
  readonly ahead: number;
  /** The greatest time that was given here, or heard of: the next is later. */
  readonly last: number;
}

export function startPairClock(wall: WallTime, now: Instant): PairClock {
  return { ahead: wall - now, last: 0 };
}

/** What it reads now, in milliseconds and tenths of one. */
export function readPairClock({ ahead, last }: PairClock, now: Instant): number {
  // Rounded down, or two nodes would drive each other on.
  return Math.max(Math.floor((now + ahead) * 10) / 10, last);
}

/** The other node's reads so, or the journal of this one has given that time: it is no earlier here. */
export function hearPairTime(clock: PairClock, said: number, now: Instant): PairClock {
  return { ahead: Math.max(clock.ahead, said - now), last: Math.max(clock.last, said) };
}

/** A time for what was decided at that instant, later than every other that was given here. */
export function givePairTime(
  clock: PairClock,
  at: Instant,
): { readonly clock: PairClock; readonly time: number } {
  const time = Math.max(Math.floor((at + clock.ahead) * 10), Math.round(clock.last * 10) + 1) / 10;
  return { clock: { ...clock, last: time }, time };
}
