/** What every LeaseTable does, the kernel's and the simulation's. */
import { describe, expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import type { LeaseTable } from '../../src/ports/lease-table.js';
import { ipv4, value } from './expected.js';

export interface LeaseTableSetup {
  readonly leases: LeaseTable;
  readonly elapse: (ms: number) => Promise<void>;
}

const VIP = ipv4('10.77.0.100');
const OTHER = ipv4('10.77.0.101');

export function leaseTableContract(name: string, setUp: () => LeaseTableSetup): void {
  describe(`${name} as a lease table`, () => {
    async function running(setup: LeaseTableSetup): Promise<readonly string[]> {
      return [...value(await setup.leases.remaining()).keys()].sort();
    }

    it('starts, renews and ends leases', async () => {
      const setup = setUp();
      value(await setup.leases.guard([VIP, OTHER]));
      expect(await running(setup)).toEqual([]);
      value(await setup.leases.renew([VIP, OTHER], millis(200)));
      await setup.elapse(100);
      value(await setup.leases.renew([VIP], millis(400)));
      const remains = value(await setup.leases.remaining()).get(VIP);
      expect(remains).toBeGreaterThan(250);
      expect(remains).toBeLessThanOrEqual(400);
      await setup.elapse(150);
      expect(await running(setup)).toEqual([VIP]);
      await setup.elapse(300);
      expect(await running(setup)).toEqual([]);
      value(await setup.leases.dismantle());
    });

    it('shortens a lease that runs', async () => {
      const setup = setUp();
      value(await setup.leases.guard([VIP]));
      value(await setup.leases.renew([VIP], millis(10_000)));
      value(await setup.leases.renew([VIP], millis(50)));
      await setup.elapse(80);
      expect(await running(setup)).toEqual([]);
      value(await setup.leases.dismantle());
    });

    it('revokes, whether the lease runs or not', async () => {
      const setup = setUp();
      value(await setup.leases.guard([VIP, OTHER]));
      value(await setup.leases.renew([VIP], millis(10_000)));
      value(await setup.leases.revoke([VIP, OTHER]));
      value(await setup.leases.revoke([VIP]));
      expect(await running(setup)).toEqual([]);
      value(await setup.leases.dismantle());
    });

    it('keeps the leases that run when it guards again', async () => {
      const setup = setUp();
      value(await setup.leases.guard([VIP]));
      value(await setup.leases.renew([VIP], millis(10_000)));
      value(await setup.leases.guard([VIP, OTHER]));
      expect(await running(setup)).toEqual([VIP]);
      value(await setup.leases.dismantle());
    });

    it('dismantles twice, and has no leases then', async () => {
      const setup = setUp();
      value(await setup.leases.guard([VIP]));
      value(await setup.leases.renew([VIP], millis(10_000)));
      value(await setup.leases.dismantle());
      value(await setup.leases.dismantle());
      expect(await running(setup)).toEqual([]);
    });

    it('has nothing to do for no addresses', async () => {
      const setup = setUp();
      value(await setup.leases.renew([], millis(100)));
      value(await setup.leases.revoke([]));
    });
  });
}
