/** The processes that live in a network namespace, found through /proc: their names play no part. */
import { existsSync, readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import process from 'node:process';
import { millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import { eventually } from './pause.js';

const NAMESPACES_DIRECTORY = '/run/netns';

/** A killed process is gone within a millisecond or two; one that waits for a disk may take longer. */
const GONE_WITHIN = millis(3_000);
const LOOK_AGAIN_AFTER = millis(5);

export interface NamespaceProcess {
  readonly pid: number;
  /** The name the kernel keeps, at most 15 characters. */
  readonly name: string;
  readonly parentPid: number;
}

/** All of them, children included. None when the namespace does not exist. */
export function processesIn(namespace: string): readonly NamespaceProcess[] {
  const inode = inodeOf(namespace);
  return inode === undefined
    ? []
    : readdirSync('/proc')
        .filter((name) => /^\d+$/u.test(name) && livesIn(name, inode))
        .map((name) => describe(Number(name)))
        .filter((found) => found !== undefined);
}

export function pidsIn(namespace: string): readonly number[] {
  return processesIn(namespace).map(({ pid }) => pid);
}

/** Kills every process in the namespaces; false when some would not go. Processes that appear meanwhile are killed too. */
export function killAllIn(namespaces: readonly string[], clock: Clock): Promise<boolean> {
  return eventually(clock, { within: GONE_WITHIN, every: LOOK_AGAIN_AFTER }, () => {
    const pids = namespaces.flatMap(pidsIn);
    signalAll(pids, 'SIGKILL');
    return pids.length === 0;
  });
}

/** A process that has ended meanwhile is passed over. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    signalOne(pid, signal);
  }
}

/** False when there is no such process any more. */
export function signalOne(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** Whether there is such a process, wherever it lives. */
export function isRunning(pid: number): boolean {
  return existsSync(`/proc/${String(pid)}`);
}

function inodeOf(namespace: string): number | undefined {
  try {
    return statSync(`${NAMESPACES_DIRECTORY}/${namespace}`).ino;
  } catch {
    return undefined;
  }
}

/** False for a process that ends while it is looked at, and for one that is dead but not yet reaped. */
function livesIn(pid: string, inode: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) === `net:[${String(inode)}]`;
  } catch {
    return false;
  }
}

function describe(pid: number): NamespaceProcess | undefined {
  const stat = statOf(pid);
  return stat === undefined
    ? undefined
    : { pid, name: stat.name, parentPid: Number(stat.fields[1]) };
}

/** `T`: stopped; `Z`: ended, and not collected yet. Undefined where there is none of that number. */
export function stateOf(pid: number): string | undefined {
  return statOf(pid)?.fields[0];
}

/** A name may contain anything, parentheses too; the fields are those that follow it (proc_pid_stat(5)). */
function statOf(
  pid: number,
): { readonly name: string; readonly fields: readonly string[] } | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    const nameEnd = stat.lastIndexOf(')');
    const name = stat.slice(stat.indexOf('(') + 1, nameEnd);
    return { name, fields: stat.slice(nameEnd + 2).split(' ') };
  } catch {
    return undefined;
  }
}
