/** Flows for tests. */
import * as fc from 'fast-check';
import type { Ip } from '../../../../src/base/ip.js';
import { ipv4FromBytes } from '../../../../src/base/ipv4.js';
import { ipv6FromBytes } from '../../../../src/base/ipv6.js';
import type { Flow, FlowTuple } from '../../../../src/wire/conntrack/flow.js';
import { inverseOf, PROTOCOL } from '../../../../src/wire/conntrack/protocol.js';

/** A client whose connection to 10.77.0.100:80 is passed on to 10.78.0.11:8080, and which that one sees as 10.78.0.100:40001. */
export const NATTED: Flow = {
  protocol: PROTOCOL.tcp,
  zone: 0,
  original: tuple('10.77.0.9', '10.77.0.100', 40_000, 80),
  reply: tuple('10.78.0.11', '10.78.0.100', 8_080, 40_001),
  status: 0x3be,
  timeout: 431_999,
  mark: 0,
  tcp: { state: 3, original: { windowScale: 7, flags: 0x23 }, reply: { windowScale: 9, flags: 3 } },
  sctp: undefined,
};

/** A routed query of DNS. */
export const ROUTED: Flow = {
  protocol: PROTOCOL.udp,
  zone: 0,
  original: tuple('fd77::9', 'fd78::53', 40_000, 53),
  reply: tuple('fd78::53', 'fd77::9', 53, 40_000),
  status: 0xe,
  timeout: 120,
  mark: 0,
  tcp: undefined,
  sctp: undefined,
};

export function tuple(
  source: string,
  destination: string,
  sourcePort: number,
  destinationPort: number,
): FlowTuple {
  return { source: source as Ip, destination: destination as Ip, sourcePort, destinationPort };
}

const anyUint = (bits: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: 2 ** bits - 1 });
const anyIpv4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((each) => ipv4FromBytes(each, 0));
const anyIpv6 = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((each) => ipv6FromBytes(each, 0));
const anyDirection = fc.record({
  windowScale: fc.integer({ min: 0, max: 14 }),
  flags: anyUint(8),
});

function anyTuple(ip: fc.Arbitrary<Ip>): fc.Arbitrary<FlowTuple> {
  return fc.record({
    source: ip,
    destination: ip,
    sourcePort: anyUint(16),
    destinationPort: anyUint(16),
  });
}

function anyFlowOf(protocols: readonly number[], ip: fc.Arbitrary<Ip>): fc.Arbitrary<Flow> {
  return fc
    .record({
      protocol: fc.constantFrom(...protocols),
      zone: fc.oneof(fc.constant(0), anyUint(16)),
      original: anyTuple(ip),
      translated: fc.option(anyTuple(ip), { nil: undefined }),
      status: anyUint(16),
      timeout: fc.integer({ min: 0, max: 432_000 }),
      mark: fc.oneof(fc.constant(0), anyUint(32)),
      tcp: fc.option(
        fc.record({
          state: fc.integer({ min: 0, max: 9 }),
          original: anyDirection,
          reply: anyDirection,
        }),
        { nil: undefined },
      ),
      sctp: fc.record({
        state: fc.integer({ min: 0, max: 9 }),
        originalTag: anyUint(32),
        replyTag: anyUint(32),
      }),
    })
    .map(({ translated, tcp, sctp, ...rest }) => ({
      ...rest,
      reply: translated ?? inverseOf(rest.original, rest.protocol),
      tcp: rest.protocol === PROTOCOL.tcp ? tcp : undefined,
      sctp: rest.protocol === PROTOCOL.sctp ? sctp : undefined,
    }));
}

const { icmp, icmpv6, tcp: TCP, udp, sctp: SCTP } = PROTOCOL;

export const anyFlow: fc.Arbitrary<Flow> = fc.oneof(
  anyFlowOf([icmp, TCP, udp, SCTP, 47], anyIpv4),
  anyFlowOf([icmpv6, TCP, udp, SCTP, 50], anyIpv6),
);
