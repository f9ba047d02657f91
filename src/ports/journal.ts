/** Lines that outlive the daemon: appended one at a time, read back at the next start, bounded. */
import type { Result } from '../base/result.js';

export interface JournalFailure {
  readonly code: 'unreadable' | 'not-written';
  /** Where, and what the system said. */
  readonly detail: string;
}

export interface Journal {
  /**
   * What is kept, oldest first, a few lines at a time, so that whoever reads is never busy for long. A line may be
   * damaged, as the last one is after a crash in the middle of it. A failure is the last word.
   */
  read(): AsyncIterable<Result<readonly string[], JournalFailure>>;
  /**
   * Resolves when the line is on the disk, on a line of its own whatever a crash left before it. Nothing of a line that
   * failed stays, as far as possible. Never called again, nor `replace`, before it has resolved.
   */
  append(line: string): Promise<Result<undefined, JournalFailure>>;
  /**
   * Resolves when these lines are kept instead of all that were; a failure leaves what was kept. A crash in between may
   * leave some of the old lines before them. Never called again, nor `append`, before it has resolved.
   */
  replace(lines: readonly string[]): Promise<Result<undefined, JournalFailure>>;
}
