/** Where rows are kept over a loss of power: one snapshot, whole or not at all. */
import type { Result } from '../base/result.js';

export interface Snapshots {
  /** All of the one that was kept last; undefined where there is none. Fails with a sentence. */
  read(): Promise<Result<Uint8Array | undefined, string>>;
  /** The one that was kept is of no use: out of the way, for people to look at. */
  setAside(): Promise<void>;
  /** Begins another one, beside the one that is kept. */
  begin(): SnapshotDraft;
}

export interface SnapshotDraft {
  /** Takes the bytes, which nobody changes any more. `slow`: too many wait for the disk already, and nothing is taken. */
  add(bytes: Uint8Array): 'taken' | 'slow';
  /** In place of the one before, when all of it is on the disk. Fails with a sentence, and leaves that one. */
  keep(): Promise<Result<undefined, string>>;
  /** Leaves nothing behind. */
  drop(): void;
}
