/** Running other programs: a list of arguments with a deadline, never a shell string. */
import type { Result } from '../base/result.js';
import type { Millis } from '../base/time.js';

export interface RunOptions {
  readonly within: Millis;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface ProgramOutput {
  readonly stdout: string;
  readonly stderr: string;
}

export type ProgramFailure =
  | { readonly code: 'no-program'; readonly detail: string }
  | { readonly code: 'timed-out'; readonly detail: string }
  /** `exit` is the exit code, or undefined after a signal. */
  | { readonly code: 'failed'; readonly exit: number | undefined; readonly detail: string };

export interface LaunchOptions {
  /** Where its standard output and error go; appended to. */
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly exited?: (how: string) => void;
}

export interface Launched {
  readonly pid: number;
}

export interface ProcessHost {
  /** Runs a program to its end; output is bounded, and cut where it is longer. */
  run(
    program: string,
    args: readonly string[],
    options: RunOptions,
  ): Promise<Result<ProgramOutput, ProgramFailure>>;
  /** Starts a program in a session of its own, so that it outlives us. */
  launch(
    program: string,
    args: readonly string[],
    options: LaunchOptions,
  ): Promise<Result<Launched, ProgramFailure>>;
}
