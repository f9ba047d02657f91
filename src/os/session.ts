/** A priority that holds against other services, and not against the processes of the own session alone. */
import { readFileSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { statOf } from './process-stat.js';

const AUTOGROUP = '/proc/self/autogroup';
/** Such as `/autogroup-25 nice -10`. */
const AUTOGROUP_NICE = / nice (-?\d+)$/mu;
/** Field 6 of proc_pid_stat(5). */
const SESSION = 6 - 3;

/**
 * Lends the session that this process leads, as one does that a service manager started, the priority that it gave to the
 * process (`Nice=`). Where the kernel shares the processors out among sessions (sched(7), *The autogroup feature*; on by
 * default), a nice value alone counts within the session only: beside four busy sessions on two processors the program was
 * loaded after 1.6 s instead of 0.5 s, as measured. Below that of others it takes CAP_SYS_NICE or `LimitNICE=`; refused, or
 * unknown to the kernel, the session remains as it is.
 */
export function preferSession(): void {
  setNice(() => {
    const nice = getPriority();
    return nice < 0 ? nice : undefined;
  });
}

/** Its share is that of any other again: what this process starts, and leaves in its session, is to have no more. */
export function equalSession(): void {
  setNice(() => {
    const nice = AUTOGROUP_NICE.exec(readFileSync(AUTOGROUP, 'utf8'))?.[1];
    return Number(nice) < 0 ? 0 : undefined;
  });
}

/** Never of a session that somebody else leads: a shell, where somebody typed `nice`. */
function setNice(wanted: () => number | undefined): void {
  try {
    const isLeader = Number(statOf(process.pid)?.fields[SESSION]) === process.pid;
    const nice = isLeader ? wanted() : undefined;
    if (nice !== undefined) {
      writeFileSync(AUTOGROUP, String(nice));
    }
  } catch {
    // The kernel has no such feature, or permits it not: only a precaution is lost.
  }
}
