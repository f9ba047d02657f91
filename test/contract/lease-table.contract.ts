/** What every LeaseTable does, the kernel's and the simulation's. */
import { describe, expect, it } from 'vitest';
import type { Ip } from '../../src/base/ip.js';
import { millis } from '../../src/base/time.js';
import type { LeaseTable } from '../../src/ports/lease-table.js';
import { ip, value } from './expected.js';

export interface LeaseTableSetup {
  readonly leases: LeaseTable;
  readonly elapse: (ms: number) => Promise<void>;
  /** Somebody else removes all rules of its tables, and leaves the tables. */
  readonly flush: () => Promise<void>;
}

export function leaseTableContract(name: string, setUp: () => LeaseTableSetup): void {
  describe.each([
    ['IPv4', ip('10.77.0.100'), ip('10.77.0.101')],
    ['IPv6', ip('fd77::100'), ip('fd77::101')],
    ['both families', ip('10.77.0.100'), ip('fd77::100')],
  ])(`${name} as a lease table for %s`, (_family, vip, other) => {
    const guard = async (leases: LeaseTable, addresses: readonly Ip[]): Promise<void> => {
      value(await leases.guard({ addresses, unaccepted: [] }));
    };

    async function running(setup: LeaseTableSetup): Promise<readonly string[]> {
      return [...value(await setup.leases.remaining()).keys()].sort();
    }

    it('starts, renews and ends leases', async () => {
      const setup = setUp();
      await guard(setup.leases, [vip, other]);
      expect(await running(setup)).toEqual([]);
      value(await setup.leases.renew([vip, other], millis(200)));
      await setup.elapse(100);
      value(await setup.leases.renew([vip], millis(400)));
      const remains = value(await setup.leases.remaining()).get(vip);
      expect(remains).toBeGreaterThan(250);
      expect(remains).toBeLessThanOrEqual(400);
      await setup.elapse(150);
      expect(await running(setup)).toEqual([vip]);
      await setup.elapse(300);
      expect(await running(setup)).toEqual([]);
      value(await setup.leases.dismantle());
    });

    it('shortens a lease that runs', async () => {
      const setup = setUp();
      await guard(setup.leases, [vip]);
      value(await setup.leases.renew([vip], millis(10_000)));
      value(await setup.leases.renew([vip], millis(50)));
      await setup.elapse(80);
      expect(await running(setup)).toEqual([]);
      value(await setup.leases.dismantle());
    });

    it('revokes, whether the lease runs or not', async () => {
      const setup = setUp();
      await guard(setup.leases, [vip, other]);
      value(await setup.leases.renew([vip], millis(10_000)));
      value(await setup.leases.revoke([vip, other]));
      value(await setup.leases.revoke([vip]));
      expect(await running(setup)).toEqual([]);
      value(await setup.leases.dismantle());
    });

    it('keeps the leases that run when it guards again', async () => {
      const setup = setUp();
      await guard(setup.leases, [vip]);
      value(await setup.leases.renew([vip], millis(10_000)));
      await guard(setup.leases, [vip, other]);
      expect(await running(setup)).toEqual([vip]);
      value(await setup.leases.dismantle());
    });

    it('says that its rules are gone, and has them again when it guards again', async () => {
      const setup = setUp();
      await guard(setup.leases, [vip]);
      expect(value(await setup.leases.guarded())).toBe('yes');
      await setup.flush();
      value(await setup.leases.renew([vip], millis(10_000)));
      expect(value(await setup.leases.guarded())).toBe('rules missing');
      await guard(setup.leases, [vip, other]);
      expect(value(await setup.leases.guarded())).toBe('yes');
      expect(await running(setup)).toEqual([vip]);
      value(await setup.leases.dismantle());
      expect(value(await setup.leases.guarded())).toBe('yes');
    });

    it('dismantles twice, and has no leases then', async () => {
      const setup = setUp();
      await guard(setup.leases, [vip]);
      value(await setup.leases.renew([vip], millis(10_000)));
      value(await setup.leases.dismantle());
      value(await setup.leases.dismantle());
      expect(await running(setup)).toEqual([]);
    });

    it('lets go of addresses that it is not told to guard any more', async () => {
      const setup = setUp();
      value(await setup.leases.guard({ addresses: [vip, other], unaccepted: [other] }));
      await guard(setup.leases, []);
      value(await setup.leases.renew([other], millis(10_000)));
      expect(await running(setup)).toEqual([other]);
      value(await setup.leases.dismantle());
    });

    it('has nothing to do for no addresses', async () => {
      const setup = setUp();
      value(await setup.leases.renew([], millis(100)));
      value(await setup.leases.revoke([]));
    });
  });
}
