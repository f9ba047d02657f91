/** The lease proper: the kernel answers for a guarded address only while its lease runs (reference: nftables sets with timeouts). */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import type { Millis } from '../base/time.js';
import type { KernelRefusal } from './address-table.js';

export type LeaseRefusal =
  KernelRefusal | { readonly code: 'no-nftables'; readonly detail: string };

export interface LeaseTable {
  /**
   * From now on the kernel is silent for these addresses and drops packets to them, unless their lease
   * runs. Leases that run already go on running; addresses guarded earlier and not named are let go.
   */
  guard(addresses: readonly Ip[]): Promise<Result<undefined, LeaseRefusal>>;
  /**
   * Starts or renews the leases: they end `lasting` from now, to within 5 ms. The kernel has done it by
   * the time the call returns; the promise brings its answer.
   */
  renew(addresses: readonly Ip[], lasting: Millis): Promise<Result<undefined, LeaseRefusal>>;
  /** Ends the leases now, likewise. */
  revoke(addresses: readonly Ip[]): Promise<Result<undefined, LeaseRefusal>>;
  /** The leases that run, with what remains of each. */
  remaining(): Promise<Result<ReadonlyMap<Ip, Millis>, LeaseRefusal>>;
  /** Removes everything this table put into the kernel. Nothing there is success. */
  dismantle(): Promise<Result<undefined, LeaseRefusal>>;
}
