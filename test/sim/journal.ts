/** Lines on a disk that can be damaged, fill up, or stop answering. */
import type { Result } from '../../src/base/result.js';
import { done, fail, ok } from '../../src/base/result.js';
import { millis } from '../../src/base/time.js';
import type { Journal, JournalFailure } from '../../src/ports/journal.js';
import type { SimProcess } from './process.js';

const WRITE_TAKES = millis(2);

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

  /** As a process has it: to one that is no more the disk answers nothing. */
  of(process: SimProcess): Journal {
    return {
      read: () => this.#readBy(process),
      append: (line) => process.answerAfter(WRITE_TAKES, () => this.append(line)).then((it) => it),
      replace: (lines) =>
        process.answerAfter(WRITE_TAKES, () => this.replace(lines)).then((it) => it),
    };
  }

  async *#readBy(process: SimProcess): ReturnType<Journal['read']> {
    await process.answerAfter(WRITE_TAKES, () => undefined);
    yield* this.read();
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

  async replace(lines: readonly string[]): Promise<Result<undefined, JournalFailure>> {
    await this.#answered();
    if (this.mood === 'full') {
      return fail({ code: 'not-written', detail: 'ENOSPC' });
    }
    this.lines.splice(0, this.lines.length, ...lines.slice(-this.#mostLines));
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
