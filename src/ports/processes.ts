/** Whether a program runs on this machine. */
import type { Result } from '../base/result.js';

export type ProcessQuery =
  /** By the whole name: `proxy` does not find `haproxy`, nor an editor that has `proxy.cfg` open. */
  | { readonly kind: 'name'; readonly name: string }
  /** By the absolute path of the file that it executes. */
  | { readonly kind: 'program'; readonly path: string }
  /** By the number in a file; a stale file whose number was given to a stranger goes unnoticed. */
  | { readonly kind: 'pid-file'; readonly path: string };

export interface ProcessFailure {
  readonly code: 'unreadable';
  readonly detail: string;
}

export interface Processes {
  /**
   * A process that runs, or undefined. Those in containers count too, if this machine sees them; those that have
   * ended and wait to be collected do not, nor do we ourselves.
   */
  find(query: ProcessQuery): Promise<Result<number | undefined, ProcessFailure>>;
}
