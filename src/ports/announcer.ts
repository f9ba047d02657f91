/** Telling the neighbours which machine answers for an address now. */
import type { Result } from '../base/result.js';
import type { KernelRefusal, VirtualAddress } from './address-table.js';

export interface Announcer {
  /**
   * One gratuitous ARP in each form, request and reply, because some switches honour only one of them; for IPv6 one
   * unsolicited neighbour advertisement (RFC 9568 §6.4.1).
   */
  announce(address: VirtualAddress): Result<undefined, KernelRefusal>;
}
