/** A snapshot as a file: written beside the former one, on the disk before it takes its name. */
import { chmodSync, lchownSync, lstatSync, mkdirSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { SnapshotDraft, Snapshots } from '../ports/snapshots.js';

/** A disk that is so much behind is not waited for. */
const MOST_WAITING_BYTES = 16 << 20;
const OWNER_ONLY_DIRECTORY = 0o700;
const OWNER_ONLY = 0o600;

export class SnapshotFiles implements Snapshots {
  readonly #path: string;
  readonly #mostBytes: number;
  #last: Promise<unknown> = Promise.resolve();

  /** `mostBytes`: a file that is longer is not read. */
  constructor(path: string, mostBytes: number) {
    this.#path = path;
    this.#mostBytes = mostBytes;
  }

  async read(): Promise<Result<Uint8Array | undefined, string>> {
    try {
      const found = await stat(this.#path);
      if (!found.isFile()) {
        // The directory is HAProxy's user's: a pipe there would be waited for without end.
        return fail('is no regular file');
      }
      const { size } = found;
      return size > this.#mostBytes
        ? fail(`has ${String(size)} bytes, expected ${String(this.#mostBytes)} at the most`)
        : ok(new Uint8Array(await readFile(this.#path)));
    } catch (error) {
      return codeOf(error) === 'ENOENT' ? ok(undefined) : fail(`cannot be read: ${codeOf(error)}`);
    }
  }

  async setAside(): Promise<void> {
    await rename(this.#path, `${this.#path}.refused`).catch(() => undefined);
  }

  begin(): SnapshotDraft {
    // They have one name: the former is out of the way first.
    const draft = new DraftFile(this.#path, this.#last);
    this.#last = draft.over;
    return draft;
  }
}

/**
 * Makes the directory of a file for that user alone, and enters it, since the user may have no right to the directories above.
 * What is returned names the file from then on; where that is not possible, reading and writing it will say why.
 */
export function ownedFile(
  path: string,
  owner: { readonly uid: number; readonly gid: number } | undefined,
): string {
  const directory = dirname(path);
  try {
    mkdirSync(directory, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
    if (!lstatSync(directory).isDirectory()) {
      return path;
    }
    chmodSync(directory, OWNER_ONLY_DIRECTORY);
    if (owner !== undefined) {
      lchownSync(directory, owner.uid, owner.gid);
    }
    process.chdir(directory);
    return basename(path);
  } catch {
    return path;
  }
}

class DraftFile implements SnapshotDraft {
  /** Resolves when nothing is left to do about it. */
  readonly over: Promise<void>;
  #end: () => void = () => undefined;
  readonly #path: string;
  readonly #draft: string;
  readonly #file: Promise<FileHandle>;
  #written: Promise<unknown>;
  #waiting = 0;

  constructor(path: string, after: Promise<unknown>) {
    this.#path = path;
    this.#draft = `${path}.new`;
    this.#file = after.then(() => open(this.#draft, 'w', OWNER_ONLY));
    this.#written = this.#file;
    // Whoever keeps it is told.
    this.#file.catch(() => undefined);
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  add(bytes: Uint8Array): 'taken' | 'slow' {
    if (this.#waiting > MOST_WAITING_BYTES) {
      return 'slow';
    }
    this.#waiting += bytes.length;
    this.#written = this.#written.then(async () => {
      await (await this.#file).appendFile(bytes);
      this.#waiting -= bytes.length;
    });
    this.#written.catch(() => undefined);
    return 'taken';
  }

  async keep(): Promise<Result<undefined, string>> {
    try {
      await this.#written;
      const file = await this.#file;
      await file.sync();
      await rename(this.#draft, this.#path);
      const directory = await open(dirname(this.#path), 'r');
      await directory.sync().finally(() => directory.close());
      return done;
    } catch (error) {
      return fail(`cannot be written: ${codeOf(error)}`);
    } finally {
      await this.#leave();
    }
  }

  drop(): void {
    void this.#leave();
  }

  async #leave(): Promise<void> {
    await this.#written.catch(() => undefined);
    await this.#file.then((file) => file.close()).catch(() => undefined);
    await rm(this.#draft, { force: true }).catch(() => undefined);
    this.#end();
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error) {
    return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
  }
  return String(error);
}
