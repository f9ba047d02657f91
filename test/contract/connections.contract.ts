/** What every Connections does, the kernel's and the simulation's. */
import { describe, expect, it } from 'vitest';
import type { Ip } from '../../src/base/ip.js';
import { millis } from '../../src/base/time.js';
import type { Connections } from '../../src/ports/connections.js';
import { ip, value } from './expected.js';

const LASTING = millis(5_000);

/** The addresses are guarded already, as they are in a daemon. */
export interface ConnectionsSetup {
  readonly connections: Connections;
  /** The addresses that are served on without being held, as far as anybody can tell. */
  readonly servedOn: () => Promise<readonly Ip[]>;
}

export function connectionsContract(name: string, setUp: () => Promise<ConnectionsSetup>): void {
  describe(`${name} as connections that are kept`, () => {
    const moved = [
      { address: ip('10.77.0.100'), other: ip('10.77.0.3') },
      { address: ip('fd77::100'), other: ip('fe80::3') },
    ];

    it('leave, take and end, as often and in whatever order', async () => {
      const { connections, servedOn } = await setUp();
      value(await connections.prepare(['eth0']));
      value(await connections.end(moved));
      for (let round = 0; round < 2; round += 1) {
        value(await connections.leave(moved, LASTING));
        value(await connections.leave(moved, LASTING));
        expect([...(await servedOn())].sort()).toEqual(moved.map(({ address }) => address));
        value(await connections.take(moved, LASTING));
        expect(await servedOn()).toEqual([]);
        value(await connections.take(moved, LASTING));
        value(await connections.end(moved));
      }
      value(await connections.leave([], LASTING));
      value(await connections.leave(moved, LASTING));
      value(await connections.prepare(['eth0']));
      expect(await servedOn()).toEqual([]);
      value(await connections.leave(moved, LASTING));
      value(await connections.dismantle());
      value(await connections.dismantle());
      expect(await servedOn()).toEqual([]);
    });
  });
}
