/** Kernel settings that the pair depends on. */
import type { Result } from '../base/result.js';
import type { KernelRefusal } from './address-table.js';

export interface Sysctls {
  /** Reads a setting by its dotted name, such as `net.ipv4.ip_nonlocal_bind`. */
  read(name: string): Promise<Result<string, KernelRefusal>>;
  write(name: string, value: string): Promise<Result<undefined, KernelRefusal>>;
}
