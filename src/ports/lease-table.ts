/** The lease proper: the kernel answers for a guarded address only while its lease runs (reference: nftables sets with timeouts). */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import type { Millis } from '../base/time.js';
import type { KernelRefusal } from './address-table.js';

export type LeaseRefusal =
  KernelRefusal | { readonly code: 'no-nftables'; readonly detail: string };

/** What the kernel shall do with this node's virtual addresses, of both families. */
export interface GuardOrder {
  readonly addresses: readonly Ip[];
  /**
   * Those of `addresses` whose packets are dropped even while their lease runs, while ARP and neighbour discovery
   * are answered: Accept_Mode is False (RFC 9568 §6.4.3).
   */
  readonly unaccepted: readonly Ip[];
}

/** Whether the kernel still has what a guard wrote: all of it, its tables without all of their rules, or not even those. */
export type Guarded = 'yes' | 'rules missing' | 'tables missing';

export interface LeaseTable {
  /**
   * From now on the kernel is silent for these addresses and drops packets to them, unless their lease
   * runs. Leases that run already go on running; addresses guarded earlier and not named are let go.
   * Where the kernel can do it for IPv4 alone it does, and fails with `no-nftables` if IPv6 addresses were named:
   * their leases are then enforced by nothing, and renewing them is no failure.
   */
  guard(order: GuardOrder): Promise<Result<undefined, LeaseRefusal>>;
  /**
   * Whether the rules that `guard` has written are still there, by their number: somebody else may have flushed them, and
   * nobody says so. Where whole tables are gone, renewing a lease fails. What was not written is not missed.
   */
  guarded(): Promise<Result<Guarded, LeaseRefusal>>;
  /**
   * Starts or renews the leases: they end `lasting` from now, to within 5 ms. The kernel has done it by
   * the time the call returns; the promise brings its answer. Packets see all of them change at one moment.
   */
  renew(addresses: readonly Ip[], lasting: Millis): Promise<Result<undefined, LeaseRefusal>>;
  /** Ends the leases now, likewise. */
  revoke(addresses: readonly Ip[]): Promise<Result<undefined, LeaseRefusal>>;
  /** The leases that run, with what remains of each. */
  remaining(): Promise<Result<ReadonlyMap<Ip, Millis>, LeaseRefusal>>;
  /** Removes everything this table put into the kernel. Nothing there is success. */
  dismantle(): Promise<Result<undefined, LeaseRefusal>>;
}
