/** Lines on a disk that can be damaged, fill up, or stop answering. */
import type { Result } from '../../src/base/result.js';
import { done, fail, ok } from '../../src/base/result.js';
import type { Journal, JournalFailure } from '../../src/ports/journal.js';

export class SimJournal implements Journal {
  /** What is on the disk, oldest first. */
  readonly lines: string[] = [];
  mood: 'willing' | 'full' | 'unreadable' | 'stuck' = 'willing';
  readonly #mostLines: number;
  #wakes: (() => void)[] = [];

  constructor(mostLines = 1000) {
    this.#mostLines = mostLines;
  }

  /** A disk that was stuck answers again. */
  wake(): void {
    this.mood = 'willing';
    for (const wake of this.#wakes.splice(0)) {
      wake();
    }
  }

  async *read(): AsyncGenerator<Result<readonly string[], JournalFailure>> {
    await this.#answered();
    const half = Math.ceil(this.lines.length / 2);
    yield ok(this.lines.slice(0, half));
    if (this.mood === 'unreadable') {
      yield fail({ code: 'unreadable', detail: 'EIO' });
      return;
    }
    yield ok(this.lines.slice(half));
  }

  async append(line: string): Promise<Result<undefined, JournalFailure>> {
    await this.#answered();
    if (this.mood === 'full') {
      return fail({ code: 'not-written', detail: 'ENOSPC' });
    }
    this.lines.push(line);
    if (this.lines.length > this.#mostLines) {
      this.lines.shift();
    }
    return done;
  }

  #answered(): Promise<void> {
    return this.mood === 'stuck'
      ? new Promise((resolve) => {
          this.#wakes.push(resolve);
        })
      : Promise.resolve();
  }
}
