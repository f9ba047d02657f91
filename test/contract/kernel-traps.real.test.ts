/** What the contracts cannot ask of a fake: bursts, several requests in one turn, interfaces made anew. */
import { networkInterfaces, release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Family, Ip } from '../../src/base/ip.js';
import { seconds } from '../../src/base/time.js';
import type { Audience } from '../../src/core/receive-checks.js';
import { NetlinkAddressTable } from '../../src/os/address-table.js';
import { RawAdvertSockets } from '../../src/os/advert-socket.js';
import { getOption, openDescriptors } from '../../src/os/libc.js';
import { lockNode } from '../../src/os/node-lock.js';
import { proofOfOwnership } from '../../src/os/rtnetlink-messages.js';
import { ProcSysctls } from '../../src/os/sysctl.js';
import type { SocketFailure } from '../../src/ports/advert-socket.js';
import { cidr, code, eventually, ip, value } from './expected.js';
import { mayMakeNetworks, ThrowAwayNetwork } from './throw-away-network.js';

const SO_RCVBUF = { level: 1, name: 8 };

/** Asked of the kernel by another way than ours, and without giving the event loop a turn. */
function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).map((each) => each.address),
  );
}

async function elapse(ms: number): Promise<void> {
  await sleep(ms);
}

describe.skipIf(!mayMakeNetworks)('in a network namespace', () => {
  let network: ThrowAwayNetwork;
  let table: NetlinkAddressTable;
  const sockets = new RawAdvertSockets();

  beforeAll(() => {
    network = new ThrowAwayNetwork();
    table = value(NetlinkAddressTable.open());
  });

  afterAll(() => {
    table.close();
    network.remove();
  });

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

    it('can be listed for several interfaces at once, and right after the start', async () => {
      const fresh = value(NetlinkAddressTable.open());
      const lists = await Promise.all([fresh.held('eth0'), fresh.held('lo'), fresh.held('eth0')]);
      expect(lists.map((list) => value(list).length)).toEqual([3, 2, 3]);
      fresh.close();
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

    it('of IPv6 are never chosen as a source, and leave with nothing of the own address', async () => {
      const vip = { interface: 'eth0', cidr: cidr('fd77::100/64') };
      value(await table.claim(vip, seconds(30)));
      const shown = network.ip('here', 'addr', 'show', 'dev', 'eth0', 'to', 'fd77::100');
      expect(shown).toMatch(/nodad.*deprecated|deprecated.*nodad/u);
      expect(shown).toContain('preferred_lft 0sec');
      expect(network.ip('here', 'route', 'get', 'fd77::2')).toContain('src fd77::1 ');
      value(await table.release(vip));
      expect(network.ip('here', '-6', 'route', 'show', 'fd77::/64')).not.toContain('expires');
    });

    it('that somebody else on the link has, or may have, are told apart', async () => {
      const states = async (): Promise<ReadonlyMap<string, string>> =>
        new Map(
          value(await table.held('eth0')).map(({ cidr: { address }, state }) => [address, state]),
        );
      network.ip('here', 'addr', 'add', 'fd77::2/64', 'dev', 'eth0');
      network.ip('here', 'addr', 'add', 'fd77::50/64', 'dev', 'eth0');
      expect((await states()).get('fd77::50')).toBe('tentative');
      while ((await states()).get('fd77::2') === 'tentative') {
        await elapse(20);
      }
      expect((await states()).get('fd77::2')).toBe('duplicate');
      expect((await states()).get('fd77::1')).toBe('usable');
      network.ip('here', 'addr', 'del', 'fd77::2/64', 'dev', 'eth0');
      network.ip('here', 'addr', 'del', 'fd77::50/64', 'dev', 'eth0');
    });

    it("are not ours by an operator's label, until they are claimed", async () => {
      const wanted = { interface: 'eth0', cidr: cidr('10.77.0.110/24') };
      network.ip('here', 'addr', 'add', '10.77.0.110/24', 'dev', 'eth0', 'label', 'eth0:vip');
      const ours = async (): Promise<readonly boolean[]> =>
        value(await table.held('eth0'))
          .filter((each) => each.cidr.address === wanted.cidr.address)
          .map((each) => each.ours);
      expect(await ours()).toEqual([proofOfOwnership(release()) === 'mark-or-label']);
      value(await table.claim(wanted, seconds(30)));
      expect(await ours()).toEqual([true]);
      value(await table.release(wanted));
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
    it('is one for each network namespace', () => {
      const here = value(lockNode());
      const there = network.there(() => value(lockNode()));
      expect(code(lockNode())).toBe('held');
      there.release();
      here.release();
    });
  });

  describe('advert sockets', () => {
    const source = ip(ThrowAwayNetwork.addresses.here);
    const family = 'ipv4';
    const audience = { kind: 'multicast' } as const;
    const handlers = { received: () => undefined, failed: () => undefined };

    it('hold a flood of messages', () => {
      const before = new Set(openDescriptors());
      const socket = value(sockets.open({ interface: 'eth0', family, source, audience }, handlers));
      const rooms = openDescriptors()
        .filter((fd) => !before.has(fd))
        .map((fd) => getOption(fd, SO_RCVBUF, 4))
        .map((room) => (room.ok ? room.value.readUInt32LE() : 0));
      socket.close();
      // The kernel doubles what is asked for, to allow for its own bookkeeping.
      expect(Math.max(...rooms)).toBe(2 << 20);
    });

    it('say when there is no such interface', () => {
      const opened = sockets.open({ interface: 'nowhere0', family, source, audience }, handlers);
      expect(code(opened)).toBe('no-such-interface');
    });

    it('tell of a message that could not be sent, in a later turn', async () => {
      const failures: string[] = [];
      const socket = value(
        sockets.open(
          { interface: 'eth0', family, source, audience },
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

  describe('an advert socket whose interface was made anew', () => {
    it.each<[string, Family, Ip, Audience]>([
      ['multicast IPv4', 'ipv4', ip('10.77.0.1'), { kind: 'multicast' }],
      ['unicast IPv4', 'ipv4', ip('10.77.0.1'), { kind: 'unicast', peers: [ip('10.77.0.2')] }],
      ['multicast IPv6', 'ipv6', ip('fe80::1'), { kind: 'multicast' }],
      ['unicast IPv6', 'ipv6', ip('fd77::1'), { kind: 'unicast', peers: [ip('fd77::2')] }],
    ])('says that its interface is gone: %s', async (_kind, family, source, audience) => {
      const failures: string[] = [];
      const failed = ({ code: why }: SocketFailure): void => {
        failures.push(why);
      };
      const options = { interface: 'eth0', family, source, audience };
      const socket = value(sockets.open(options, { received: () => undefined, failed }));
      network.ip('here', 'link', 'del', 'eth0');
      socket.send(Buffer.alloc(20));
      network.plugIn();
      socket.send(Buffer.alloc(20));
      await eventually(() => failures.length === 2, elapse);
      expect(failures).toEqual(['no-such-interface', 'no-such-interface']);
      socket.close();
    });
  });
});
