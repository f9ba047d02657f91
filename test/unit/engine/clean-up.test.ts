import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { macFromBytes } from '../../../src/base/mac.js';
import type { Result } from '../../../src/base/result.js';
import { done, fail, ok } from '../../../src/base/result.js';
import { cleanUp } from '../../../src/engine/clean-up.js';
import type { CleanUpPorts } from '../../../src/engine/clean-up.js';
import type { KernelRefusal } from '../../../src/ports/address-table.js';

const REFUSED = fail<KernelRefusal>({ code: 'not-permitted', detail: 'EPERM' });
const ADDRESS = {
  interface: 'eth0',
  cidr: { address: '198.51.100.100' as Ip, prefixLength: 24 },
};
const INTERFACE = {
  name: 'vip51.eth0',
  parent: 'eth0',
  mac: macFromBytes(Uint8Array.of(0, 0, 0x5e, 0, 1, 51), 0),
};

/** A kernel that has one address and one interface of ours, and writes down what it is asked to do. */
function kernel(refuses?: 'release' | 'list' | 'settings') {
  const asked: string[] = [];
  const note = (what: string): Promise<Result<undefined, KernelRefusal>> => {
    asked.push(what);
    return Promise.resolve(done);
  };
  const ports: CleanUpPorts = {
    ours: () => Promise.resolve(refuses === 'list' ? REFUSED : ok([ADDRESS])),
    addresses: {
      release: ({ cidr }) =>
        refuses === 'release' ? Promise.resolve(REFUSED) : note(`release ${cidr.address}`),
    },
    virtualInterfaces: {
      ours: () => Promise.resolve(ok([INTERFACE])),
      remove: (name) => note(`remove ${name}`),
    },
    connections: { dismantle: () => note('connections') },
    leases: { dismantle: () => note('leases') },
    restoreSettings: () => {
      asked.push('settings');
      return Promise.resolve(
        refuses === 'settings'
          ? fail({ detail: 'EROFS' })
          : ok(['net.ipv4.conf.eth0.arp_ignore 0']),
      );
    },
    services: { dismantle: () => note('services') },
  };
  return { asked, ports };
}

describe('cleaning up', () => {
  it('removes addresses, then interfaces, and the rules that silence them last', async () => {
    const { asked, ports } = kernel();
    await expect(cleanUp(ports)).resolves.toEqual({
      removed: [
        'address 198.51.100.100 on eth0',
        'interface vip51.eth0',
        'rules of kept connections',
        'rules of services',
        'rules of the lease',
        'setting, which is net.ipv4.conf.eth0.arp_ignore 0 again',
      ],
      refused: [],
    });
    expect(asked).toEqual([
      'release 198.51.100.100',
      'remove vip51.eth0',
      'connections',
      'services',
      'leases',
      'settings',
    ]);
  });

  it('tells which settings it could not put back', async () => {
    const { ports } = kernel('settings');
    expect((await cleanUp(ports)).refused).toEqual(['settings: EROFS']);
  });

  it.each([
    ['an address stays', 'release', 'address 198.51.100.100 on eth0: EPERM'],
    ['it is not known which addresses there are', 'list', 'addresses: EPERM'],
  ] as const)('leaves the rules where %s: it must not answer', async (_why, refuses, words) => {
    const { asked, ports } = kernel(refuses);
    await expect(cleanUp(ports)).resolves.toEqual({
      removed: ['interface vip51.eth0'],
      refused: [words],
    });
    expect(asked).toEqual(['remove vip51.eth0']);
  });
});
