/** Time, as a port: the real one reads the kernel's clocks, a simulated one jumps to the next deadline. */
import type { Instant, WallTime } from '../base/time.js';

export interface Clock {
  /** CLOCK_MONOTONIC: one origin for all processes of this boot, so it may be written to a file and read back. */
  now(): Instant;
  /** For people to read; it may jump. */
  wallTime(): WallTime;
  /** Rings once, never before `at`, as soon after it as the process is scheduled. */
  alarm(at: Instant, ring: () => void): Alarm;
}

export interface Alarm {
  /** Idempotent; after it the alarm never rings. */
  cancel(): void;
}
