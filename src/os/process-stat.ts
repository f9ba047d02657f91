/** What the kernel says of a process in one line (proc_pid_stat(5)). */
import { readFileSync } from 'node:fs';

export interface ProcessStat {
  /** It may contain anything, parentheses too. */
  readonly name: string;
  /** Those behind the name: the first is number 3 of the manual. */
  readonly fields: readonly string[];
}

/** Undefined where there is none of that number. */
export function statOf(pid: number): ProcessStat | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    const nameEnd = stat.lastIndexOf(')');
    const name = stat.slice(stat.indexOf('(') + 1, nameEnd);
    return { name, fields: stat.slice(nameEnd + 2).split(' ') };
  } catch {
    return undefined;
  }
}
