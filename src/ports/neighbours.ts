/** Asking a link who has an address, and hearing whoever says so: ARP (RFC 826) and neighbour discovery (RFC 4861). */
import type { Ip } from '../base/ip.js';
import type { MacAddress } from '../base/mac.js';
import type { Result } from '../base/result.js';
import type { KernelRefusal } from './address-table.js';

/** A machine of the link says that it has an address. */
export interface NeighbourClaim {
  readonly address: Ip;
  readonly mac: MacAddress;
  /** `question`: it asks for another's address, from this one. `announcement`: to everybody, unasked. */
  readonly kind: 'answer' | 'announcement' | 'question';
}

export interface NeighbourQuestion {
  readonly target: Ip;
  /** Undefined: a duplicate probe (RFC 5227 §2.1.1, RFC 4862 §5.4), which claims no address itself. */
  readonly sender: Ip | undefined;
}

export interface NeighbourHandlers {
  /** Claims from our own hardware address are not reported; ARP probes are no claims. */
  readonly heard: (claim: NeighbourClaim) => void;
}

export interface NeighbourSocket {
  ask(question: NeighbourQuestion): Result<undefined, KernelRefusal>;
  /** Idempotent; nothing is heard after it. */
  close(): void;
}

export interface Neighbours {
  open(
    options: { readonly interface: string },
    handlers: NeighbourHandlers,
  ): Result<NeighbourSocket, KernelRefusal>;
}
