/** Flows as tests need them. */
import * as fc from 'fast-check';
import type { Ip } from '../../../src/base/ip.js';
import { ipv6FromBytes } from '../../../src/base/ipv6.js';
import type { Flow } from '../../../src/wire/conntrack/flow.js';

export const VIP = '10.77.0.100' as Ip;
export const CLIENT = '10.77.0.50' as Ip;
export const SERVER = '10.78.0.11' as Ip;

/** A TCP connection from a client to a group's address, which goes to a server behind it. */
export function flowOf(change: Partial<Flow> = {}): Flow {
  return {
    protocol: 6,
    zone: 0,
    original: { source: CLIENT, destination: VIP, sourcePort: 40_000, destinationPort: 25 },
    reply: { source: SERVER, destination: CLIENT, sourcePort: 2525, destinationPort: 40_000 },
    status: 0b10_1110,
    timeout: 432_000,
    mark: 7,
    tcp: {
      state: 3,
      original: { windowScale: 7, flags: 35 },
      reply: { windowScale: 8, flags: 51 },
    },
    ...change,
  };
}

const anyByte = fc.integer({ min: 0, max: 255 });
const anyPort = fc.integer({ min: 0, max: 65_535 });
const anyWord = fc.integer({ min: 0, max: 0xffff_ffff });
const anyFour = fc
  .array(anyByte, { minLength: 4, maxLength: 4 })
  .map((bytes) => bytes.join('.') as Ip);
const anySix = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => ipv6FromBytes(bytes, 0) as Ip);

/** Of either family, with or without progress. */
export const anyFlow: fc.Arbitrary<Flow> = fc.constantFrom(anyFour, anySix).chain((anyIp) => {
  const tuple = fc.record({
    ...{ source: anyIp, destination: anyIp, sourcePort: anyPort, destinationPort: anyPort },
  });
  const direction = fc.record({ windowScale: anyByte, flags: anyByte });
  return fc.record({
    ...{ protocol: anyByte, zone: anyPort, original: tuple, reply: tuple },
    ...{ status: anyWord, timeout: anyWord, mark: anyWord },
    tcp: fc.option(fc.record({ state: anyByte, original: direction, reply: direction }), {
      nil: undefined,
    }),
    sctp: fc.constant(undefined),
  });
});

export const anySctp: fc.Arbitrary<Flow> = anyFlow.chain((flow) =>
  fc
    .record({ state: anyByte, originalTag: anyWord, replyTag: anyWord })
    .map((sctp) => ({ ...flow, tcp: undefined, sctp })),
);
