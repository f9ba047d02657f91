/** Telling the neighbours which machine answers for an address now. */
import type { Result } from '../base/result.js';
import type { KernelRefusal, VirtualAddress } from './address-table.js';

export interface Announcer {
  /** One gratuitous ARP in each form, request and reply, because some switches honour only one of them. */
  announce(address: VirtualAddress): Result<undefined, KernelRefusal>;
}
