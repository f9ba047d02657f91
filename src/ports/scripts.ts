/** Running the operator's checks: a program that says with its exit code whether something is well. */
import type { Result } from '../base/result.js';
import type { Millis } from '../base/time.js';

/** Run as that user and nothing more: without a shell, without other groups, with next to no environment. */
export interface Script {
  /** Absolute. */
  readonly path: string;
  readonly args: readonly string[];
  readonly user: string;
  /** Beside the usual PATH, HOME and LANG. */
  readonly environment?: Readonly<Record<string, string>>;
  /** From the call to the end; whatever still runs then is killed, with everything it started. */
  readonly within: Millis;
}

export type ScriptFailure =
  /** Others than root and the user could change what is run; the detail says where, and what to do. */
  | { readonly code: 'insecure'; readonly detail: string }
  | { readonly code: 'no-program'; readonly detail: string }
  | { readonly code: 'no-such-user'; readonly detail: string }
  | { readonly code: 'not-permitted'; readonly detail: string }
  | { readonly code: 'timed-out'; readonly detail: string }
  /** An earlier run was killed in vain, so that none is started beside it. */
  | { readonly code: 'still-running'; readonly detail: string }
  /** It ended with another code than 0, or by a signal. */
  | { readonly code: 'failed'; readonly detail: string };

export interface Scripts {
  /**
   * Runs it once. Who could change the script is looked at every time, because a file may be replaced at any. `stop`
   * kills it early, and then the answer is of no use.
   */
  run(script: Script, stop: AbortSignal): Promise<Result<undefined, ScriptFailure>>;
}
