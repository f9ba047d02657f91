/** A child's side of its parent: lines of JSON both ways over the standard streams, until the parent is gone. */
import { createInterface } from 'node:readline';
import type { Result } from '../base/result.js';
import { done, fail } from '../base/result.js';
import type { SystemError } from './libc.js';
import { confine, keepCapabilities } from './libc.js';

export interface ParentHandlers {
  readonly line: (line: string) => void;
  /** There is no parent any more, or it wants an end. */
  readonly ended: () => void;
}

/** Waiting for a parent that does not read. What comes beyond is not said: the next report says it again. */
const MOST_WAITING_BYTES = 1 << 20;

const CAP_NET_ADMIN = 12;

export class Parent {
  /** Ctrl-C reaches the whole group of a terminal; the parent decides what it means for its children. */
  begin({ line, ended }: ParentHandlers): void {
    process.on('SIGINT', () => undefined);
    process.on('SIGTERM', ended);
    // Its reader has gone: the end of the standard input says the same.
    process.stdout.on('error', () => undefined);
    createInterface({ input: process.stdin }).on('line', line).on('close', ended);
  }

  say(text: string): void {
    if (process.stdout.writableLength < MOST_WAITING_BYTES) {
      process.stdout.write(`${text}\n`);
    }
  }
}

/** Gives up all rights but those of that user. */
export function becomeUser({ uid, gid }: { readonly uid: number; readonly gid: number }): void {
  const { setgroups, setgid, setuid } = process;
  if (process.getuid?.() !== 0 || setgroups === undefined) {
    return;
  }
  setgroups([gid]);
  setgid?.(gid);
  setuid?.(uid);
}

/**
 * Gives up all rights but those of that user and one: to change the network of its namespace (CAP_NET_ADMIN). The calling
 * thread keeps that one, which is the one that asks the kernel, and so do threads that it starts later; those that run
 * already lose theirs with the user. Programs that it starts have none. Where it fails, this process may be root still.
 */
export function keepOnlyNetAdmin(user: {
  readonly uid: number;
  readonly gid: number;
}): Result<undefined, SystemError> {
  if (process.getuid?.() !== 0) {
    return done;
  }
  const kept = keepCapabilities();
  if (!kept.ok) {
    return kept;
  }
  try {
    becomeUser(user);
  } catch (error) {
    // Where not even root may, as in a container without CAP_SETUID.
    const { syscall = 'setuid', code = String(error) } = error as NodeJS.ErrnoException;
    return fail({ call: syscall, errno: code });
  }
  return confine(1 << CAP_NET_ADMIN);
}

/** Resident memory of this process. */
export function memoryBytes(): number {
  return process.memoryUsage.rss();
}
