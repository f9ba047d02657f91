/** What the daemon told lately, as `vipair events` has it: the lines of the log, numbered. */
import type { LogEvent, LogLevel } from './events.js';

export type RecordedEvent = LogEvent & {
  /** From 1, in each life of the daemon. */
  readonly number: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly level: LogLevel;
};

export interface EventsAnswer {
  readonly node: string;
  /** When this daemon was started: another one counts anew. */
  readonly epoch: number;
  /** The last one told so far: what comes after it is new. */
  readonly last: number;
  /** How many were asked for and are no longer kept. */
  readonly missed: number;
  /** Oldest first. */
  readonly events: readonly RecordedEvent[];
}
