/** A disk that keeps what was on it when the power went: the last snapshot that was whole. */
import { done, ok } from '../../../src/base/result.js';
import type { Result } from '../../../src/base/result.js';
import type { SnapshotDraft, Snapshots } from '../../../src/ports/snapshots.js';

export class MemorySnapshots implements Snapshots {
  kept: Uint8Array | undefined;
  /** How often one was of no use. */
  aside = 0;
  keeps = 0;
  mood: 'quick' | 'slow' = 'quick';

  read(): Promise<Result<Uint8Array | undefined, string>> {
    return Promise.resolve(ok(this.kept));
  }

  setAside(): Promise<void> {
    this.aside += 1;
    this.kept = undefined;
    return Promise.resolve();
  }

  begin(): SnapshotDraft {
    const pieces: Uint8Array[] = [];
    return {
      add: (bytes) => {
        pieces.push(bytes);
        return this.mood === 'quick' ? 'taken' : 'slow';
      },
      keep: () => {
        this.kept = new Uint8Array(Buffer.concat(pieces));
        this.keeps += 1;
        return Promise.resolve(done);
      },
      drop: () => undefined,
    };
  }
}
