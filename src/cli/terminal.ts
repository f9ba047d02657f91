/** Where commands write and ask: standard output for results, standard error for what went wrong. */
import process from 'node:process';
import { createInterface } from 'node:readline/promises';

export type OutputForm = 'text' | 'json';

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2));
}

/** Calls back when whoever read standard output is gone, such as `head` when it has enough. */
export function whenUnread(then: () => void): void {
  process.stdout.once('error', then);
}

/** A terminal that is closed, or a reader who goes away, ends nothing: what is said after that is said to nobody. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => undefined);
  }
}

/** Resolves when all that was written has been read, or nobody reads any more: a pipe takes 64 KiB at a time. */
export async function whenWritten(): Promise<void> {
  const streams = [process.stdout, process.stderr].filter((each) => each.writableLength > 0);
  await Promise.all(
    streams.map(
      (stream) =>
        new Promise<void>((resolve) => {
          stream.once('error', () => {
            resolve();
          });
          stream.write('', () => {
            resolve();
          });
        }),
    ),
  );
}

/** What has not been read by now never will be. */
export function stopWriting(): void {
  process.stdout.destroy();
}

/** Whether somebody watches how it goes on, on a terminal. */
export function isWatched(): boolean {
  return process.stderr.isTTY;
}

/** Writes one line anew, cut to the width of the terminal. */
export function overwrite(text: string): void {
  process.stderr.write(`\r\u001b[K${text.slice(0, Math.max(1, process.stderr.columns - 1))}`);
}

/** Erases the screen, as `watch` does. */
export function clearScreen(): void {
  process.stdout.write('\u001b[2J\u001b[H');
}

/** `no-terminal` where nobody is there to answer; anything but y or yes is no. */
export async function confirm(question: string): Promise<'yes' | 'no' | 'no-terminal'> {
  if (!process.stdin.isTTY) {
    return 'no-terminal';
  }
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await lines.question(`${question} [y/N] `);
    return /^y(?:es)?$/iu.test(answer.trim()) ? 'yes' : 'no';
  } finally {
    lines.close();
  }
}
