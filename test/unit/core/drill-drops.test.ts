import { describe, expect, it } from 'vitest';
import { adverts, dropServers, everythingOn, MOST_SERVERS } from '../../../src/core/drill-drops.js';
import { readHandOrder } from '../../../src/wire/pair/drill.js';
import { REQUEST_LIMIT } from '../../../src/api/contract.js';
import { ip } from '../../contract/expected.js';

describe('the packets that a drill drops', () => {
  const servers = (count: number) =>
    Array.from({ length: count }, (_each, index) => ({
      ...{ name: 'web/s', port: 65_000 + (index % 500) },
      address: ip('fd77:1234:1234:1234:1234:1234:1234:1234'),
    }));

  it('are those to all servers, in as many faults as they take, which an order has room for', () => {
    const sizes = (count: number) =>
      dropServers({ servers: servers(count) }).map((each) =>
        each.kind === 'drop' ? each.packets.length : 0,
      );
    expect([0, 1, 64, 65, MOST_SERVERS].map(sizes)).toEqual([[], [1], [64], [64, 1], [64, 64]]);
    const faults = dropServers({ servers: servers(MOST_SERVERS) });
    const order = { id: 'a', drill: 'd', by: 'lb1', faults, lastsMs: 1000, armedForMs: 1000 };
    const asked = JSON.stringify({ do: 'arm', node: 'lb2', order });
    expect(readHandOrder(JSON.stringify(order)).ok).toBe(true);
    expect(asked.length).toBeLessThan(REQUEST_LIMIT);
  });

  it('are all on an interface, or the adverts of a direction', () => {
    expect(everythingOn('eth0')).toEqual({ what: 'everything', interface: 'eth0' });
    expect(adverts({ interfaces: ['eth0', 'eth1'] }, ['out'])).toEqual([
      { what: 'adverts', interface: 'eth0', direction: 'out' },
      { what: 'adverts', interface: 'eth1', direction: 'out' },
    ]);
  });
});
