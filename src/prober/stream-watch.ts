/** Keeps long-lived streams open through the virtual address and records each break. */
import { later, millis } from '../base/time.js';
import type { Alarm, Clock } from '../ports/clock.js';
import { LongStream } from './long-stream.js';
import type { ProbeOptions, StreamBreak } from './sample.js';

/** Enough to see a pattern; the lab's machines are small. */
export const MAX_STREAMS = 64;

/** Breaks beyond this are not recorded: the first ones tell the story. */
export const MAX_STREAM_BREAKS = 10_000;

/** Quick enough to have streams back soon after a failover, slow enough not to be a flood. */
const TEND_EVERY = millis(100);

export class StreamWatch {
  readonly #options: ProbeOptions;
  readonly #clock: Clock;
  readonly #broken: (() => void) | undefined;
  readonly #breaks: StreamBreak[] = [];
  #streams: readonly LongStream[] = [];
  #opened = 0;
  #alarm: Alarm | undefined;

  /** `broken` is called at each break. */
  constructor(options: ProbeOptions, clock: Clock, broken?: () => void) {
    this.#options = options;
    this.#clock = clock;
    this.#broken = broken;
  }

  get breaks(): readonly StreamBreak[] {
    return this.#breaks;
  }

  /** How many were open at some time, the reopened ones included. */
  get opened(): number {
    return this.#opened;
  }

  start(): void {
    const count = Math.min(this.#options.streams, MAX_STREAMS);
    this.#streams = Array.from({ length: count }, () => this.#open());
    if (count > 0) {
      this.#tendLater();
    }
  }

  /** Ends all streams; that is no break. Idempotent. */
  stop(): void {
    this.#alarm?.cancel();
    for (const stream of this.#streams) {
      stream.close();
    }
  }

  #tendLater(): void {
    this.#alarm = this.#clock.alarm(later(this.#clock.now(), TEND_EVERY), () => {
      for (const stream of this.#streams) {
        stream.check(this.#options.streamStall);
      }
      this.#streams = this.#streams.map((stream) => (stream.ended ? this.#open() : stream));
      this.#tendLater();
    });
  }

  #open(): LongStream {
    return new LongStream(this.#options.target, this.#clock, {
      opened: () => {
        this.#opened += 1;
      },
      broken: (how) => {
        if (this.#breaks.length < MAX_STREAM_BREAKS) {
          this.#breaks.push(how);
        }
        this.#broken?.();
      },
    });
  }
}
