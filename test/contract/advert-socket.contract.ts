/** What every pair of advert sockets on one link does, the kernel's and the simulation's. */
import type { Audience } from '../../src/core/receive-checks.js';
import { describe, expect, it } from 'vitest';
import type { AdvertSocket, AdvertSocketHandlers } from '../../src/ports/advert-socket.js';
import { eventually, ipv4 } from './expected.js';

export interface AdvertSocketsSetup {
  /** Opens a socket on one node; `here` is 10.77.0.1 and `there` 10.77.0.2. */
  readonly open: (
    side: 'here' | 'there',
    audience: Audience,
    handlers: AdvertSocketHandlers,
  ) => AdvertSocket;
  readonly elapse: (ms: number) => Promise<void>;
}

const TTL = 8;
const PROTOCOL = 9;
const SOURCE = 12;
const HEADER_BYTES = 20;
const MESSAGE = Uint8Array.from({ length: 20 }, (_, position) => position);

function hearing(into: Uint8Array[]): AdvertSocketHandlers {
  return {
    received: (packet) => {
      into.push(packet);
    },
    failed: (failure) => {
      throw new Error(JSON.stringify(failure));
    },
  };
}

export function advertSocketsContract(name: string, setUp: () => AdvertSocketsSetup): void {
  describe(`${name} as advert sockets`, () => {
    it.each<[string, Audience, Audience]>([
      ['the group', { kind: 'multicast' }, { kind: 'multicast' }],
      [
        'a named peer',
        { kind: 'unicast', peers: [ipv4('10.77.0.2')] },
        { kind: 'unicast', peers: [ipv4('10.77.0.1')] },
      ],
    ])('reaches %s with TTL 255, and not itself', async (_to, toThere, toHere) => {
      const setup = setUp();
      const [mine, theirs]: [Uint8Array[], Uint8Array[]] = [[], []];
      const here = setup.open('here', toThere, hearing(mine));
      const there = setup.open('there', toHere, hearing(theirs));
      here.send(MESSAGE);
      here.send(Uint8Array.from(MESSAGE).reverse());
      await eventually(() => theirs.length === 2, setup.elapse);
      expect(theirs.map((packet) => [packet[TTL], packet[PROTOCOL]])).toEqual([
        [255, 112],
        [255, 112],
      ]);
      // The first is still what it was after the second was received.
      expect(theirs[0]?.subarray(HEADER_BYTES)).toEqual(MESSAGE);
      expect([...theirs[0]!.subarray(SOURCE, SOURCE + 4)]).toEqual([10, 77, 0, 1]);
      expect(mine).toEqual([]);
      here.close();
      there.close();
    });

    it('is silent after close', async () => {
      const setup = setUp();
      const theirs: Uint8Array[] = [];
      const here = setup.open('here', { kind: 'multicast' }, hearing([]));
      const there = setup.open('there', { kind: 'multicast' }, hearing(theirs));
      there.close();
      there.close();
      here.send(MESSAGE);
      here.close();
      here.send(MESSAGE);
      await setup.elapse(50);
      expect(theirs).toEqual([]);
    });
  });
}
