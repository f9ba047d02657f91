/** What neighbours see of a virtual router that has an Ethernet address of its own (RFC 9568 §7.3). */
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Family, Ip } from '../../src/base/ip.js';
import type { MacAddress } from '../../src/base/mac.js';
import { macFromBytes, parseMac } from '../../src/base/mac.js';
import { seconds } from '../../src/base/time.js';
import type { Arrived } from '../../src/core/receive-checks.js';
import { virtualMac } from '../../src/core/virtual-mac.js';
import { NetlinkAddressTable } from '../../src/os/address-table.js';
import { RawAdvertSockets } from '../../src/os/advert-socket.js';
import { PacketAnnouncer } from '../../src/os/announcer.js';
import {
  bindSocket,
  closeDescriptor,
  interfaceIndex,
  openSocket,
  receive,
} from '../../src/os/libc.js';
import { PacketNeighbours } from '../../src/os/neighbours.js';
import { AF_PACKET, linkAddress, SOCK_RAW } from '../../src/os/packet-socket.js';
import { ProcSysctls } from '../../src/os/sysctl.js';
import { MacvlanInterfaces } from '../../src/os/virtual-interfaces.js';
import type { VirtualAddress } from '../../src/ports/address-table.js';
import type { AdvertSocket } from '../../src/ports/advert-socket.js';
import type { VirtualInterface } from '../../src/ports/virtual-interfaces.js';
import { PARENT_SETTINGS } from '../../src/ports/virtual-interfaces.js';
import { cidr, eventually, ip, value } from './expected.js';
import { mayMakeNetworks, ThrowAwayNetwork } from './throw-away-network.js';
import { virtualInterfacesContract } from './virtual-interfaces.contract.js';

const ETHER_TYPES = { ipv4: 0x0800, ipv6: 0x86dd };
const V4: VirtualInterface = { name: 'vip51.eth0', parent: 'eth0', mac: virtualMac('ipv4', 51) };
const V6: VirtualInterface = { name: 'vip51v6.eth0', parent: 'eth0', mac: virtualMac('ipv6', 51) };
const VIP: VirtualAddress = { interface: V4.name, cidr: cidr('10.77.0.100/32') };
const VIP6: VirtualAddress = { interface: V6.name, cidr: cidr('fd77::100/128') };
const BOTH = [
  ['IPv4', 'ipv4', V4, VIP, ip('10.77.0.1'), ip('10.77.0.2')],
  ['IPv6', 'ipv6', V6, VIP6, ip('fe80::1'), ip('fe80::2')],
] as const;
const MESSAGE = Uint8Array.from({ length: 24 }, (_, at) => at);

async function elapse(ms: number): Promise<void> {
  await sleep(ms);
}

describe.skipIf(!mayMakeNetworks)('in a network namespace', () => {
  let network: ThrowAwayNetwork;
  let table: NetlinkAddressTable;
  let here: MacvlanInterfaces;
  const sockets = new RawAdvertSockets();
  const sysctls = new ProcSysctls();

  beforeAll(() => {
    network = new ThrowAwayNetwork();
    table = value(NetlinkAddressTable.open());
    here = value(MacvlanInterfaces.open(sysctls));
  });

  afterAll(() => {
    table.close();
    here.close();
    network.remove();
  });

  virtualInterfacesContract('MacvlanInterfaces', () => ({
    interfaces: here,
    parent: 'eth0',
    isUp: (name) => /<[^>]*\bUP\b/u.test(network.ip('here', 'link', 'show', name)),
  }));

  describe('a master with virtual interfaces', () => {
    beforeEach(async () => {
      for (const [name, setting] of PARENT_SETTINGS) {
        value(await sysctls.write(`net.ipv4.conf.eth0.${name}`, setting));
      }
      // What some distributions set, and answers that leave by the parent do not survive without ado.
      value(await sysctls.write('net.ipv4.conf.all.rp_filter', '1'));
      for (const wanted of [V4, V6]) {
        value(await here.ensure(wanted));
        value(await here.turn(wanted.name, 'up'));
      }
      value(await table.claim(VIP, seconds(30)));
      value(await table.claim(VIP6, seconds(30)));
      network.ip('there', 'neigh', 'flush', 'all');
      network.ip('here', 'neigh', 'flush', 'all');
    });

    afterEach(async () => {
      value(await here.remove(V4.name));
      value(await here.remove(V6.name));
    });

    /** Everybody who says that he has the address. */
    async function whoHas(target: Ip, sender: Ip): Promise<readonly MacAddress[]> {
      const macs: MacAddress[] = [];
      const asking = network.there(() =>
        value(
          new PacketNeighbours().open(
            { interface: 'eth0' },
            {
              heard: ({ address, mac, kind }) => {
                if (address === target && kind === 'answer') {
                  macs.push(mac);
                }
              },
            },
          ),
        ),
      );
      value(network.there(() => asking.ask({ target, sender })));
      await elapse(100);
      asking.close();
      return macs;
    }

    function parentMac(): MacAddress {
      const shown = network.ip('here', 'link', 'show', 'eth0');
      return value(parseMac(/link\/ether (\S+)/u.exec(shown)?.[1] ?? ''));
    }

    it.each(BOTH)(
      'answers for the virtual address with the virtual MAC alone, for its own with its own: %s',
      async (_name, family, { mac }, { cidr: { address } }) => {
        const own = { ipv4: ip('10.77.0.1'), ipv6: ip('fd77::1') }[family];
        const asker = { ipv4: ip('10.77.0.2'), ipv6: ip('fd77::2') }[family];
        expect(await whoHas(address, asker)).toEqual([mac]);
        expect(await whoHas(own, asker)).toEqual([parentMac()]);
      },
    );

    it.each(BOTH)(
      'serves clients, and does not teach them its own MAC by doing so: %s',
      async (_name, family, { mac }, { cidr: { address } }) => {
        const client = { ipv4: '10.77.0.2', ipv6: 'fd77::2' }[family];
        const echo = openUdp(family, 7777, address);
        echo.on('message', (message, from) => {
          echo.send(message, from.port, from.address);
        });
        const asking = network.there(() => openUdp(family, 0, client));
        let answers = 0;
        asking.on('message', () => {
          answers += 1;
        });
        asking.send('?', 7777, address);
        await eventually(() => answers > 0, elapse);
        // The other way round: the kernel has to ask for the client in order to send from the virtual address.
        network.ip('here', 'neigh', 'flush', 'all');
        echo.send('!', 9, client);
        await elapse(100);
        echo.close();
        asking.close();
        expect(network.ip('there', 'neigh', 'show', address)).toContain(mac);
      },
    );

    it('leaves the own address and its route as they were', () => {
      expect(network.ip('here', 'route', 'get', '10.77.0.2')).toContain('dev eth0 src 10.77.0.1 ');
      expect(network.ip('here', 'route', 'get', 'fd77::2')).toContain('dev eth0');
      expect(network.ip('here', '-6', 'addr', 'show', 'dev', V4.name)).toBe('');
      expect(network.ip('here', '-6', 'addr', 'show', 'dev', V6.name)).not.toContain('fe80');
    });

    it('announces the virtual MAC', async () => {
      const announcer = value(PacketAnnouncer.open());
      for (const { cidr: address } of [VIP, VIP6]) {
        const stale = ['lladdr', '02:00:00:00:00:99', 'nud', 'stale', 'dev', 'eth0'];
        network.ip('there', 'neigh', 'replace', address.address, ...stale);
      }
      value(announcer.announce(VIP));
      value(announcer.announce(VIP6));
      await elapse(50);
      expect(network.ip('there', 'neigh', 'show', VIP.cidr.address)).toContain(V4.mac);
      expect(network.ip('there', 'neigh', 'show', VIP6.cidr.address)).toContain(V6.mac);
      announcer.close();
    });

    function open(
      side: 'here' | 'there',
      opening: { family: Family; source: Ip; transmit: string },
      into: Arrived[],
    ): AdvertSocket {
      const socket = (): AdvertSocket =>
        value(
          sockets.open(
            { interface: 'eth0', audience: { kind: 'multicast' }, ...opening },
            {
              received: (arrived) => into.push(arrived),
              failed: (failure) => {
                throw new Error(JSON.stringify(failure));
              },
            },
          ),
        );
      return side === 'here' ? socket() : network.there(socket);
    }

    it.each(BOTH)(
      'advertises from the virtual MAC, and hears a peer that has the same one: %s',
      async (_name, family, virtual, _vip, own, peer) => {
        const { name, mac } = virtual;
        network.ip(
          'there',
          ...['link', 'add', 'link', 'eth0', 'name', name, 'address', mac],
          ...['type', 'macvlan', 'mode', 'bridge'],
        );
        network.ip('there', 'link', 'set', name, 'addrgenmode', 'none', 'up');
        const [mine, theirs]: [Arrived[], Arrived[]] = [[], []];
        const socket = open('here', { family, source: own, transmit: virtual.name }, mine);
        const rival = open('there', { family, source: peer, transmit: virtual.name }, theirs);
        const frames = network.there(() => tap(family));
        socket.send(MESSAGE);
        await eventually(() => theirs.length > 0, elapse);
        expect(frames.sources()).toEqual([virtual.mac]);
        frames.close();
        rival.send(MESSAGE);
        await eventually(() => mine.length > 0, elapse);
        const [heard] = mine;
        expect(heard?.family === 'ipv6' ? heard.source : peer).toBe(peer);
        await elapse(20);
        expect([mine.length, theirs.length]).toEqual([1, 1]);
        socket.close();
        rival.close();
        network.ip('there', 'link', 'del', name);
      },
    );
  });
});

/** Where the VRRP multicasts on this link come from. */
function tap(family: Family): { sources: () => readonly MacAddress[]; close: () => void } {
  // In network order.
  const type = ETHER_TYPES[family];
  const protocol = ((type & 0xff) << 8) | (type >> 8);
  const socket = value(openSocket({ family: AF_PACKET, type: SOCK_RAW, protocol }));
  value(bindSocket(socket, linkAddress(value(interfaceIndex('eth0')), type)));
  const frame = Buffer.alloc(2048);
  const group = { ipv4: '01:00:5e:00:00:12', ipv6: '33:33:00:00:00:12' }[family];
  return {
    sources: () => {
      const macs: MacAddress[] = [];
      while (receive(socket, frame).ok) {
        if (macFromBytes(frame, 0) === group) {
          macs.push(macFromBytes(frame, 6));
        }
      }
      return macs;
    },
    close: () => {
      closeDescriptor(socket);
    },
  };
}

/** The addresses are numbers; asking nobody keeps the opening of a socket within one turn. */
function openUdp(family: Family, port: number, address: string): Socket {
  const version = family === 'ipv6' ? 6 : 4;
  const socket = createSocket({
    type: family === 'ipv6' ? 'udp6' : 'udp4',
    lookup: (host, _options, found) => {
      found(null, host, version);
    },
  });
  socket.bind(port, address);
  return socket;
}
