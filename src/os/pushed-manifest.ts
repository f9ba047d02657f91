/** What was at which place before a push: a list beside the copies, written last. */
import { readFile, writeFile, open } from 'node:fs/promises';
import { join } from 'node:path';

export interface Kept {
  readonly path: string;
  readonly base: string;
  /** Its copy, and whose it was; undefined: nothing was there. */
  readonly file:
    | {
        readonly copy: string;
        readonly mode: number;
        readonly uid: number;
        readonly gid: number;
        /** When it was changed, in milliseconds; a former version did not keep it. */
        readonly changedAt?: number;
      }
    | undefined;
}

const NAME = 'manifest.json';
const OWNER_ONLY = 0o600;

export async function writeManifest(directory: string, kept: readonly Kept[]): Promise<void> {
  const path = join(directory, NAME);
  await writeFile(path, JSON.stringify(kept), { mode: OWNER_ONLY, flush: true });
  const parent = await open(directory, 'r');
  await parent.sync().finally(() => parent.close());
}

/** Undefined where there is none. Throws where it makes no sense: then nobody knows what to put back. */
export async function readManifest(directory: string): Promise<readonly Kept[] | undefined> {
  const path = join(directory, NAME);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  });
  if (text === undefined) {
    return undefined;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (!Array.isArray(value) || !value.every(isKept)) {
    throw new Error(`${path}: damaged; look at the files beside it, and remove ${directory}`);
  }
  return value;
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== 'object' || value === null || !('path' in value) || !('base' in value)) {
    return false;
  }
  const isPlaced = isAbsolute(value.path) && isAbsolute(value.base);
  return isPlaced && (!('file' in value) || value.file === undefined || isCopy(value.file));
}

function isAbsolute(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('/');
}

function isCopy(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'copy' in value &&
    /^\d{1,6}$/u.test(String(value.copy)) &&
    ['mode', 'uid', 'gid'].every(
      (key) => key in value && Number.isSafeInteger((value as Record<string, unknown>)[key]),
    ) &&
    (!('changedAt' in value) || Number.isFinite(value.changedAt))
  );
}
