/** What every VirtualInterfaces does, the kernel's and the simulation's. */
import { describe, expect, it } from 'vitest';
import { virtualMac } from '../../src/core/virtual-mac.js';
import type { VirtualInterface, VirtualInterfaces } from '../../src/ports/virtual-interfaces.js';
import { code, value } from './expected.js';

export interface VirtualInterfacesSetup {
  readonly interfaces: VirtualInterfaces;
  /** An interface that is there, and is not ours. */
  readonly parent: string;
  readonly isUp: (name: string) => boolean;
}

export function virtualInterfacesContract(name: string, setUp: () => VirtualInterfacesSetup): void {
  describe(`${name} as virtual interfaces`, () => {
    const v4 = (setup: VirtualInterfacesSetup): VirtualInterface => ({
      name: `vip51.${setup.parent}`,
      parent: setup.parent,
      mac: virtualMac('ipv4', 51),
    });
    const v6 = (setup: VirtualInterfacesSetup): VirtualInterface => ({
      name: `vip51v6.${setup.parent}`,
      parent: setup.parent,
      mac: virtualMac('ipv6', 51),
    });

    async function ours({ interfaces }: VirtualInterfacesSetup): Promise<readonly unknown[]> {
      return value(await interfaces.ours()).toSorted((a, b) => a.name.localeCompare(b.name));
    }

    it('makes them, down, and knows them again', async () => {
      const setup = setUp();
      const { interfaces } = setup;
      for (const wanted of [v4(setup), v6(setup), v4(setup)]) {
        value(await interfaces.ensure(wanted));
        expect(setup.isUp(wanted.name)).toBe(false);
      }
      expect(await ours(setup)).toEqual([v4(setup), v6(setup)]);
      value(await interfaces.remove(v4(setup).name));
      value(await interfaces.remove(v4(setup).name));
      expect(await ours(setup)).toEqual([v6(setup)]);
      value(await interfaces.remove(v6(setup).name));
      expect(await ours(setup)).toEqual([]);
    });

    it('turns them up and down by the time the calls return', async () => {
      const setup = setUp();
      const { interfaces } = setup;
      const { name: it } = v4(setup);
      value(await interfaces.ensure(v4(setup)));
      const up = interfaces.turn(it, 'up');
      expect(setup.isUp(it)).toBe(true);
      value(await up);
      // What is right is left as it is.
      value(await interfaces.ensure(v4(setup)));
      expect(setup.isUp(it)).toBe(true);
      const down = interfaces.turn(it, 'down');
      expect(setup.isUp(it)).toBe(false);
      value(await down);
      value(await interfaces.remove(it));
      value(await interfaces.turn(it, 'down'));
      expect(code(await interfaces.turn(it, 'up'))).toBe('no-such-interface');
    });

    it('makes one anew whose address is not the wanted one', async () => {
      const setup = setUp();
      const { interfaces } = setup;
      const other = { ...v4(setup), mac: virtualMac('ipv4', 7) };
      value(await interfaces.ensure(other));
      value(await interfaces.ensure(v4(setup)));
      expect(await ours(setup)).toEqual([v4(setup)]);
      value(await interfaces.remove(other.name));
    });

    it("leaves another's interface alone", async () => {
      const setup = setUp();
      const { interfaces, parent } = setup;
      expect(code(await interfaces.ensure({ ...v4(setup), name: parent }))).toBe('refused');
      expect(code(await interfaces.remove(parent))).toBe('refused');
      expect(setup.isUp(parent)).toBe(true);
      expect(await ours(setup)).toEqual([]);
    });

    it('says when there is no such parent', async () => {
      const setup = setUp();
      const orphan = { ...v4(setup), parent: 'nowhere0' };
      expect(code(await setup.interfaces.ensure(orphan))).toBe('no-such-interface');
    });
  });
}
