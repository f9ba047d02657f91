/** The kernel's table of addresses and links, as far as a virtual address needs it. */
import type { Cidr, Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import type { Seconds } from '../base/time.js';
import type { LinkState } from '../core/notice.js';

/** An address this node may hold on an interface. */
export interface VirtualAddress {
  readonly interface: string;
  readonly cidr: Cidr;
}

/** An address that the kernel holds now. */
export interface HeldAddress extends VirtualAddress {
  /** True where the address carries our mark, so an earlier vipair put it there. */
  readonly ours: boolean;
  /** What remains of its valid lifetime; undefined when it is unlimited. */
  readonly validFor: Seconds | undefined;
}

export type KernelRefusal =
  | { readonly code: 'not-permitted'; readonly detail: string }
  | { readonly code: 'no-such-interface'; readonly detail: string }
  | { readonly code: 'no-answer'; readonly detail: string }
  | { readonly code: 'refused'; readonly detail: string };

export interface AddressTable {
  /**
   * Adds the address with a finite lifetime, or renews it. The kernel has done it by the time the call
   * returns; the promise brings its answer. Already there is success.
   */
  claim(address: VirtualAddress, validFor: Seconds): Promise<Result<undefined, KernelRefusal>>;
  /** Removes the address, likewise. Already gone, or interface gone, is success. */
  release(address: VirtualAddress): Promise<Result<undefined, KernelRefusal>>;
  /** All IPv4 addresses on the interface. */
  held(interfaceName: string): Promise<Result<readonly HeldAddress[], KernelRefusal>>;
  /** Calls `removed` when an address disappears from any interface, whoever removed it, us included. */
  watch(removed: (interfaceName: string, address: Ip) => void): Watch;
}

export interface Watch {
  /** Idempotent. */
  stop(): void;
}

export interface Links {
  /** `up` means administratively up and with carrier. */
  state(interfaceName: string): Promise<LinkState>;
  /** Calls `changed` with every new state of the interface, by name, so that a re-created one is found again. */
  watch(interfaceName: string, changed: (state: LinkState) => void): Watch;
}
