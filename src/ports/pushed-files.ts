/** The files of the proxy on this machine, as a push reads, checks and replaces them. Errors are sentences. */
import type { Result } from '../base/result.js';
import type { WallTime } from '../base/time.js';

/** What lies at a path; through a link below `base` nothing is looked at. */
export type FoundFile =
  | {
      readonly kind: 'file';
      readonly bytes: Uint8Array;
      /** By this machine's clock; of what was put back, as it was before. */
      readonly changedAt: WallTime;
    }
  /** The regular files in it, by name, without those whose name begins with a dot: HAProxy passes them over too. */
  | { readonly kind: 'directory'; readonly names: readonly string[] }
  | { readonly kind: 'nothing' };

/** What shall be at a path; undefined: nothing. */
export interface Replacement {
  readonly path: string;
  /** The directory that allows it. */
  readonly base: string;
  readonly bytes: Uint8Array | undefined;
}

/** A file for the proxy's own check, by its path under a directory that is made for it. */
export interface CheckFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface PushedFiles {
  /** `most`: a longer file is an error. */
  look(path: string, base: string, most: number): Promise<Result<FoundFile, string>>;
  /** Where the files of a check will be. */
  readonly checkDirectory: string;
  /** Runs the proxy's own check over `config`, one of those files, and leaves none of them. */
  check(config: string, files: readonly CheckFile[]): Promise<Result<undefined, string>>;
  /** Runs the proxy's own check over the file that it serves with. */
  checkOwn(): Promise<Result<undefined, string>>;
  /**
   * Keeps what is at those places, and replaces it, each file whole. All or nothing: where something fails, what was there
   * is there again. Until {@link keep} a daemon that starts puts it back.
   */
  install(files: readonly Replacement[]): Promise<Result<undefined, string>>;
  /** Puts back what the last {@link install} replaced. Nothing to put back is success. */
  restore(): Promise<Result<undefined, string>>;
  /** What was installed stays, and what it replaced is what {@link former} has. */
  keep(): Promise<Result<undefined, string>>;
  /** What the last push that was kept replaced; undefined where nothing is known. */
  former(): Promise<Result<readonly Replacement[] | undefined, string>>;
  /** Ends what a former life left half done: `restored` where it put something back. */
  recover(): Promise<Result<'nothing' | 'restored', string>>;
}
