/** Asking a link who has an address, and hearing who says so: ARP for IPv4, neighbour discovery for IPv6. */
import type { Ip } from '../base/ip.js';
import type { MacAddress } from '../base/mac.js';
import type { Result } from '../base/result.js';
import type { KernelRefusal } from './address-table.js';

export interface NeighbourQuestion {
  readonly target: Ip;
  /**
   * The asker's own address, of the target's family; undefined for a duplicate probe, which leaves no trace in anybody's
   * cache (RFC 5227 §2.1.1, RFC 4862 §5.4.2).
   */
  readonly sender: Ip | undefined;
}

/** Somebody else on the link has an address, or behaves as if. */
export interface NeighbourClaim {
  readonly address: Ip;
  readonly mac: MacAddress;
  /**
   * An *answer* says that it has the address, asked or not: an ARP reply, a neighbour advertisement. A *question* comes
   * from the address: an ARP request, a neighbour solicitation; an ARP announcement may have either form.
   */
  readonly kind: 'answer' | 'question';
}

export interface NeighbourHandlers {
  /** Whatever is said on the link, also where nobody asked. Duplicate probes of others are no claims. */
  readonly heard: (claim: NeighbourClaim) => void;
}

export interface NeighbourSocket {
  /** Asks once. Whoever has the target answers within milliseconds, if the question and the answer arrive. */
  ask(question: NeighbourQuestion): Result<undefined, KernelRefusal>;
  /** Idempotent. */
  close(): void;
}

export interface Neighbours {
  /** An interface that is deleted and made again is another one: open it anew. */
  open(
    options: { readonly interface: string },
    handlers: NeighbourHandlers,
  ): Result<NeighbourSocket, KernelRefusal>;
}
