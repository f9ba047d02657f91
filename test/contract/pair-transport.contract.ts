/** What every pair transport does, the machine's and the simulation's. */
import { describe, expect, it } from 'vitest';
import type { Ip } from '../../src/base/ip.js';
import type { PairStream, PairTransport } from '../../src/ports/pair-transport.js';
import { value } from './expected.js';

export interface PairTransportSetup {
  readonly listener: PairTransport;
  readonly dialler: PairTransport;
  readonly addresses: { readonly listener: Ip; readonly dialler: Ip };
  readonly port: number;
  /** Resolves when it has come true, or fails. */
  readonly until: (what: string, isSo: () => boolean) => Promise<void>;
}

interface Ends {
  readonly dialled: PairStream;
  readonly accepted: PairStream;
  readonly stop: () => void;
}

/** Where more arrives, it is counted alone. */
const MOST_KEPT = 1000;
const PIECE = new Uint8Array(16_384).fill(7);
/** Far more than may be queued. */
const MOST_PIECES = 1000;

/** What arrived at an end, and how it ended. */
class Ear {
  bytes: number[] = [];
  closed: string | undefined;
  count = 0;
  drained = 0;

  constructor(stream: PairStream) {
    stream.begin({
      received: (bytes) => {
        this.count += bytes.length;
        this.bytes = this.count > MOST_KEPT ? [] : [...this.bytes, ...bytes];
      },
      drained: () => {
        this.drained += 1;
      },
      closed: (detail) => {
        this.closed = detail;
      },
    });
  }
}

export function pairTransportContract(name: string, setUp: () => PairTransportSetup): void {
  async function connected({
    listener,
    dialler,
    addresses,
    port,
    until,
  }: PairTransportSetup): Promise<Ends> {
    const accepted: PairStream[] = [];
    const stop = value(
      await listener.listen(
        { address: addresses.listener, port, peer: addresses.dialler },
        { accepted: (stream) => accepted.push(stream), refused: () => undefined },
      ),
    );
    const from = { name: 'lb1', address: addresses.dialler, attempt: 0 };
    const dialled = value(await dialler.dial(from, { address: addresses.listener, port }));
    await until('a stream is accepted', () => accepted.length === 1);
    return { dialled, accepted: accepted[0]!, stop };
  }

  describe(`${name} as a pair transport`, () => {
    it('carries bytes in order, both ways, and knows who dialled', async () => {
      const setup = setUp();
      const { dialled, accepted, stop } = await connected(setup);
      expect(accepted.peer).toBe('lb1');
      expect(dialled.peer).toBeUndefined();
      const [there, here] = [new Ear(accepted), new Ear(dialled)];
      expect(dialled.send(Uint8Array.of(1, 2, 3))).toBe('sent');
      dialled.send(Uint8Array.of(4));
      accepted.send(Uint8Array.of(9, 8));
      await setup.until(
        'all has arrived',
        () => there.bytes.length === 4 && here.bytes.length === 2,
      );
      expect([there.bytes, here.bytes]).toEqual([
        [1, 2, 3, 4],
        [9, 8],
      ]);
      dialled.close();
      await setup.until('the end is told', () => there.closed !== undefined);
      stop();
    });

    it('what arrives before anybody asks for it is not lost', async () => {
      const setup = setUp();
      const { dialled, accepted, stop } = await connected(setup);
      new Ear(dialled);
      dialled.send(Uint8Array.of(7));
      const late = new Ear(accepted);
      await setup.until('it has arrived', () => late.bytes.length === 1);
      dialled.close();
      accepted.close();
      stop();
    });

    it('what was queued before a close still arrives, and a close twice is one', async () => {
      const setup = setUp();
      const { dialled, accepted, stop } = await connected(setup);
      const there = new Ear(accepted);
      new Ear(dialled);
      dialled.send(Uint8Array.of(5));
      dialled.close();
      dialled.close();
      await setup.until('the end is told', () => there.closed !== undefined);
      expect(there.bytes).toEqual([5]);
      stop();
    });

    it('says when more should wait, then that nothing more fits, and when all has left', async () => {
      const setup = setUp();
      const { dialled, accepted, stop } = await connected(setup);
      const here = new Ear(dialled);
      const answers: string[] = [];
      while (answers.at(-1) !== 'full' && answers.length < MOST_PIECES) {
        answers.push(dialled.send(PIECE));
      }
      expect(new Set(answers)).toEqual(new Set(['sent', 'busy', 'full']));
      expect(answers.indexOf('busy')).toBeGreaterThan(answers.lastIndexOf('sent'));
      expect(here.drained).toBe(0);
      const there = new Ear(accepted);
      const queued = (answers.length - 1) * PIECE.length;
      await setup.until('all has arrived', () => there.count >= queued && here.drained === 1);
      expect(there.count).toBe(queued);
      expect(dialled.send(PIECE)).toBe('sent');
      dialled.close();
      await setup.until('the end is told', () => there.closed !== undefined);
      expect([there.count, here.drained]).toEqual([queued + PIECE.length, 1]);
      stop();
    });

    it('refuses to dial where nobody listens', async () => {
      const { dialler, addresses, port } = setUp();
      const from = { name: 'lb1', address: addresses.dialler, attempt: 0 };
      expect(await dialler.dial(from, { address: addresses.listener, port })).toMatchObject({
        ok: false,
        error: { code: 'unreachable' },
      });
    });
  });
}
