/** The clock that gives rows their versions (wire/tables/version.ts): the pair's, in finer steps. */
import type { Clock } from '../ports/clock.js';
import { hearPairTime, readPairClock, startPairClock } from '../core/pair-clock.js';
import type { PairClock } from '../core/pair-clock.js';
import { LEAST_VERSION, VERSION_STEPS } from '../wire/tables/version.js';

export interface RowClockNodes {
  readonly own: string;
  readonly peer: string;
}

export class RowClock {
  readonly #clock: Clock;
  /** What tells the versions of the two nodes apart. */
  readonly #mark: number;
  #pair: PairClock;
  #last = 0;
  #jumped = 0;

  constructor({ own, peer }: RowClockNodes, clock: Clock) {
    this.#clock = clock;
    this.#mark = own < peer ? HALF_STEP : 0;
    this.#pair = startPairClock(clock.wallTime(), clock.now());
  }

  /** In milliseconds since 1970, and never before what the other node's has read. */
  now(): number {
    return readPairClock(this.#pair, this.#clock.now());
  }

  /** The other node's reads so. */
  hear(time: number): void {
    const before = this.now();
    this.#pair = hearPairTime(this.#pair, time, this.#clock.now());
    this.#jumped += Math.max(0, this.now() - before);
  }

  /** By how much it has gone ahead, in milliseconds, since this was asked last: versions from before are so much too old. */
  takeJump(): number {
    const jumped = this.#jumped;
    this.#jumped = 0;
    return jumped;
  }

  /** A row of the other node's has that version: what is stamped from now on is greater. */
  hearVersion(version: number): void {
    this.#last = Math.max(this.#last, stepOf(version));
  }

  /** A version for what came to be now, greater than every other that was stamped or heard of. */
  stamp(now: number): number {
    this.#last = Math.max(stepOf(now), this.#last + 1 / VERSION_STEPS);
    return this.#last + this.#mark;
  }

  /** The version of what came to be at that time; the least there is for what is older. */
  at(time: number): number {
    const step = Math.max(stepOf(time), LEAST_VERSION);
    this.#last = Math.max(this.#last, step);
    return step + this.#mark;
  }
}

const HALF_STEP = 1 / (2 * VERSION_STEPS);

function stepOf(time: number): number {
  return Math.floor(time * VERSION_STEPS) / VERSION_STEPS;
}
