/** How far ahead of its monotonic clock a node has signed: outlives the daemon, and ends with the boot, as that clock does. */
import type { Result } from '../base/result.js';
import type { Millis } from '../base/time.js';

export interface SigningFailure {
  readonly code: 'not-kept';
  /** Where, and what the system said. */
  readonly detail: string;
}

export interface SigningMemory {
  /** What was kept last of `router`, a name without a slash; undefined where nothing is, or nothing that makes sense. */
  read(router: string): Millis | undefined;
  /** Kept when it returns: whoever is killed in the next moment has not signed beyond it. */
  keep(router: string, ahead: Millis): Result<undefined, SigningFailure>;
}
