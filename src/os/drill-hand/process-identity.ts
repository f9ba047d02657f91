/** Processes that are told from others which were given their number later. */
import { readFileSync } from 'node:fs';
import { statOf } from '../process-stat.js';

export interface ProcessIdentity {
  readonly pid: number;
  /** In ticks since the boot, as the kernel counts. */
  readonly startedAt: string;
}

/** Undefined where there is none of that number, or it has ended and waits to be collected. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const fields = statOf(pid)?.fields;
  const startedAt = fields?.[STARTED_AT];
  return startedAt === undefined || fields?.[STATE] === 'Z' || fields?.[STATE] === 'X'
    ? undefined
    : { pid, startedAt };
}

export function lives(process: ProcessIdentity): boolean {
  return identityOf(process.pid)?.startedAt === process.startedAt;
}

/** Nothing happens where it is gone. Nobody can take its number between the look and the signal but by a miracle. */
export function signalTo(to: ProcessIdentity, signal: NodeJS.Signals): void {
  try {
    if (lives(to)) {
      process.kill(to.pid, signal);
    }
  } catch {
    // It has ended by itself.
  }
}

/** Differs from boot to boot; empty where the kernel does not say. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

/** Whether it has ended, and waits for that parent to collect it. */
export function isZombieOf(parent: number, pid: number): boolean {
  const fields = statOf(pid)?.fields;
  return fields?.[STATE] === 'Z' && Number(fields[PARENT]) === parent;
}

/** Fields 3, 4 and 22 of proc_pid_stat(5). */
const STATE = 0;
const PARENT = 1;
const STARTED_AT = 19;
