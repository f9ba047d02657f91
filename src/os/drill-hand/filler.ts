/** A file that fills the file system of the state directory, and is removed again. */
import { closeSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Result } from '../../base/result.js';
import { done, fail, ok } from '../../base/result.js';

/** Its path; fails where filling would harm others than this node's daemon, or would take too long. */
export function fillerFor(stateDirectory: string, apartFrom: string): Result<string, string> {
  try {
    const device = statSync(stateDirectory).dev;
    const shared = [dirname(stateDirectory), '/', apartFrom].find(
      (each) => statSync(each).dev === device,
    );
    if (shared !== undefined) {
      return fail(
        `the state directory ${stateDirectory} is on the same file system as ${shared}, which would be full too; give it one of its own`,
      );
    }
    const { bavail, bfree, bsize } = statfsSync(stateDirectory);
    return Math.max(bavail, bfree) * bsize > MOST_FILLED
      ? fail(
          `the file system of ${stateDirectory} has more than ${String(MOST_FILLED >> 20)} MiB to fill`,
        )
      : ok(fillerPath(stateDirectory));
  } catch (error) {
    return fail(`${stateDirectory}: ${String(error)}`);
  }
}

export function fillerPath(stateDirectory: string): string {
  return join(stateDirectory, 'drill-filler');
}

/** Resolves when nothing more fits. */
export async function fill(path: string): Promise<Result<undefined, string>> {
  try {
    const fd = openSync(path, 'w', 0o600);
    const written = await writeUntilFull(fd).finally(() => {
      closeSync(fd);
    });
    return written === 'full' ? done : fail(`${path}: the file system grows as it is filled`);
  } catch (error) {
    return fail(`${path}: ${String(error)}`);
  }
}

/** Less and less, to the last byte. */
async function writeUntilFull(fd: number): Promise<'full' | 'too much'> {
  let written = 0;
  let size = CHUNK_BYTES;
  while (size >= 1 && written <= MOST_FILLED) {
    const fits = writes(fd, size);
    written += fits ? size : 0;
    size = fits ? size : Math.trunc(size / 4);
    await nextTurn();
  }
  return written > MOST_FILLED ? 'too much' : 'full';
}

/** Not there is success. */
export function removeFiller(path: string): Result<undefined, string> {
  try {
    rmSync(path, { force: true });
    return done;
  } catch (error) {
    return fail(`remove ${path}: ${String(error)}`);
  }
}

function writes(fd: number, size: number): boolean {
  try {
    return writeSync(fd, Buffer.alloc(size)) === size;
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      ['ENOSPC', 'EDQUOT'].includes(String(error.code))
    ) {
      return false;
    }
    throw error;
  }
}

const CHUNK_BYTES = 1 << 20;
/** A file system for the state of a daemon has some tens of megabytes. */
const MOST_FILLED: number = 1 << 30;
