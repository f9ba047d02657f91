/** What a neighbour notices of leases and announcements. */
import { execFileSync } from 'node:child_process';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Family } from '../../src/base/ip.js';
import { isIpv6 } from '../../src/base/ip.js';
import { fail } from '../../src/base/result.js';
import { millis, seconds } from '../../src/base/time.js';
import { NetlinkAddressTable } from '../../src/os/address-table.js';
import { PacketAnnouncer } from '../../src/os/announcer.js';
import { SystemClock } from '../../src/os/clock.js';
import { NftLeaseTable } from '../../src/os/lease-table.js';
import { SystemProcessHost } from '../../src/os/process-host.js';
import { ProcSysctls } from '../../src/os/sysctl.js';
import type { VirtualAddress } from '../../src/ports/address-table.js';
import type { GuardOrder } from '../../src/ports/lease-table.js';
import { cidr, code, value } from './expected.js';
import { mayMakeNetworks, ThrowAwayNetwork } from './throw-away-network.js';

const VIP = virtual('10.77.0.100/24');
const VIP6 = virtual('fd77::100/64');
/** Neighbours ask for it at the same multicast group as for the one above (RFC 4291 §2.7.1). */
const SAME_GROUP6 = virtual('fd77::5:0:100/64');
const GUARD = guarding(VIP);
const ECHO_PORT = 7777;

function virtual(text: string): VirtualAddress {
  return { interface: 'eth0', cidr: cidr(text) };
}

function guarding(...vips: readonly VirtualAddress[]): GuardOrder {
  return { addresses: vips.map((each) => each.cidr.address), unaccepted: [] };
}

async function elapse(ms: number): Promise<void> {
  await sleep(ms);
}

describe.skipIf(!mayMakeNetworks)('in a network namespace', () => {
  let network: ThrowAwayNetwork;
  let table: NetlinkAddressTable;
  let leases: NftLeaseTable;

  beforeAll(() => {
    network = new ThrowAwayNetwork();
    table = value(NetlinkAddressTable.open());
    leases = new NftLeaseTable(new SystemProcessHost());
  });

  afterAll(() => {
    table.close();
    leases.close();
    network.remove();
  });

  describe('leases', () => {
    /** Asks for the address from the other side every millisecond, and tells when the last answered question was asked. */
    async function lastAnswer(vip: VirtualAddress, during: () => Promise<void>): Promise<number> {
      value(await table.claim(vip, seconds(30)));
      const clock = new SystemClock();
      const family = isIpv6(vip.cidr.address) ? 'ipv6' : 'ipv4';
      const echo = openUdp(family, { port: ECHO_PORT, address: vip.cidr.address });
      echo.on('message', (message, from) => {
        echo.send(message, from.port, from.address);
      });
      let last = 0;
      const client = network.there(() => openUdp(family, { port: 0, address: THERE[family] }));
      client.on('message', (asked) => {
        last = Number(asked.toString());
      });
      const asking = setInterval(() => {
        client.send(String(clock.now()), ECHO_PORT, vip.cidr.address);
      }, 1);
      await during();
      clearInterval(asking);
      echo.close();
      client.close();
      value(await table.release(vip));
      return last;
    }

    /** What the other side's cache of neighbours says after it has asked for the address. */
    async function asked({ cidr: { address } }: VirtualAddress): Promise<string> {
      const family = isIpv6(address) ? 'ipv6' : 'ipv4';
      network.ip('there', 'neigh', 'flush', 'all');
      const probe = network.there(() => openUdp(family, { port: 0, address: THERE[family] }));
      probe.send('?', 9, address);
      await elapse(100);
      probe.close();
      return network.ip('there', 'neigh', 'show', address);
    }

    // Again where this process was not scheduled at the moment that counts.
    it.each([
      ['IPv4', VIP],
      ['IPv6', VIP6],
    ])('end when they said, to within 5 ms, for %s', { retry: 3 }, async (_family, vip) => {
      const clock = new SystemClock();
      value(await leases.guard(guarding(VIP, VIP6)));
      let renewed = 0;
      const last = await lastAnswer(vip, async () => {
        for (let renewal = 0; renewal < 10; renewal += 1) {
          renewed = clock.now();
          const answer = leases.renew([VIP.cidr.address, VIP6.cidr.address], millis(200));
          await elapse(40);
          value(await answer);
        }
        await elapse(300);
      });
      value(await leases.dismantle());
      const lasted = last - renewed;
      expect(lasted).toBeGreaterThan(190);
      expect(lasted).toBeLessThan(205);
    });

    it('have no gap while they are renewed over and over', async () => {
      value(await leases.guard(GUARD));
      value(await leases.renew([VIP.cidr.address], millis(1_000)));
      const host = new SystemProcessHost();
      await lastAnswer(VIP, async () => {
        for (let renewal = 0; renewal < 3_000; renewal += 1) {
          value(await leases.renew([VIP.cidr.address], millis(1_000)));
        }
        const rules = value(await host.run('nft', ['list', 'ruleset'], { within: millis(5_000) }));
        expect(new Set(rules.stdout.match(/counter packets \d+/gu))).toEqual(
          new Set(['counter packets 0']),
        );
      });
      value(await leases.dismantle());
    });

    it.each([
      ['ARP', VIP],
      ['neighbour solicitation', VIP6],
    ])('answer no %s for a guarded address without a lease', async (_question, vip) => {
      value(await table.claim(vip, seconds(30)));
      expect(await asked(vip)).toContain('lladdr');
      value(await leases.guard(guarding(vip)));
      expect(await asked(vip)).not.toContain('lladdr');
      value(await leases.renew([vip.cidr.address], millis(5_000)));
      expect(await asked(vip)).toContain('lladdr');
      value(await leases.dismantle());
      value(await table.release(vip));
    });

    it('leave other addresses alone that share a multicast group with a guarded one', async () => {
      value(await table.claim(VIP6, seconds(30)));
      value(await table.claim(SAME_GROUP6, seconds(30)));
      value(await leases.guard(guarding(VIP6)));
      expect(await asked(VIP6)).not.toContain('lladdr');
      expect(await asked(SAME_GROUP6)).toContain('lladdr');
      value(await leases.dismantle());
      value(await table.release(SAME_GROUP6));
      value(await table.release(VIP6));
    });

    it.each([
      ['ARP', VIP],
      ['neighbour solicitations', VIP6],
    ])('answer %s for an address whose packets are not accepted', async (_question, vip) => {
      value(await leases.guard({ ...guarding(vip), unaccepted: [vip.cidr.address] }));
      value(await leases.renew([vip.cidr.address], millis(5_000)));
      const last = await lastAnswer(vip, async () => {
        expect(await asked(vip)).toContain('lladdr');
        // Asked again without a broadcast, as neighbours do before they forget (RFC 4861 §7.3.3, RFC 1122 §2.3.2.1).
        network.ip('there', 'neigh', 'change', vip.cidr.address, 'dev', 'eth0', 'nud', 'probe');
        await elapse(100);
        expect(network.ip('there', 'neigh', 'show', vip.cidr.address)).toContain('REACHABLE');
        expect(await asked(vip)).toContain('lladdr');
      });
      expect(last).toBe(0);
      value(await leases.guard(guarding(vip)));
      expect(await lastAnswer(vip, () => elapse(100))).toBeGreaterThan(0);
      value(await leases.dismantle());
    });

    it('guard IPv4 where nftables knows no IPv6, and say so only if they were asked for it', async () => {
      const host = new SystemProcessHost();
      const without = new NftLeaseTable({
        run: (program, args, options) =>
          options.input?.includes('ip6') === true
            ? Promise.resolve(fail({ code: 'failed', exit: 1, detail: 'Operation not supported' }))
            : host.run(program, args, options),
        launch: () => Promise.reject(new Error('not asked')),
      });
      value(await without.guard(GUARD));
      expect(code(await without.guard(guarding(VIP, VIP6)))).toBe('no-nftables');
      value(await without.renew([VIP.cidr.address, VIP6.cidr.address], millis(5_000)));
      expect([...value(await without.remaining()).keys()]).toEqual([VIP.cidr.address]);
      value(await without.revoke([VIP6.cidr.address]));
      value(await without.dismantle());
      without.close();
    });

    it('say when nftables is missing', async () => {
      const without = new NftLeaseTable({
        run: () =>
          Promise.resolve({ ok: false, error: { code: 'no-program', detail: 'nft' } } as const),
        launch: () => Promise.reject(new Error('not asked')),
      });
      expect(code(await without.guard(GUARD))).toBe('no-nftables');
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
      const count = `table arp seen {
        chain input { type filter hook input priority 0;
          arp operation request arp saddr ip ${address} arp daddr ip ${address} counter
          arp operation reply arp saddr ip ${address} arp daddr ip ${address} counter
        }
      }`;
      network.there(() => execFileSync('nft', ['-f', '-'], { input: count }));
      value(announcer.announce(VIP));
      await elapse(50);
      const seen = network.there(() =>
        execFileSync('nft', ['list', 'ruleset'], { encoding: 'utf8' }),
      );
      expect(seen.match(/packets 1\b/gu)).toHaveLength(2);
      const mac = /link\/ether (\S+)/u.exec(network.ip('here', 'link', 'show', 'eth0'))?.[1];
      expect(network.ip('there', 'neigh', 'show', address)).toContain(mac);
      expect(code(announcer.announce({ ...VIP, interface: 'nowhere0' }))).toBe('no-such-interface');
      announcer.close();
    });

    it.each([
      ['host', '0'],
      ['router', '1'],
    ])(
      'teach a neighbour the new owner of an IPv6 address, from a %s',
      async (role, forwarding) => {
        const announcer = value(PacketAnnouncer.open());
        const stranger = '02:00:00:00:00:99';
        const { address } = VIP6.cidr;
        value(await new ProcSysctls().write('net.ipv6.conf.eth0.forwarding', forwarding));
        network.ip(
          'there',
          ...['neigh', 'replace', address, 'lladdr', stranger, 'nud', 'stale', 'dev', 'eth0'],
        );
        value(announcer.announce(VIP6));
        await elapse(50);
        const entry = network.ip('there', 'neigh', 'show', address);
        const mac = /link\/ether (\S+)/u.exec(network.ip('here', 'link', 'show', 'eth0'))?.[1];
        expect(entry).toContain(mac);
        expect(entry.includes('router') ? 'router' : 'host').toBe(role);
        value(await new ProcSysctls().write('net.ipv6.conf.eth0.forwarding', '0'));
        announcer.close();
      },
    );
  });
});

const THERE = { ipv4: ThrowAwayNetwork.addresses.there, ipv6: ThrowAwayNetwork.ipv6.there };

/** The addresses are numbers; asking nobody keeps the opening of a socket within one turn. */
function openUdp(family: Family, { port, address }: { port: number; address: string }): Socket {
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
