/** What every Links does, the kernel's and the simulation's. */
import { describe, expect, it } from 'vitest';
import type { Links } from '../../src/ports/address-table.js';
import { eventually } from './expected.js';

export interface LinksSetup {
  readonly links: Links;
  /** An interface that is up. */
  readonly interface: string;
  readonly elapse: (ms: number) => Promise<void>;
  readonly turn: (how: 'up' | 'down') => void;
  readonly unplug: () => void;
  readonly remove: () => void;
  /** Makes the interface anew, and turns it up. */
  readonly make: () => void;
}

export function linksContract(name: string, setUp: () => LinksSetup): void {
  describe(`${name} as links`, () => {
    it('tells up, and missing', async () => {
      const setup = setUp();
      expect(await setup.links.state(setup.interface)).toBe('up');
      expect(await setup.links.state('nowhere0')).toBe('missing');
    });

    it('follows an interface by name through down, deletion and re-creation', async () => {
      const setup = setUp();
      const states: string[] = [];
      const watch = setup.links.watch(setup.interface, (state) => {
        states.push(state);
      });
      await setup.links.state(setup.interface);
      setup.turn('down');
      await eventually(() => states.at(-1) === 'down', setup.elapse);
      setup.turn('up');
      await eventually(() => states.at(-1) === 'up', setup.elapse);
      setup.remove();
      await eventually(() => states.at(-1) === 'missing', setup.elapse);
      setup.make();
      await eventually(() => states.at(-1) === 'up', setup.elapse);
      expect(states.filter((state, position) => state === states[position - 1])).toEqual([]);
      watch.stop();
      setup.turn('down');
      await setup.elapse(50);
      expect(states.at(-1)).toBe('up');
      setup.turn('up');
    });

    it('takes an interface without carrier for down', async () => {
      const setup = setUp();
      setup.unplug();
      expect(await setup.links.state(setup.interface)).toBe('down');
    });
  });
}
