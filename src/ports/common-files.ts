/** Files that both nodes should have in common, read to be compared: bounded in size and number, and never changed. */
import type { Result } from '../base/result.js';
import type { FileFailure } from './files.js';

export interface CommonFiles {
  /** Another one whenever what is at the path may have changed; of what is not there always the same. */
  stamp(path: string): Promise<string>;
  /** The whole text, up to {@link MOST_TEXT_BYTES}; a longer one is garbled. */
  readText(path: string): Promise<Result<string, FileFailure>>;
  /**
   * What tells the certificates of a file, or of all files of a directory, from others; private keys beside them are not
   * looked at. A file without any is garbled.
   */
  fingerprint(path: string): Promise<Result<string, FileFailure>>;
  /** The first line of what a program says of its version. */
  versionOf(program: string): Promise<Result<string, FileFailure>>;
}

/** Far more than a configuration that people keep in their heads. */
export const MOST_TEXT_BYTES: number = 1024 * 1024;
