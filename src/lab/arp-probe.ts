/** What the lab asks of the link to learn who answers for an address: a port, implemented on the machine's side. */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import type { Instant } from '../base/time.js';
import type { KernelRefusal } from '../ports/address-table.js';

export interface ArpQuestion {
  readonly interface: string;
  /** The address asked for. */
  readonly target: Ip;
  /** The asker's own address on that interface. */
  readonly sender: Ip;
}

/** `hardwareAddress` is the answering machine's, as six pairs of hexadecimal digits with colons. */
export type ArpAnswered = (hardwareAddress: string, at: Instant) => void;

export interface ArpProbe {
  /** Broadcasts one ARP request, so that every machine that holds the address answers. Never waits. */
  ask(): void;
  /** Idempotent. */
  close(): void;
}

export interface ArpProbes {
  /** Calls `answered` for each ARP reply for the target, also where nobody asked. */
  open(question: ArpQuestion, answered: ArpAnswered): Result<ArpProbe, KernelRefusal>;
}
