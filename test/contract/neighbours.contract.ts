/** What every Neighbours does, the kernel's and the simulation's. */
import { describe, expect, it } from 'vitest';
import type { Ip } from '../../src/base/ip.js';
import type { MacAddress } from '../../src/base/mac.js';
import type { Result } from '../../src/base/result.js';
import type { KernelRefusal } from '../../src/ports/address-table.js';
import type {
  NeighbourClaim,
  NeighbourHandlers,
  NeighbourSocket,
} from '../../src/ports/neighbours.js';
import { code, eventually, ip, value } from './expected.js';

export interface NeighboursSetup {
  /** On the node called *here*, whose own addresses are 10.77.0.1 and fd77::1. */
  readonly open: (
    interfaceName: string,
    handlers: NeighbourHandlers,
  ) => Result<NeighbourSocket, KernelRefusal>;
  readonly interface: string;
  /** Of the node called *there*, whose own addresses are 10.77.0.2 and fd77::2. */
  readonly theirMac: () => MacAddress;
  /** Makes it announce an address. */
  readonly announce: (address: Ip) => void;
  readonly elapse: (ms: number) => Promise<void>;
}

export function neighboursContract(name: string, setUp: () => NeighboursSetup): void {
  describe.each([
    ['IPv4', ip('10.77.0.1'), ip('10.77.0.2'), ip('10.77.0.99')],
    ['IPv6', ip('fd77::1'), ip('fd77::2'), ip('fd77::99')],
  ])(`${name} as neighbours for %s`, (_family, own, theirs, nobodys) => {
    function opened(setup: NeighboursSetup): {
      readonly socket: NeighbourSocket;
      readonly claims: NeighbourClaim[];
    } {
      const claims: NeighbourClaim[] = [];
      const heard = (claim: NeighbourClaim): void => {
        claims.push(claim);
      };
      return { socket: value(setup.open(setup.interface, { heard })), claims };
    }

    it.each([
      ['an ordinary question', own],
      ['a duplicate probe', undefined],
    ])('hears who has an address, asked by %s', async (_question, sender) => {
      const setup = setUp();
      const { socket, claims } = opened(setup);
      const answers = (): readonly NeighbourClaim[] =>
        claims.filter((each) => each.kind === 'answer');
      value(socket.ask({ target: theirs, sender }));
      await eventually(() => answers().length > 0, setup.elapse);
      expect(answers()[0]).toEqual({ address: theirs, mac: setup.theirMac(), kind: 'answer' });
      socket.close();
    });

    it('hears nothing where nobody has it, and nothing of itself', async () => {
      const setup = setUp();
      const { socket, claims } = opened(setup);
      for (const target of [nobodys, own]) {
        value(socket.ask({ target, sender: undefined }));
        value(socket.ask({ target, sender: own }));
      }
      await setup.elapse(50);
      expect(claims.filter(({ address }) => address !== theirs)).toEqual([]);
      socket.close();
    });

    it('hears an announcement that nobody asked for', async () => {
      const setup = setUp();
      const { socket, claims } = opened(setup);
      setup.announce(nobodys);
      const announced = { address: nobodys, mac: setup.theirMac(), kind: 'answer' };
      await eventually(() => claims.some((each) => each.kind === 'answer'), setup.elapse);
      expect(claims).toContainEqual(announced);
      socket.close();
    });

    it('is silent after close', async () => {
      const setup = setUp();
      const { socket, claims } = opened(setup);
      value(socket.ask({ target: theirs, sender: own }));
      socket.close();
      socket.close();
      expect(code(socket.ask({ target: theirs, sender: own }))).toBe('no-such-interface');
      setup.announce(nobodys);
      await setup.elapse(50);
      expect(claims).toEqual([]);
    });

    it('says when there is no such interface', () => {
      const setup = setUp();
      expect(code(setup.open('nowhere0', { heard: () => undefined }))).toBe('no-such-interface');
    });
  });
}
