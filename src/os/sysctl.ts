/** Kernel settings under /proc/sys. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { KernelRefusal } from '../ports/address-table.js';
import type { Sysctls } from '../ports/sysctl.js';

const ROOT = '/proc/sys';

/**
 * Synchronous calls, because `net` shows the network namespace of the thread that opens it, and Node's
 * thread pool may be in another one than we are. The kernel answers from memory.
 */
export class ProcSysctls implements Sysctls {
  read(name: string): Promise<Result<string, KernelRefusal>> {
    return Promise.resolve(attempt(() => readFileSync(pathOf(name), 'utf8').trim()));
  }

  write(name: string, value: string): Promise<Result<undefined, KernelRefusal>> {
    const written = attempt(() => {
      writeFileSync(pathOf(name), value);
    });
    return Promise.resolve(written.ok ? done : written);
  }
}

/** The value of a setting at this moment, by its dotted name; undefined where the kernel has none of that name. */
export function settingNow(name: string): string | undefined {
  const value = attempt(() => readFileSync(pathOf(name), 'utf8').trim());
  return value.ok ? value.value : undefined;
}

/** As sysctl(8) does: dots separate, and a slash stands for a dot inside a name, such as a VLAN's. */
function pathOf(name: string): string {
  const parts = name.split('.').map((part) => part.replaceAll('/', '.'));
  return [ROOT, ...parts].join('/');
}

function attempt<T>(access: () => T): Result<T, KernelRefusal> {
  try {
    return ok(access());
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return fail(
      /\b(?:EPERM|EACCES|EROFS)\b/u.test(detail)
        ? { code: 'not-permitted', detail }
        : { code: 'refused', detail },
    );
  }
}
