/** TCP connections of this node's own programs, such as its proxy, by the address that clients reach them at. */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import type { KernelRefusal } from './address-table.js';

export interface OpenConnections {
  /** How many are open, or have still something to send, at one of these addresses. */
  count(addresses: readonly Ip[]): Promise<Result<number, KernelRefusal>>;
  /** Ends them: their clients are sent a reset, and the programs are told of an error. How many there were. */
  reset(addresses: readonly Ip[]): Promise<Result<number, KernelRefusal>>;
}
