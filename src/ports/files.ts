/** Small files that hold a number, as operators and programs write them. */
import type { Result } from '../base/result.js';

export type FileFailure =
  | { readonly code: 'missing'; readonly detail: string }
  | { readonly code: 'unreadable'; readonly detail: string }
  /** A directory, a pipe or a device: reading could wait for ever. */
  | { readonly code: 'not-a-file'; readonly detail: string }
  /** Not one integer. */
  | { readonly code: 'garbled'; readonly detail: string };

export interface Files {
  /** Reads an integer of at most nine digits, which may have a sign, blanks around it and a line's end. */
  readInteger(path: string): Promise<Result<number, FileFailure>>;
}
