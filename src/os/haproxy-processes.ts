/** Which processes are the HAProxy that we started, told by their arguments and never by a number alone. */
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Master and workers of the HAProxy that reads `overlay`; a check of its configuration is none of them.
 * Sorted by pid, so that a master comes before the workers it forked, as long as pids do not wrap.
 */
export function haproxyProcesses(overlay: string): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && isHaproxy(pid, overlay))
    .sort((a, b) => a - b);
}

/** Whether that process is one of them now: a pid may have been given to a stranger. */
export function isHaproxy(pid: number, overlay: string): boolean {
  const args = argumentsOf(pid);
  return args.includes(overlay) && args.includes('-W') && !args.includes('-c');
}

/** Empty where there is no such process, or it is a zombie: it has ended and waits to be collected. */
function argumentsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
