/** A priority that holds against other services, and not against the processes of the own session alone. */
import { readFileSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';

const AUTOGROUP = '/proc/self/autogroup';
/** Field 6 of proc(5), /proc/pid/stat, counted behind the second, which is in brackets and may contain blanks. */
const SESSION_FIELD = 6 - 3;

/**
 * Lends the session that this process leads, as one does that a service manager started, the priority that it gave to the
 * process (`Nice=`). Where the kernel shares the processors out among sessions (sched(7), *The autogroup feature*; on by
 * default), a nice value alone counts within the session only: beside four busy sessions on two processors the program was
 * loaded after 1.6 s instead of 0.5 s, as measured. Below that of others it takes CAP_SYS_NICE or `LimitNICE=`; refused, or
 * unknown to the kernel, the session remains as it is.
 */
export function preferSession(): void {
  attempt(() => {
    const nice = getPriority();
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    // Never a shell's, where somebody typed `nice`.
    if (nice < 0 && Number(fields[SESSION_FIELD]) === process.pid) {
      writeFileSync(AUTOGROUP, String(nice));
    }
  });
}

/** Its share is that of any other again: what this process starts, and leaves in its session, is to have no more. */
export function equalSession(): void {
  attempt(() => {
    if (!readFileSync(AUTOGROUP, 'utf8').endsWith('nice 0\n')) {
      writeFileSync(AUTOGROUP, '0');
    }
  });
}

/** Only a precaution is lost. */
function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // The kernel has no such feature, or permits it not.
  }
}
