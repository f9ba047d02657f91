/**
 * Interfaces that have a virtual router's Ethernet address instead of the machine's own (RFC 9568 §7.3), on top of a real
 * one.
 *
 * - Adverts are *heard* on the parent and *leave* from the virtual interface (`AdvertSocketOptions.transmit`). A peer's
 *   advert has the same source as our virtual interface: measured, it does not arrive on that one; and a group that is
 *   joined on it makes the kernel send membership reports from the virtual address, also as a backup, which draws
 *   the link's switches to the wrong node.
 * - It is up while this node is master, and down otherwise: a backup must discard what is sent to the virtual address
 *   (RFC 9568 §6.4.2). Measured: up takes 0.1 ms, down 7 ms and removing 19 ms, in which the process does nothing else.
 * - Addresses are claimed on it as hosts, `/32` or `/128`. With the network's prefix there would be a second route to
 *   the network, and once the parent's address is renewed the machine's own traffic would leave from the virtual one.
 * - The parent needs {@link PARENT_SETTINGS}.
 */
import type { MacAddress } from '../base/mac.js';
import type { Result } from '../base/result.js';
import type { KernelRefusal } from './address-table.js';

/**
 * Of `net.ipv4.conf.<parent>`. By default (measured) the parent answers ARP for an address of its virtual interface with
 * its own Ethernet address, and asks for neighbours in the name of the virtual address, which teaches them the
 * same. IPv6 needs nothing.
 */
export const PARENT_SETTINGS: ReadonlyMap<string, string> = new Map([
  // "Reply only if the target IP address is local address configured on the incoming interface".
  ['arp_ignore', '1'],
  // "Always use the best local address for this target", whatever the packet's source is.
  ['arp_announce', '2'],
]);

export interface VirtualInterface {
  readonly name: string;
  readonly parent: string;
  readonly mac: MacAddress;
}

export interface VirtualInterfaces {
  /**
   * Makes the interface, down and without any address, or leaves one as it is that is right already; one of ours that is
   * not right is made anew. Another's of that name is refused.
   */
  ensure(wanted: VirtualInterface): Promise<Result<undefined, KernelRefusal>>;
  /** The kernel has done it by the time the call returns. Turning down what is not there is success. */
  turn(name: string, state: 'up' | 'down'): Promise<Result<undefined, KernelRefusal>>;
  /** Another's is left alone, and refused. Already gone is success. */
  remove(name: string): Promise<Result<undefined, KernelRefusal>>;
  /** Those that carry our mark, an earlier life's included. */
  ours(): Promise<Result<readonly VirtualInterface[], KernelRefusal>>;
}
