/** What every pair of advert sockets on one link does, the kernel's and the simulation's. */
import { describe, expect, it } from 'vitest';
import type { Family, Ip } from '../../src/base/ip.js';
import { ipBytes } from '../../src/base/ip.js';
import type { Arrived, Audience } from '../../src/core/receive-checks.js';
import type { AdvertSocket, AdvertSocketHandlers } from '../../src/ports/advert-socket.js';
import { checksumHolds, wordSum } from '../../src/wire/internet-checksum.js';
import { readIpv4Packet } from '../../src/wire/ipv4-packet.js';
import { VRRP_GROUPS } from '../../src/wire/vrrp-groups.js';
import { eventually, ip, value } from './expected.js';

export interface Opening {
  readonly family: Family;
  readonly source: Ip;
  readonly audience: Audience;
}

export interface AdvertSocketsSetup {
  /** Opens a socket on one node; see `OWN` for their addresses. */
  readonly open: (
    side: 'here' | 'there',
    opening: Opening,
    handlers: AdvertSocketHandlers,
  ) => AdvertSocket;
  readonly elapse: (ms: number) => Promise<void>;
}

/** The nodes' own addresses. */
const OWN = {
  ipv4: { here: ip('10.77.0.1'), there: ip('10.77.0.2') },
  linkLocal: { here: ip('fe80::1'), there: ip('fe80::2') },
  ipv6: { here: ip('fd77::1'), there: ip('fd77::2') },
};

const MULTICAST: Audience = { kind: 'multicast' };
const MESSAGE = Uint8Array.from({ length: 24 }, (_, position) => position);
const REVERSED = Uint8Array.from(MESSAGE).reverse();
/** Over IPv6 the kernel writes the checksum here. */
const CHECKSUM_AT = 6;

interface Told {
  readonly source: Ip;
  readonly destination: Ip;
  readonly ttl: number;
  readonly message: readonly number[];
}

/** What both families tell, but for the checksum. */
function told(arrived: Arrived): Told {
  if (arrived.family === 'ipv6') {
    const { source, destination, hopLimit, payload } = arrived;
    return { source, destination, ttl: hopLimit, message: withoutChecksum(payload) };
  }
  const { source, destination, ttl, payload } = value(readIpv4Packet(arrived.packet));
  return { source, destination, ttl, message: withoutChecksum(payload) };
}

function withoutChecksum(message: Uint8Array): readonly number[] {
  return [...message.subarray(0, CHECKSUM_AT), ...message.subarray(CHECKSUM_AT + 2)];
}

function hearing(into: Arrived[]): AdvertSocketHandlers {
  return {
    received: (arrived) => {
      into.push(arrived);
    },
    failed: (failure) => {
      throw new Error(JSON.stringify(failure));
    },
  };
}

export function advertSocketsContract(name: string, setUp: () => AdvertSocketsSetup): void {
  describe(`${name} as advert sockets`, () => {
    it.each([
      ['the IPv4 group', 'ipv4', OWN.ipv4, 'multicast'],
      ['the IPv6 group', 'ipv6', OWN.linkLocal, 'multicast'],
      ['a named IPv4 peer', 'ipv4', OWN.ipv4, 'unicast'],
      ['a named IPv6 peer', 'ipv6', OWN.ipv6, 'unicast'],
      ['a named IPv6 peer on the link', 'ipv6', OWN.linkLocal, 'unicast'],
    ] as const)('reaches %s with TTL 255, and not itself', async (_to, family, own, audience) => {
      const setup = setUp();
      const [mine, theirs]: [Arrived[], Arrived[]] = [[], []];
      const opening = (from: Ip, to: Ip): Opening => ({
        family,
        source: from,
        audience: audience === 'multicast' ? MULTICAST : { kind: 'unicast', peers: [to] },
      });
      const here = setup.open('here', opening(own.here, own.there), hearing(mine));
      const there = setup.open('there', opening(own.there, own.here), hearing(theirs));
      here.send(MESSAGE);
      here.send(REVERSED);
      await eventually(() => theirs.length === 2, setup.elapse);
      // The first is still what it was after the second was received.
      const destination = audience === 'multicast' ? VRRP_GROUPS[family] : own.there;
      const header = { source: own.here, destination, ttl: 255 };
      expect(theirs.map(told)).toEqual([
        { ...header, message: withoutChecksum(MESSAGE) },
        { ...header, message: withoutChecksum(REVERSED) },
      ]);
      expect(mine).toEqual([]);
      here.close();
      there.close();
    });

    it('carries a right checksum over all of an IPv6 message, a trailer included', async () => {
      const setup = setUp();
      const theirs: Arrived[] = [];
      const opening = (source: Ip): Opening => ({ family: 'ipv6', source, audience: MULTICAST });
      const here = setup.open('here', opening(OWN.linkLocal.here), hearing([]));
      const there = setup.open('there', opening(OWN.linkLocal.there), hearing(theirs));
      here.send(MESSAGE);
      await eventually(() => theirs.length === 1, setup.elapse);
      const [arrived] = theirs;
      const payload = arrived?.family === 'ipv6' ? arrived.payload : new Uint8Array();
      expect(payload).toHaveLength(MESSAGE.length);
      const pseudoHeader = Uint8Array.from([
        ...ipBytes(OWN.linkLocal.here),
        ...ipBytes(VRRP_GROUPS.ipv6),
        ...[0, 0, 0, MESSAGE.length, 0, 0, 0, 112],
      ]);
      expect(checksumHolds(wordSum(payload, wordSum(pseudoHeader)))).toBe(true);
      here.close();
      there.close();
    });

    it.each([
      ['IPv4', 'ipv4', OWN.ipv4],
      ['IPv6', 'ipv6', OWN.linkLocal],
    ] as const)('is silent after close: %s', async (_family, family, own) => {
      const setup = setUp();
      const theirs: Arrived[] = [];
      const opening = (source: Ip): Opening => ({ family, source, audience: MULTICAST });
      const here = setup.open('here', opening(own.here), hearing([]));
      const there = setup.open('there', opening(own.there), hearing(theirs));
      there.close();
      there.close();
      here.send(MESSAGE);
      here.close();
      here.send(MESSAGE);
      await setup.elapse(50);
      expect(theirs).toEqual([]);
    });
  });
}
