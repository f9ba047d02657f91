/** Pushed files on the disk: each written beside its place and renamed; what it replaces is kept first. */
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { lstat, mkdir, open, readdir, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { WallTime } from '../base/time.js';
import { millis, wallTime } from '../base/time.js';
import type { ProcessHost } from '../ports/process-host.js';
import type { CheckFile, FoundFile, PushedFiles, Replacement } from '../ports/pushed-files.js';
import type { Kept } from './pushed-manifest.js';
import { readManifest, writeManifest } from './pushed-manifest.js';

export interface PushedFilesOptions {
  /** HAProxy, and its configuration. */
  readonly program: string;
  readonly config: string;
  /** HAProxy's configuration may use it as `"${VIPAIR_NODE}"`. */
  readonly nodeName: string;
  /** Of the daemon, over a boot. */
  readonly stateDirectory: string;
}

/**
 * In the state directory, of which only root can write:
 *
 * | directory | what it is                                                              |
 * | --------- | ----------------------------------------------------------------------- |
 * | `check`   | files for HAProxy's check; removed after it, and at every start         |
 * | `saving`  | what is about to be replaced, not yet all of it; removed at every start |
 * | `pending` | all of it: while it is there, a start puts it back                      |
 * | `former`  | what the last push replaced that was kept                               |
 */
export class DiskPushedFiles implements PushedFiles {
  readonly #options: PushedFilesOptions;
  readonly #processes: Pick<ProcessHost, 'run'>;
  readonly #home: string;

  constructor(options: PushedFilesOptions, processes: Pick<ProcessHost, 'run'>) {
    this.#options = options;
    this.#processes = processes;
    this.#home = join(options.stateDirectory, 'push');
  }

  get checkDirectory(): string {
    return join(this.#home, 'check');
  }

  look(path: string, base: string, most: number): Promise<Result<FoundFile, string>> {
    return attempted(async () => {
      if (!(await isInside(dirname(path), base))) {
        return { kind: 'nothing' };
      }
      const found = await lstat(path).catch(undefinedIfMissing);
      if (found?.isDirectory() === true) {
        const entries = await readdir(path, { withFileTypes: true });
        const names = entries.filter((each) => each.isFile() && !each.name.startsWith('.'));
        return { kind: 'directory', names: names.map(({ name }) => name).toSorted() };
      }
      return found === undefined
        ? { kind: 'nothing' }
        : { kind: 'file', ...(await readWhole(path, most)) };
    });
  }

  async check(config: string, files: readonly CheckFile[]): Promise<Result<undefined, string>> {
    const written = await attempted(async () => {
      await this.#makeHome();
      await rm(this.checkDirectory, TREE);
      for (const { path, bytes } of files) {
        await mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY_DIRECTORY });
        await writeNew(path, bytes, { mode: OWNER_ONLY });
      }
    });
    const checked = written.ok ? await this.#runCheck(config) : fail(written.error);
    const removed = await attempted(() => rm(this.checkDirectory, TREE));
    return checked.ok && !removed.ok ? fail(removed.error) : checked;
  }

  checkOwn(): Promise<Result<undefined, string>> {
    return this.#runCheck(this.#options.config);
  }

  async install(files: readonly Replacement[]): Promise<Result<undefined, string>> {
    const saved = await attempted(() => this.#save(files));
    if (!saved.ok) {
      return fail(saved.error);
    }
    const written = await attempted(async () => {
      for (const { path, base, bytes } of files) {
        const kept = saved.value.find((each) => each.path === path);
        await put({ path, base, bytes, as: kept?.file });
      }
    });
    if (written.ok) {
      return done;
    }
    const restored = await this.restore();
    return fail(
      restored.ok
        ? written.error
        : `${written.error}; what was there could not be put back: ${restored.error}`,
    );
  }

  async restore(): Promise<Result<undefined, string>> {
    const restored = await attempted(() => this.#restorePending());
    return restored.ok ? done : fail(restored.error);
  }

  async keep(): Promise<Result<undefined, string>> {
    const kept = await attempted(async () => {
      await rm(this.#directory('former'), TREE);
      await rename(this.#directory('pending'), this.#directory('former'));
      await syncDirectory(this.#home);
    });
    return kept.ok ? done : fail(kept.error);
  }

  former(): Promise<Result<readonly Replacement[] | undefined, string>> {
    return attempted(async () => {
      const directory = this.#directory('former');
      const kept = await readManifest(directory);
      if (kept === undefined) {
        return undefined;
      }
      const found: Replacement[] = [];
      for (const { path, base, file } of kept) {
        found.push({ path, base, bytes: await copyOf(file, directory) });
      }
      return found;
    });
  }

  recover(): Promise<Result<'nothing' | 'restored', string>> {
    return attempted(async () => {
      await rm(this.checkDirectory, TREE);
      await rm(this.#directory('saving'), TREE);
      return this.#restorePending();
    });
  }

  async #runCheck(config: string): Promise<Result<undefined, string>> {
    const { program, nodeName } = this.#options;
    const outcome = await this.#processes.run(program, ['-c', '-f', config], {
      within: CHECK_DEADLINE,
      env: { VIPAIR_NODE: nodeName },
    });
    return outcome.ok ? done : fail(withoutNotices(outcome.error.detail));
  }

  async #save(files: readonly Replacement[]): Promise<readonly Kept[]> {
    await this.#makeHome();
    const saving = this.#directory('saving');
    await rm(saving, TREE);
    await mkdir(saving, { mode: OWNER_ONLY_DIRECTORY });
    const kept: Kept[] = [];
    for (const [index, { path, base }] of files.entries()) {
      await makeDirectory(dirname(path), base);
      const file = await keepCopy(path, saving, String(index));
      kept.push({ path, base, file });
    }
    await writeManifest(saving, kept);
    await rename(saving, this.#directory('pending'));
    await syncDirectory(this.#home);
    return kept;
  }

  async #restorePending(): Promise<'nothing' | 'restored'> {
    const pending = this.#directory('pending');
    const kept = await readManifest(pending);
    if (kept === undefined) {
      return 'nothing';
    }
    const refused: string[] = [];
    for (const { path, base, file } of kept) {
      const put = await attempted(() => putBack({ path, base, file }, pending));
      refused.push(...(put.ok ? [] : [put.error]));
    }
    if (refused.length > 0) {
      // The rest is as it was; what is missing is still there, for whoever looks at it.
      throw new Error(refused.join('; '));
    }
    await rm(pending, TREE);
    await syncDirectory(this.#home);
    return 'restored';
  }

  #directory(name: 'saving' | 'pending' | 'former'): string {
    return join(this.#home, name);
  }

  async #makeHome(): Promise<void> {
    await mkdir(this.#home, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
  }
}

interface Put extends Replacement {
  /** Whose it shall be; undefined: ours alone. */
  readonly as: Kept['file'];
  /** `as it was`: what is put back is not younger for it. */
  readonly changed?: 'now' | 'as it was';
}

/** Also where a former attempt got half-way: a draft of that name is ours. */
async function put({ path, base, bytes, as, changed }: Put): Promise<void> {
  await makeDirectory(dirname(path), base);
  const draft = join(dirname(path), `.${basename(path)}.vipair-push`);
  await rm(draft, { force: true });
  if (bytes === undefined) {
    await rm(path, { force: true });
  } else {
    const mode = as === undefined || hasPrivateKey(bytes) ? OWNER_ONLY : as.mode;
    const changedAt = changed === 'as it was' ? as?.changedAt : undefined;
    await writeNew(draft, bytes, { mode, owner: as, changedAt });
    await rename(draft, path).catch(async (error: unknown) => {
      await rm(draft, { force: true });
      throw error;
    });
  }
  await syncDirectory(dirname(path));
}

async function putBack({ path, base, file }: Kept, directory: string): Promise<void> {
  const bytes = await copyOf(file, directory);
  await put({ path, base, bytes, as: file, changed: 'as it was' });
}

async function copyOf(file: Kept['file'], directory: string): Promise<Uint8Array | undefined> {
  return file === undefined
    ? undefined
    : (await readWhole(join(directory, file.copy), MOST_BYTES)).bytes;
}

async function keepCopy(path: string, directory: string, copy: string): Promise<Kept['file']> {
  const found = await lstat(path).catch(undefinedIfMissing);
  if (found === undefined) {
    return undefined;
  }
  const { bytes, changedAt } = await readWhole(path, MOST_BYTES);
  await writeNew(join(directory, copy), bytes, { mode: OWNER_ONLY });
  return { copy, mode: found.mode & PERMISSIONS, uid: found.uid, gid: found.gid, changedAt };
}

/** A link that leads out of the directory is refused; what is missing is made, one below the other. */
async function makeDirectory(directory: string, base: string): Promise<void> {
  if (!(await isInside(directory, base))) {
    await makeDirectory(dirname(directory), base);
    await mkdir(directory, { mode: SEARCHABLE_DIRECTORY });
  }
}

/** False where it is not there. Throws where a link leads elsewhere. */
async function isInside(directory: string, base: string): Promise<boolean> {
  const real = await realpath(directory).catch(undefinedIfMissing);
  if (real === undefined) {
    return false;
  }
  const expected = `${await realpath(base)}${directory.slice(base.length)}`;
  if (real !== expected) {
    throw new Error(`${directory}: a link leads to ${real}`);
  }
  return true;
}

async function readWhole(
  path: string,
  most: number,
): Promise<{ readonly bytes: Uint8Array; readonly changedAt: WallTime }> {
  const file = await open(path, TO_READ);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) {
      throw new Error(`${path}: no regular file`);
    }
    if (stats.size > most) {
      throw new Error(`${path}: ${String(stats.size)} bytes, expected ${String(most)} at the most`);
    }
    const bytes = new Uint8Array(await file.readFile());
    return { bytes, changedAt: wallTime(stats.mtimeMs) };
  } finally {
    await file.close();
  }
}

interface NewFile {
  readonly mode: number;
  readonly owner?: Kept['file'];
  /** Undefined: now. */
  readonly changedAt?: number | undefined;
}

/** On the disk when it resolves; what fails half-way is removed. */
async function writeNew(
  path: string,
  bytes: Uint8Array,
  { mode, owner, changedAt }: NewFile,
): Promise<void> {
  const file = await open(path, TO_WRITE, OWNER_ONLY);
  try {
    await fill(file, bytes);
    await file.chmod(mode);
    if (owner !== undefined) {
      await file.chown(owner.uid, owner.gid);
    }
    if (changedAt !== undefined) {
      await file.utimes(new Date(changedAt), new Date(changedAt));
    }
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function fill(file: FileHandle, bytes: Uint8Array): Promise<void> {
  await file.writeFile(bytes);
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  await directory.sync().finally(() => directory.close());
}

function hasPrivateKey(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).includes('PRIVATE KEY-----');
}

/** HAProxy says first which version it is, and where: nobody has to look for the mistake behind that. */
function withoutNotices(detail: string): string {
  const lines = detail.split('\n').filter((line) => !line.startsWith('[NOTICE]'));
  return lines.join('\n').slice(-DETAIL_CHARACTERS);
}

async function attempted<T>(what: () => Promise<T>): Promise<Result<T, string>> {
  try {
    return ok(await what());
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function undefinedIfMissing(error: unknown): undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOENT' && code !== 'ENOTDIR') {
    throw error;
  }
}

/** A pipe or a device by that name must not make us wait; a link could lead anywhere. */
const SAFELY = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
const TO_READ = constants.O_RDONLY | SAFELY;
const TO_WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | SAFELY;
const TREE = { recursive: true, force: true } as const;
const OWNER_ONLY = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;
const SEARCHABLE_DIRECTORY = 0o755;
const PERMISSIONS = 0o777;
/** Of one file: more than a push has. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Reading a large configuration with many certificates takes seconds. */
const CHECK_DEADLINE = millis(30_000);
const DETAIL_CHARACTERS = 2000;
