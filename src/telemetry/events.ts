/** Every line vipair can log: a stable name and its fields. Renaming one is a breaking change. */

/** Why something moved, in the words that status, history and log share. */
export type Cause = string;

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export interface Log {
  /** Writes one event; its level belongs to the event, see `levels`. Never blocks, never throws. */
  tell(event: LogEvent): void;
}

export interface LogEvent {
  readonly event: string;
}
