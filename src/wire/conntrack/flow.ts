/** One connection as the kernel follows it: an entry of its conntrack table. */
import type { Ip } from '../../base/ip.js';

/**
 * One direction. Where the protocol has no ports they are what the kernel keeps in their place: of ICMP, `sourcePort` is
 * the identifier, and `destinationPort` the type in the upper byte and the code in the lower.
 */
export interface FlowTuple {
  readonly source: Ip;
  readonly destination: Ip;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** What names a flow on any machine: NAT and all else may be otherwise. */
export interface FlowKey {
  /** IANA's number; see `PROTOCOL` in protocol.ts. */
  readonly protocol: number;
  readonly zone: number;
  /** As the first packet came in, before NAT. */
  readonly original: FlowTuple;
}

export interface Flow extends FlowKey {
  /** As the answers come in: the inverse of `original`, but for NAT. */
  readonly reply: FlowTuple;
  /** IPS_* bits (linux/netfilter/nf_conntrack_common.h). */
  readonly status: number;
  /** For how many seconds without a packet it is kept from now on. */
  readonly timeout: number;
  readonly mark: number;
  /** Undefined of other protocols, and in an event that did not say it because something else has changed. */
  readonly tcp?: TcpProgress | undefined;
  readonly sctp?: SctpProgress | undefined;
}

export interface TcpProgress {
  /** enum tcp_conntrack: 3 is ESTABLISHED. */
  readonly state: number;
  readonly original: TcpDirection;
  readonly reply: TcpDirection;
}

export interface TcpDirection {
  readonly windowScale: number;
  /** IP_CT_TCP_FLAG_*. */
  readonly flags: number;
}

export interface SctpProgress {
  readonly state: number;
  readonly originalTag: number;
  readonly replyTag: number;
}
