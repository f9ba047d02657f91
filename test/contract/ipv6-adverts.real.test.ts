/** What an IPv6 advert socket hears of packets that no honest sender sends. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawAdvertSockets } from '../../src/os/advert-socket.js';
import type { Descriptor } from '../../src/os/libc.js';
import {
  closeDescriptor,
  interfaceIndex,
  openSocket,
  sendTo,
  setOption,
} from '../../src/os/libc.js';
import { socketAddress } from '../../src/os/socket-address.js';
import type { Arrived, Audience } from '../../src/core/receive-checks.js';
import type { AdvertSocket, SocketFailure } from '../../src/ports/advert-socket.js';
import { VRRP_GROUPS } from '../../src/wire/vrrp-groups.js';
import { code, eventually, ip, value } from './expected.js';
import { mayMakeNetworks, ThrowAwayNetwork } from './throw-away-network.js';

const AF_INET6 = 10;
const SOCK_RAW = 3;
const VRRP = 112;
const IPPROTO_IPV6 = 41;
const IPV6_MULTICAST_IF = 17;
const IPV6_MULTICAST_HOPS = 18;
const IPV6_JOIN_GROUP = 20;
const MULTICAST: Audience = { kind: 'multicast' };
/** Its last two bytes would be the checksum, and are none. */
const MESSAGE = Uint8Array.of(0x31, 51, 254, 1, 0, 100, 0xde, 0xad);

async function elapse(ms: number): Promise<void> {
  await sleep(ms);
}

describe.skipIf(!mayMakeNetworks)('in a network namespace', () => {
  let network: ThrowAwayNetwork;
  const sockets = new RawAdvertSockets();
  const failures: SocketFailure[] = [];

  beforeAll(() => {
    network = new ThrowAwayNetwork();
  });

  afterAll(() => {
    network.remove();
  });

  function listen(audience: Audience, received: (arrived: Arrived) => void): AdvertSocket {
    const source = ip(audience.kind === 'multicast' ? 'fe80::1' : 'fd77::1');
    return value(
      sockets.open(
        { interface: 'eth0', family: 'ipv6', source, audience },
        {
          received,
          failed: (failure) => {
            failures.push(failure);
          },
        },
      ),
    );
  }

  /** A sender on the other side that writes no checksum. */
  function stranger(hopLimit: number): { send: (to: string) => void; close: () => void } {
    const { fd, index } = network.there(() => ({
      fd: value(openSocket({ family: AF_INET6, type: SOCK_RAW, protocol: VRRP })),
      index: value(interfaceIndex('eth0')),
    }));
    value(setOption(fd, { level: IPPROTO_IPV6, name: IPV6_MULTICAST_IF }, index));
    value(setOption(fd, { level: IPPROTO_IPV6, name: IPV6_MULTICAST_HOPS }, hopLimit));
    return {
      send: (to) => {
        value(sendTo(fd, MESSAGE, socketAddress(ip(to), index)));
      },
      close: () => {
        closeDescriptor(fd);
      },
    };
  }

  it.each([0, 1, 254, 255])('tells hop limit %i, and delivers a wrong checksum', async (hops) => {
    const heard: Arrived[] = [];
    const socket = listen(MULTICAST, (arrived) => heard.push(arrived));
    const sender = stranger(hops);
    sender.send(VRRP_GROUPS.ipv6);
    await eventually(() => heard.length > 0, elapse);
    const header = { family: 'ipv6', source: 'fe80::2', destination: VRRP_GROUPS.ipv6 };
    expect(heard).toEqual([{ ...header, hopLimit: hops, payload: MESSAGE }]);
    sender.close();
    socket.close();
  });

  it('tells the destination of what other programs on this machine joined', async () => {
    const heard: Arrived[] = [];
    const socket = listen({ kind: 'unicast', peers: [ip('fd77::2')] }, (arrived) =>
      heard.push(arrived),
    );
    const other: Descriptor = value(openSocket({ family: AF_INET6, type: SOCK_RAW, protocol: 89 }));
    const membership = Buffer.alloc(20);
    membership.set([0xff, 0x02, ...Array.from({ length: 12 }, () => 0), 0, 0x12]);
    membership.writeUInt32LE(value(interfaceIndex('eth0')), 16);
    value(setOption(other, { level: IPPROTO_IPV6, name: IPV6_JOIN_GROUP }, membership));
    const sender = stranger(255);
    sender.send(VRRP_GROUPS.ipv6);
    sender.send('fd77::1');
    await eventually(() => heard.length === 2, elapse);
    expect(heard.map((each) => each.family === 'ipv6' && each.destination)).toEqual([
      VRRP_GROUPS.ipv6,
      'fd77::1',
    ]);
    closeDescriptor(other);
    sender.close();
    socket.close();
  });

  it('lets the event loop go on in a flood, and loses nothing that fits its buffer', async () => {
    let heard = 0;
    let turns = 0;
    const socket = listen(MULTICAST, () => {
      heard += 1;
    });
    const sender = stranger(255);
    for (let sent = 0; sent < 1_000; sent += 1) {
      sender.send(VRRP_GROUPS.ipv6);
    }
    while (heard < 1_000) {
      await new Promise(setImmediate);
      turns += 1;
    }
    expect(turns).toBeGreaterThan(1_000 / 33);
    sender.close();
    socket.close();
  });

  it('may be closed by whoever hears, in the middle of what waits', async () => {
    let heard = 0;
    const socket = listen(MULTICAST, () => {
      heard += 1;
      socket.close();
    });
    const sender = stranger(255);
    sender.send(VRRP_GROUPS.ipv6);
    sender.send(VRRP_GROUPS.ipv6);
    await elapse(50);
    expect(heard).toBe(1);
    sender.close();
  });

  it('cannot be opened with a source that is not there or not usable yet', () => {
    network.ip('here', 'addr', 'add', 'fe80::77/64', 'dev', 'eth0');
    for (const source of [ip('fe80::66'), ip('fe80::77')]) {
      const opened = sockets.open(
        { interface: 'eth0', family: 'ipv6', source, audience: MULTICAST },
        { received: () => undefined, failed: () => undefined },
      );
      expect(code(opened)).toBe('no-such-address');
    }
    network.ip('here', 'addr', 'del', 'fe80::77/64', 'dev', 'eth0');
  });

  it('tells no failure in all this', () => {
    expect(failures).toEqual([]);
  });
});
