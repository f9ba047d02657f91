/** Lines in two files of a directory: one that grows, and the one before it. */
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { Journal, JournalFailure } from '../ports/journal.js';

/** A pipe or a device by that name must not make us wait; a link could lead anywhere. */
const SAFELY = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
const TO_READ = constants.O_RDONLY | SAFELY;
const TO_APPEND = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | SAFELY;
const TO_REPLACE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | SAFELY;
const TO_SYNC = constants.O_RDONLY | constants.O_DIRECTORY;

export interface JournalFiles {
  /** Of both files, before what tells them apart. */
  readonly name: string;
  /** What a file may grow to before it becomes the older one. */
  readonly fileBytes: number;
}

/** Some four hundred transitions; as many again in the older file. */
export const HISTORY_FILES: JournalFiles = { name: 'history', fileBytes: 256 * 1024 };
/** More than all that is written before it is written anew: two overtaken lines of every key, of the longest. */
export const INTENT_FILES: JournalFiles = { name: 'intents', fileBytes: 8 * 1024 * 1024 };

/** What is read, and so what a reader has to deal with, at once: a fraction of a millisecond's work. */
const CHUNK_BYTES = 16 * 1024;
const OWNER_ONLY = 0o600;
const LINE_END = 0x0a;
const STUCK_AFTER_NANOS = 500_000_000n;

export class FileJournal implements Journal {
  readonly #current: string;
  readonly #older: string;
  readonly #draft: string;
  readonly #fileBytes: number;
  /** Since when something is asked of the file system. */
  #asking: bigint | undefined;

  constructor(directory: string, { name, fileBytes }: JournalFiles) {
    this.#current = join(directory, `${name}.jsonl`);
    this.#older = join(directory, `${name}.1.jsonl`);
    this.#draft = join(directory, `${name}.new.jsonl`);
    this.#fileBytes = fileBytes;
  }

  /** A thread that is stuck in the kernel keeps a process from exiting; then a signal ends it, as with the log. */
  static ofProcess(directory: string, files: JournalFiles): FileJournal {
    const journal = new FileJournal(directory, files);
    process.once('exit', () => {
      const since = journal.#asking;
      if (since !== undefined && process.hrtime.bigint() - since >= STUCK_AFTER_NANOS) {
        process.kill(process.pid, 'SIGKILL');
      }
    });
    return journal;
  }

  async *read(): AsyncGenerator<Result<readonly string[], JournalFailure>> {
    this.#asking = process.hrtime.bigint();
    try {
      for (const path of [this.#older, this.#current]) {
        yield* this.#readFile(path);
      }
    } catch (error) {
      yield fail({ code: 'unreadable', detail: detailOf(error) });
    } finally {
      this.#asking = undefined;
    }
  }

  async append(line: string): Promise<Result<undefined, JournalFailure>> {
    this.#asking = process.hrtime.bigint();
    try {
      const made = await this.#makeRoom(Buffer.byteLength(line) + 1);
      await writeLine(this.#current, line);
      if (made === 'a new file') {
        await syncDirectory(dirname(this.#current));
      }
      return done;
    } catch (error) {
      return fail({ code: 'not-written', detail: detailOf(error) });
    } finally {
      this.#asking = undefined;
    }
  }

  async replace(lines: readonly string[]): Promise<Result<undefined, JournalFailure>> {
    this.#asking = process.hrtime.bigint();
    try {
      await mkdir(dirname(this.#current), { recursive: true, mode: 0o755 });
      await writeDraft(this.#draft, lines);
      await rename(this.#draft, this.#current);
      await rm(this.#older, { force: true });
      await syncDirectory(dirname(this.#current));
      return done;
    } catch (error) {
      await rm(this.#draft, { force: true }).catch(() => undefined);
      return fail({ code: 'not-written', detail: detailOf(error) });
    } finally {
      this.#asking = undefined;
    }
  }

  async *#readFile(path: string): AsyncGenerator<Result<readonly string[], JournalFailure>> {
    const file = await openIfThere(path);
    if (file === undefined) {
      return;
    }
    try {
      const size = await sizeOf(file, path);
      let rest = Buffer.alloc(0);
      // Of a file that somebody else made so large, the end: its first line may be cut then.
      let position = Math.max(0, size - 2 * this.#fileBytes);
      for (;;) {
        const { buffer, bytesRead } = await file.read(
          ...([Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, position] as const),
        );
        if (bytesRead === 0) {
          break;
        }
        position += bytesRead;
        const all = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
        const end = all.lastIndexOf(LINE_END) + 1;
        rest = all.subarray(end);
        yield ok(linesOf(all.subarray(0, end)));
      }
      yield ok(linesOf(rest));
    } finally {
      await file.close();
    }
  }

  async #makeRoom(bytes: number): Promise<'a new file' | 'the same file'> {
    const there = await stat(this.#current).catch(() => undefined);
    if (there === undefined) {
      await mkdir(dirname(this.#current), { recursive: true, mode: 0o755 });
      return 'a new file';
    }
    if (there.size + bytes <= this.#fileBytes) {
      return 'the same file';
    }
    await rename(this.#current, this.#older);
    return 'a new file';
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, TO_READ);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

/** What a crash left of a line is ended first, or it would take this one with it; what fails leaves nothing behind. */
async function writeLine(path: string, line: string): Promise<void> {
  const file = await open(path, TO_APPEND, OWNER_ONLY);
  try {
    const size = await sizeOf(file, path);
    const separator = (await endsMidLine(file, size)) ? '\n' : '';
    try {
      await file.appendFile(`${separator}${line}\n`);
      await file.datasync();
    } catch (error) {
      await file.truncate(size).catch(() => undefined);
      throw error;
    }
  } finally {
    await file.close();
  }
}

async function writeDraft(path: string, lines: readonly string[]): Promise<void> {
  const file = await open(path, TO_REPLACE, OWNER_ONLY);
  try {
    await sizeOf(file, path);
    await file.writeFile(lines.map((line) => `${line}\n`).join(''));
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function sizeOf(file: FileHandle, path: string): Promise<number> {
  const stats = await file.stat();
  if (!stats.isFile()) {
    throw new Error(`${path}: not a regular file`);
  }
  return stats.size;
}

async function endsMidLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) {
    return false;
  }
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== LINE_END;
}

/** The name of a new file is on the disk when its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, TO_SYNC);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function linesOf(bytes: Buffer): readonly string[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
}

function detailOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
