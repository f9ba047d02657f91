/** The kernel's adapters against the contracts, and what only a real kernel can show, on a link of two namespaces. */
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { millis, seconds } from '../../src/base/time.js';
import { NetlinkAddressTable } from '../../src/os/address-table.js';
import { RawAdvertSockets } from '../../src/os/advert-socket.js';
import { PacketAnnouncer } from '../../src/os/announcer.js';
import { SystemClock } from '../../src/os/clock.js';
import { NftLeaseTable } from '../../src/os/lease-table.js';
import { NetlinkLinks } from '../../src/os/links.js';
import { ownAddresses } from '../../src/os/machine.js';
import { lockNode } from '../../src/os/node-lock.js';
import { SystemProcessHost } from '../../src/os/process-host.js';
import { ProcSysctls } from '../../src/os/sysctl.js';
import { addressTableContract } from './address-table.contract.js';
import { advertSocketsContract } from './advert-socket.contract.js';
import { clockContract } from './clock.contract.js';
import { cidr, code, eventually, ipv4, value } from './expected.js';
import { leaseTableContract } from './lease-table.contract.js';
import { linksContract } from './links.contract.js';
import { mayMakeNetworks, ThrowAwayNetwork } from './throw-away-network.js';

const VIP = { interface: 'eth0', cidr: cidr('10.77.0.100/24') };
const ECHO_PORT = 7777;

async function elapse(ms: number): Promise<void> {
  await sleep(ms);
}

clockContract('SystemClock', () => ({ clock: new SystemClock(), elapse }));

describe.skipIf(!mayMakeNetworks)('in a network namespace', () => {
  let network: ThrowAwayNetwork;
  let table: NetlinkAddressTable;
  let links: NetlinkLinks;
  let leases: NftLeaseTable;
  const sockets = new RawAdvertSockets();

  beforeAll(() => {
    network = new ThrowAwayNetwork();
    table = value(NetlinkAddressTable.open());
    links = value(NetlinkLinks.open());
    leases = new NftLeaseTable(new SystemProcessHost());
  });

  afterAll(() => {
    table.close();
    links.close();
    leases.close();
    network.remove();
  });

  addressTableContract('NetlinkAddressTable', () => ({
    table,
    interface: 'eth0',
    elapse,
    removeByHand: ({ cidr: { address, prefixLength } }) => {
      network.ip('here', 'addr', 'del', `${address}/${String(prefixLength)}`, 'dev', 'eth0');
    },
  }));

  leaseTableContract('NftLeaseTable', () => ({ leases, elapse }));

  advertSocketsContract('RawAdvertSockets', () => ({
    open: (side, audience, handlers) => {
      const source = ipv4(ThrowAwayNetwork.addresses[side]);
      const open = () => value(sockets.open({ interface: 'eth0', source, audience }, handlers));
      return side === 'here' ? open() : network.there(open);
    },
    elapse,
  }));

  describe('addresses', () => {
    it('are in force when the calls return, several in one turn', async () => {
      const wanted = ['10.77.0.100', '10.77.0.101', '10.77.0.102'];
      const answers = wanted.map((address) =>
        table.claim({ interface: 'eth0', cidr: cidr(`${address}/24`) }, seconds(30)),
      );
      expect(ownAddresses()).toEqual(expect.arrayContaining(wanted));
      const released = wanted.map((address) =>
        table.release({ interface: 'eth0', cidr: cidr(`${address}/24`) }),
      );
      expect(ownAddresses()).not.toEqual(expect.arrayContaining(wanted.slice(0, 1)));
      for (const answer of await Promise.all([...answers, ...released])) {
        value(answer);
      }
    });

    it('survive 2,000 events, and the last one is not missed', async () => {
      const removed = new Set<string>();
      const watch = table.watch((_interfaceName, address) => {
        removed.add(address);
      });
      const all = Array.from({ length: 1_000 }, (_, position) => ({
        interface: 'eth0',
        cidr: cidr(`10.78.${String(position >> 8)}.${String(position & 255)}/32`),
      }));
      const claims = all.map((address) => table.claim(address, seconds(30)));
      const releases = all.map((address) => table.release(address));
      for (const answer of await Promise.all([...claims, ...releases])) {
        value(answer);
      }
      await eventually(() => removed.size === all.length, elapse);
      watch.stop();
    });
  });

  describe('leases', () => {
    /** Asks the other side's VIP every half millisecond, and tells when the last answer came. */
    async function lastAnswer(during: () => Promise<void>): Promise<number> {
      value(await table.claim(VIP, seconds(30)));
      const clock = new SystemClock();
      const echo = createSocket({ type: 'udp4', lookup: noLookup });
      echo.on('message', (message, from) => {
        echo.send(message, from.port, from.address);
      });
      echo.bind(ECHO_PORT, VIP.cidr.address);
      let last = 0;
      const client = network.there(() => {
        const socket = createSocket({ type: 'udp4', lookup: noLookup });
        socket.bind(0, ThrowAwayNetwork.addresses.there);
        return socket;
      });
      client.on('message', () => {
        last = clock.now();
      });
      const asking = setInterval(() => {
        client.send('?', ECHO_PORT, VIP.cidr.address);
      }, 1);
      await during();
      clearInterval(asking);
      echo.close();
      client.close();
      value(await table.release(VIP));
      return last;
    }

    it('end when they said, to within 5 ms and not late', async () => {
      const clock = new SystemClock();
      value(await leases.guard([VIP.cidr.address]));
      let renewed = 0;
      const last = await lastAnswer(async () => {
        for (let renewal = 0; renewal < 10; renewal += 1) {
          renewed = clock.now();
          const answer = leases.renew([VIP.cidr.address], millis(200));
          await elapse(40);
          value(await answer);
        }
        await elapse(300);
      });
      value(await leases.dismantle());
      const lasted = last - renewed;
      expect(lasted).toBeGreaterThan(180);
      expect(lasted).toBeLessThan(206);
    });

    it('have no gap while they are renewed over and over', async () => {
      value(await leases.guard([VIP.cidr.address]));
      value(await leases.renew([VIP.cidr.address], millis(1_000)));
      const host = new SystemProcessHost();
      await lastAnswer(async () => {
        for (let renewal = 0; renewal < 3_000; renewal += 1) {
          value(await leases.renew([VIP.cidr.address], millis(1_000)));
        }
        const rules = value(await host.run('nft', ['list', 'ruleset'], { within: millis(5_000) }));
        expect(rules.stdout.match(/counter packets \d+/gu)).toEqual(
          Array.from({ length: 3 }, () => 'counter packets 0'),
        );
      });
      value(await leases.dismantle());
    });

    it('answer no ARP for a guarded address without a lease', async () => {
      value(await table.claim(VIP, seconds(30)));
      const asked = async (): Promise<string> => {
        network.ip('there', 'neigh', 'flush', 'all');
        const probe = network.there(() => createSocket({ type: 'udp4', lookup: noLookup }));
        network.there(() => probe.bind(0, ThrowAwayNetwork.addresses.there));
        probe.send('?', 9, VIP.cidr.address);
        await elapse(100);
        probe.close();
        return network.ip('there', 'neigh', 'show', VIP.cidr.address);
      };
      expect(await asked()).toContain('lladdr');
      value(await leases.guard([VIP.cidr.address]));
      expect(await asked()).not.toContain('lladdr');
      value(await leases.renew([VIP.cidr.address], millis(5_000)));
      network.ip('there', 'neigh', 'flush', 'all');
      expect(await asked()).toContain('lladdr');
      value(await leases.dismantle());
      value(await table.release(VIP));
    });

    it('say when nftables is missing', async () => {
      const without = new NftLeaseTable({
        run: () =>
          Promise.resolve({ ok: false, error: { code: 'no-program', detail: 'nft' } } as const),
        launch: () => Promise.reject(new Error('not asked')),
      });
      expect(code(await without.guard([VIP.cidr.address]))).toBe('no-nftables');
    });
  });

  describe('announcements', () => {
    it('teach a neighbour the new owner, in both forms', async () => {
      const announcer = value(PacketAnnouncer.open());
      const stranger = '02:00:00:00:00:99';
      const { address } = VIP.cidr;
      network.ip(
        'there',
        ...['neigh', 'replace', address, 'lladdr', stranger, 'nud', 'stale', 'dev', 'eth0'],
      );
      value(announcer.announce(VIP));
      await elapse(50);
      const mac = /link\/ether (\S+)/u.exec(network.ip('here', 'link', 'show', 'eth0'))?.[1];
      expect(network.ip('there', 'neigh', 'show', address)).toContain(mac);
      expect(code(announcer.announce({ ...VIP, interface: 'nowhere0' }))).toBe('no-such-interface');
      announcer.close();
    });
  });

  describe('settings', () => {
    it('are those of this namespace', async () => {
      const sysctls = new ProcSysctls();
      value(await sysctls.write('net.ipv4.ip_nonlocal_bind', '1'));
      expect(value(await sysctls.read('net.ipv4.ip_nonlocal_bind'))).toBe('1');
      expect(code(await sysctls.read('net.ipv4.no_such_setting'))).toBe('refused');
    });
  });

  describe('the node lock', () => {
    it('has one holder, and tells its pid', async () => {
      const lock = value(await lockNode());
      const second = await lockNode();
      expect(second).toEqual({ ok: false, error: { code: 'held', by: process.pid } });
      lock.release();
      value(await lockNode()).release();
    });
  });

  describe('advert sockets', () => {
    const source = ipv4(ThrowAwayNetwork.addresses.here);
    const audience = { kind: 'multicast' } as const;
    const handlers = { received: () => undefined, failed: () => undefined };

    it('say when there is no such interface', () => {
      const opened = sockets.open({ interface: 'nowhere0', source, audience }, handlers);
      expect(code(opened)).toBe('no-such-interface');
    });

    it('tell of a message that could not be sent, in a later turn', async () => {
      const failures: string[] = [];
      const socket = value(
        sockets.open(
          { interface: 'eth0', source, audience },
          { ...handlers, failed: (failure) => failures.push(failure.code) },
        ),
      );
      network.ip('here', 'link', 'set', 'eth0', 'down');
      socket.send(Buffer.alloc(20));
      expect(failures).toEqual([]);
      await eventually(() => failures.length > 0, elapse);
      network.ip('here', 'link', 'set', 'eth0', 'up');
      socket.close();
    });
  });

  // Last, because it takes the cable away.
  linksContract('NetlinkLinks', () => ({
    links,
    interface: 'eth0',
    elapse,
    turn: (how) => network.ip('here', 'link', 'set', 'eth0', how),
    unplug: () => network.ip('there', 'link', 'set', 'eth0', 'down'),
    remove: () => network.ip('here', 'link', 'del', 'eth0'),
    make: () => {
      network.plugIn();
    },
  }));
});

/** The addresses are numbers; asking nobody keeps the opening of a socket within one turn. */
function noLookup(
  host: string,
  _options: unknown,
  found: (error: null, address: string, family: number) => void,
): void {
  found(null, host, 4);
}
