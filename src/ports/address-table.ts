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

/**
 * Whether the kernel answers for an address: not while it is *tentative*, and never once somebody else on the link was
 * found to have it (RFC 4862 §5.4). An IPv4 address is always usable.
 */
export type AddressState = 'usable' | 'tentative' | 'duplicate';

/** An address that the kernel holds now. */
export interface HeldAddress extends VirtualAddress {
  readonly state: AddressState;
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
   * returns; the promise brings its answer. Already there is success. An IPv6 address is not probed for: whoever
   * claims it has asked the link before.
   */
  claim(address: VirtualAddress, validFor: Seconds): Promise<Result<undefined, KernelRefusal>>;
  /** Removes the address, likewise. Already gone, or interface gone, is success. */
  release(address: VirtualAddress): Promise<Result<undefined, KernelRefusal>>;
  /** All addresses of both families on the interface, link-local ones included. */
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
