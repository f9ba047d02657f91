/** Talks with a program of the bench inside a namespace. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Each question has one answer with the same number. */
export interface Told<Answer> {
  readonly number: number;
  readonly answer: Answer;
}

export interface ProgramAnswer {
  /** Why it could not; undefined: it could. */
  readonly problem?: string;
}

export class InsideProgram<Asked, Answer extends ProgramAnswer> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer | ProgramAnswer) => void>();
  #asked = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ number, answer }: Told<Answer>) => {
      this.#waiting.get(number)?.(answer);
      this.#waiting.delete(number);
    });
    child.on('exit', () => {
      this.#waiting.forEach((tell) => {
        tell({ problem: 'it has ended' });
      });
    });
  }

  /** A file beside this one, which calls {@link serveAsked}. Resolves when it is ready to be asked. */
  static async start<Asked, Answer extends ProgramAnswer>(
    namespace: string,
    file: string,
  ): Promise<InsideProgram<Asked, Answer>> {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const child = spawn(
      'ip',
      ['netns', 'exec', namespace, process.execPath, '--import', 'tsx', path],
      { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    );
    const program = new InsideProgram<Asked, Answer>(child);
    await program.#answerTo(READY);
    return program;
  }

  ask(asked: Asked): Promise<Answer> {
    this.#asked += 1;
    const number = this.#asked;
    const answered = this.#answerTo(number);
    this.#child.send({ number, asked });
    return answered;
  }

  close(): void {
    this.#child.disconnect();
  }

  async #answerTo(number: number): Promise<Answer> {
    const answer = await new Promise<Answer | ProgramAnswer>((resolve) => {
      this.#waiting.set(number, resolve);
    });
    if (answer.problem !== undefined) {
      throw new Error(`a program in a namespace: ${answer.problem}`);
    }
    return answer as Answer;
  }
}

/** For the program inside: it answers until whoever has started it is gone. */
export function serveAsked(answer: (asked: never) => Promise<ProgramAnswer>): void {
  process.on('message', ({ number, asked }: { number: number; asked: never }) => {
    answer(asked)
      .catch((error: unknown) => ({ problem: String(error) }))
      .then((told) => process.send?.({ number, answer: told }))
      .catch(() => process.exit(1));
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ number: READY, answer: {} });
}

const READY = 0;
