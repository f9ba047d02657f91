/** The kernel's adapters against the contracts, on a link of two namespaces. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import { NetlinkAddressTable } from '../../src/os/address-table.js';
import { RawAdvertSockets } from '../../src/os/advert-socket.js';
import { SystemClock } from '../../src/os/clock.js';
import { PacketAnnouncer } from '../../src/os/announcer.js';
import { NftConnections } from '../../src/os/connections.js';
import { NftLeaseTable } from '../../src/os/lease-table.js';
import { NetlinkLinks } from '../../src/os/links.js';
import { PacketNeighbours } from '../../src/os/neighbours.js';
import { SystemProcessHost } from '../../src/os/process-host.js';
import { addressTableContract } from './address-table.contract.js';
import { advertSocketsContract } from './advert-socket.contract.js';
import { clockContract } from './clock.contract.js';
import type { Ip } from '../../src/base/ip.js';
import { parseMac } from '../../src/base/mac.js';
import type { NeighbourClaim } from '../../src/ports/neighbours.js';
import { cidr, eventually, ip, value } from './expected.js';
import { connectionsContract } from './connections.contract.js';
import { leaseTableContract } from './lease-table.contract.js';
import { linksContract } from './links.contract.js';
import { neighboursContract } from './neighbours.contract.js';
import { mayMakeNetworks, ThrowAwayNetwork } from './throw-away-network.js';

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

  async function nft(...words: readonly string[]): Promise<void> {
    value(await new SystemProcessHost().run('nft', words, { within: millis(5_000) }));
  }

  function announceThere(address: Ip): void {
    network.there(() => {
      const announcer = value(PacketAnnouncer.open());
      value(announcer.announce({ interface: 'eth0', cidr: cidr(address) }));
      announcer.close();
    });
  }

  addressTableContract('NetlinkAddressTable', () => ({
    table,
    interface: 'eth0',
    elapse,
    removeByHand: ({ cidr: { address, prefixLength } }) => {
      network.ip('here', 'addr', 'del', `${address}/${String(prefixLength)}`, 'dev', 'eth0');
    },
  }));

  leaseTableContract('NftLeaseTable', () => ({
    ...{ leases, elapse },
    flush: async () => {
      for (const family of ['arp', 'ip', 'ip6']) {
        await nft('flush', 'table', family, 'vipair');
      }
    },
  }));

  it('tells tables that are gone from rules that are', async () => {
    value(await leases.guard({ addresses: [ip('10.77.0.100')], unaccepted: [] }));
    await nft('flush', 'chain', 'arp', 'vipair', 'input');
    expect(value(await leases.guarded())).toBe('rules missing');
    await nft('delete', 'table', 'ip', 'vipair');
    expect(value(await leases.guarded())).toBe('tables missing');
    value(await leases.dismantle());
  });

  connectionsContract('NftConnections', async () => {
    const addresses = [ip('10.77.0.100'), ip('fd77::100')];
    value(await leases.guard({ addresses, unaccepted: [] }));
    return {
      connections: new NftConnections(new SystemProcessHost(), table),
      // Both what has the address and what lets its packets in.
      servedOn: async () => {
        const held = value(await table.held('lo')).filter(({ ours }) => ours);
        const addresses = held.map(({ cidr: { address } }) => address);
        const host = new SystemProcessHost();
        const within = millis(5_000);
        const rules = value(await host.run('nft', ['list', 'ruleset'], { within })).stdout;
        const letIn = [...rules.matchAll(/set left \{[^}]*elements = \{ (\S+)/gu)].map(
          ([, each]) => each,
        );
        expect(letIn.toSorted()).toEqual(addresses.toSorted());
        return addresses;
      },
    };
  });

  advertSocketsContract('RawAdvertSockets', () => ({
    open: (side, opening, handlers) => {
      const open = () => value(sockets.open({ interface: 'eth0', ...opening }, handlers));
      return side === 'here' ? open() : network.there(open);
    },
    elapse,
  }));

  neighboursContract('PacketNeighbours', () => ({
    open: (name, handlers) => new PacketNeighbours().open({ interface: name }, handlers),
    interface: 'eth0',
    theirMac: () => {
      const shown = network.ip('there', 'link', 'show', 'eth0');
      return value(parseMac(/link\/ether (\S+)/u.exec(shown)?.[1] ?? ''));
    },
    announce: announceThere,
    elapse,
  }));

  it('hears neighbours again once their interface was down and up', async () => {
    const heard: NeighbourClaim[] = [];
    const socket = value(
      new PacketNeighbours().open({ interface: 'eth0' }, { heard: (claim) => heard.push(claim) }),
    );
    network.ip('here', 'link', 'set', 'eth0', 'down');
    await elapse(50);
    network.ip('here', 'link', 'set', 'eth0', 'up');
    await eventually(() => {
      // Until the link carries again.
      announceThere(ip('10.77.0.99'));
      return heard.some(({ address }) => address === ip('10.77.0.99'));
    }, elapse);
    socket.close();
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
