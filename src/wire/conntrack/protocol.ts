/** What of a flow depends on its protocol: how the answers come in where no address is translated. */
import type { FlowTuple } from './flow.js';

/** IANA's numbers of those that are told from others. */
export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;

/** The tuple of the answers. Of ICMP the identifier stays, and the type becomes that of the answer. */
export function inverseOf(tuple: FlowTuple, protocol: number): FlowTuple {
  const { source, destination, sourcePort, destinationPort } = tuple;
  const answers = ANSWERS.get(protocol);
  return answers === undefined
    ? {
        source: destination,
        destination: source,
        sourcePort: destinationPort,
        destinationPort: sourcePort,
      }
    : {
        source: destination,
        destination: source,
        sourcePort,
        destinationPort: answered(destinationPort, answers),
      };
}

export function sameTuple(a: FlowTuple, b: FlowTuple): boolean {
  return (
    a.source === b.source &&
    a.destination === b.destination &&
    a.sourcePort === b.sourcePort &&
    a.destinationPort === b.destinationPort
  );
}

/** The code stays, whose byte is the lower one. */
function answered(typeAndCode: number, answers: ReadonlyMap<number, number>): number {
  const type = typeAndCode >>> 8;
  return ((answers.get(type) ?? type) << 8) | (typeAndCode & 0xff);
}

/** Both ways. The kernel follows no others (nf_conntrack_proto_icmp.c, nf_conntrack_proto_icmpv6.c). */
const ANSWERS: ReadonlyMap<number, ReadonlyMap<number, number>> = new Map([
  [
    PROTOCOL.icmp,
    // Echo, timestamp, information, address mask.
    bothWays([
      [8, 0],
      [13, 14],
      [15, 16],
      [17, 18],
    ]),
  ],
  [
    PROTOCOL.icmpv6,
    // Echo, node information (RFC 4620 §4).
    bothWays([
      [128, 129],
      [139, 140],
    ]),
  ],
]);

function bothWays(pairs: readonly (readonly [number, number])[]): ReadonlyMap<number, number> {
  return new Map(
    pairs.flatMap(([question, answer]) => [
      [question, answer],
      [answer, question],
    ]),
  );
}
