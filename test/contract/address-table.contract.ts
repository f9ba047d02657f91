/** What every AddressTable does, the kernel's and the simulation's. */
import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/base/time.js';
import type { AddressTable, VirtualAddress } from '../../src/ports/address-table.js';
import { cidr, code, eventually, value } from './expected.js';

export interface AddressTableSetup {
  readonly table: AddressTable;
  /** An interface that is there. */
  readonly interface: string;
  /** Lets time pass, real or simulated. */
  readonly elapse: (ms: number) => Promise<void>;
  /** Takes an address away as an operator would. */
  readonly removeByHand: (address: VirtualAddress) => void;
}

export function addressTableContract(name: string, setUp: () => AddressTableSetup): void {
  describe.each([
    ['IPv4', '10.77.0.100/24', '10.77.0.101/24'],
    ['IPv6', 'fd77::100/64', 'fd77::101/64'],
  ])(`${name} as an address table for %s`, (_family, first, second) => {
    const vip = (setup: AddressTableSetup, host = first): VirtualAddress => ({
      interface: setup.interface,
      cidr: cidr(host),
    });

    async function holds(setup: AddressTableSetup, wanted: VirtualAddress): Promise<boolean> {
      const held = value(await setup.table.held(setup.interface));
      return held.some((each) => each.cidr.address === wanted.cidr.address && each.ours);
    }

    it('holds what it claimed, marked as ours, with the lifetime it was given', async () => {
      const setup = setUp();
      value(await setup.table.claim(vip(setup), seconds(30)));
      const held = value(await setup.table.held(setup.interface));
      const found = held.find((each) => each.cidr.address === vip(setup).cidr.address);
      expect(found).toMatchObject({
        interface: setup.interface,
        cidr: vip(setup).cidr,
        state: 'usable',
        ours: true,
      });
      expect(found?.validFor).toBeGreaterThanOrEqual(29);
      expect(found?.validFor).toBeLessThanOrEqual(30);
    });

    it('takes a second claim as a renewal', async () => {
      const setup = setUp();
      value(await setup.table.claim(vip(setup), seconds(30)));
      value(await setup.table.claim(vip(setup), seconds(60)));
      const held = value(await setup.table.held(setup.interface));
      const found = held.filter((each) => each.cidr.address === vip(setup).cidr.address);
      expect(found).toHaveLength(1);
      expect(found[0]?.validFor).toBeGreaterThan(30);
    });

    it('releases, and takes a second release as success', async () => {
      const setup = setUp();
      value(await setup.table.claim(vip(setup), seconds(30)));
      value(await setup.table.release(vip(setup)));
      value(await setup.table.release(vip(setup)));
      expect(await holds(setup, vip(setup))).toBe(false);
    });

    it('loses an address that nobody renews, and says so', async () => {
      const setup = setUp();
      const removed: string[] = [];
      const watch = setup.table.watch((interfaceName, address) => {
        removed.push(`${interfaceName} ${address}`);
      });
      const brief = vip(setup, second);
      value(await setup.table.claim(brief, seconds(1)));
      expect(await holds(setup, brief)).toBe(true);
      await eventually(
        () => removed.includes(`${setup.interface} ${brief.cidr.address}`),
        setup.elapse,
      );
      expect(await holds(setup, brief)).toBe(false);
      watch.stop();
    });

    it('tells when somebody else removes an address, until the watch is stopped', async () => {
      const setup = setUp();
      const removed: string[] = [];
      const watch = setup.table.watch((_interfaceName, address) => {
        removed.push(address);
      });
      await setup.elapse(50);
      removed.length = 0;
      value(await setup.table.claim(vip(setup), seconds(30)));
      setup.removeByHand(vip(setup));
      await eventually(() => removed.length > 0, setup.elapse);
      watch.stop();
      watch.stop();
      value(await setup.table.claim(vip(setup), seconds(30)));
      setup.removeByHand(vip(setup));
      await setup.elapse(50);
      expect(removed).toEqual([vip(setup).cidr.address]);
    });

    it('says when there is no such interface, except to a release', async () => {
      const setup = setUp();
      const nowhere: VirtualAddress = { interface: 'nowhere0', cidr: cidr(first) };
      expect(code(await setup.table.claim(nowhere, seconds(30)))).toBe('no-such-interface');
      expect(code(await setup.table.held('nowhere0'))).toBe('no-such-interface');
      value(await setup.table.release(nowhere));
    });
  });
}
