/** One daemon per node: whoever has locked a file that only root may open is the one. */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { LOCK_DIRECTORY, lockFileName } from '../base/lock-file.js';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { Descriptor } from './libc.js';
import { lockFile } from './libc.js';

export interface NodeLock {
  /** Idempotent. The kernel does it too when the process ends, however it ends. */
  release(): void;
}

export type LockRefusal =
  /** The pid of the daemon that holds the lock; undefined where it has not written it yet. */
  | { readonly code: 'held'; readonly by: number | undefined }
  | { readonly code: 'no-lock'; readonly detail: string };

/** Nobody but root can open what has mode 0600: not even to keep us from locking it. */
const OPEN_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
const ATTEMPTS = 10;

/** Takes the lock, or tells who has it. `directory` is for tests, which run beside a daemon. */
export function lockNode(directory: string = LOCK_DIRECTORY): Result<NodeLock, LockRefusal> {
  try {
    return lockAt(join(directory, lockFileName(networkNamespace())));
  } catch (error) {
    // Node throws what the system refused: an expected failure, above all for who is not root.
    const detail = error instanceof Error ? error.message : String(error);
    return fail({ code: 'no-lock', detail });
  }
}

/** A daemon's addresses belong to a network namespace: one daemon in each. */
function networkNamespace(): number {
  return statSync('/proc/self/ns/net').ino;
}

function lockAt(path: string): Result<NodeLock, LockRefusal> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    // Node opens with O_CLOEXEC: HAProxy, which outlives us, must not keep the lock.
    const fd = openSync(path, OPEN_FLAGS, 0o600) as Descriptor;
    const taken = take(fd, path);
    if (!taken.ok) {
      closeSync(fd);
      return taken;
    }
    // The one who had it may have removed the file between our opening and locking it.
    if (isAt(path, fd)) {
      ftruncateSync(fd);
      writeSync(fd, `${String(process.pid)}\n`, 0);
      return ok(heldLock(path, fd));
    }
    closeSync(fd);
  }
  return fail({ code: 'no-lock', detail: `${path} is removed again and again` });
}

function take(fd: Descriptor, path: string): Result<undefined, LockRefusal> {
  const locked = lockFile(fd);
  if (locked.ok) {
    return done;
  }
  const { call, errno } = locked.error;
  return errno === 'EAGAIN'
    ? fail({ code: 'held', by: holderIn(fd) })
    : fail({ code: 'no-lock', detail: `${path}: ${call}: ${errno}` });
}

function holderIn(fd: Descriptor): number | undefined {
  const pid = Number.parseInt(readFileSync(fd, 'utf8'), 10);
  return Number.isInteger(pid) ? pid : undefined;
}

function isAt(path: string, fd: Descriptor): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  const mine = fstatSync(fd);
  return there?.ino === mine.ino && there.dev === mine.dev;
}

function heldLock(path: string, fd: Descriptor): NodeLock {
  let state: 'held' | 'released' = 'held';
  return {
    release: () => {
      if (state === 'held') {
        state = 'released';
        remove(path);
        closeSync(fd);
      }
    },
  };
}

/** While it is still locked, so that it cannot be another's. One that stays does no harm: it is not locked. */
function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody else has tidied up.
  }
}
