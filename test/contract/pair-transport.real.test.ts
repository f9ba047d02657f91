/** TLS with the pair's key, on loopback: the contract, and everybody who must not get in. */
import { connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { TlsPairTransports } from '../../src/os/pair-transport.js';
import type { PairRefusal, PairStream } from '../../src/ports/pair-transport.js';
import { ipv4, value } from './expected.js';
import { pairTransportContract } from './pair-transport.contract.js';

const KEY = new Uint8Array(32).fill(1);
const OTHER_KEY = new Uint8Array(32).fill(2);
const LISTENER = ipv4('127.0.7.2');
const DIALLER = ipv4('127.0.7.1');
const STRANGER = ipv4('127.0.7.3');
const transports = new TlsPairTransports();

/** Each listener has its own, so that tests that run at once do not meet. */
let lastPort = 20_000 + (process.pid % 20_000);
function freePort(): number {
  lastPort += 1;
  return lastPort;
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let waited = 0; waited < 5000; waited += 10) {
    if (isSo()) {
      return;
    }
    await sleep(10);
  }
  throw new Error(`not within 5 s: ${what}`);
}

pairTransportContract('TlsPairTransport', () => ({
  listener: transports.open([KEY]),
  dialler: transports.open([KEY]),
  addresses: { listener: LISTENER, dialler: DIALLER },
  port: freePort(),
  until,
}));

describe('a pair transport lets in', () => {
  async function listening(keys: readonly Uint8Array[]) {
    const accepted: PairStream[] = [];
    const refusals: PairRefusal[] = [];
    const port = freePort();
    const stop = value(
      await transports.open(keys).listen(
        { address: LISTENER, port, peer: DIALLER },
        {
          accepted: (stream) => accepted.push(stream),
          refused: (refusal) => refusals.push(refusal),
        },
      ),
    );
    const dial = (key: Uint8Array, address = DIALLER) =>
      transports
        .open([key])
        .dial({ name: 'lb1', address, attempt: 0 }, { address: LISTENER, port });
    return { accepted, refusals, port, stop, dial };
  }

  it('nobody with another key: both ends say so', async () => {
    const { accepted, refusals, stop, dial } = await listening([KEY]);
    expect(await dial(OTHER_KEY)).toMatchObject({ ok: false, error: { code: 'key' } });
    await until('the listener says so', () => refusals.length > 0);
    expect(refusals[0]).toMatchObject({
      code: 'key',
      detail: expect.stringContaining('another key') as string,
    });
    expect(accepted).toEqual([]);
    stop();
  });

  it('nobody from another address, with the key or without', async () => {
    const { accepted, refusals, stop, dial } = await listening([KEY]);
    expect(await dial(KEY, STRANGER)).toMatchObject({ ok: false });
    expect(refusals[0]).toMatchObject({ detail: `${STRANGER} dialled; expected ${DIALLER} only` });
    expect(accepted).toEqual([]);
    stop();
  });

  it('no ordinary TLS client, and no older TLS', async () => {
    const { accepted, port, stop } = await listening([KEY]);
    for (const more of [{}, { maxVersion: 'TLSv1.2' as const }]) {
      const outcome = await new Promise<string>((resolve) => {
        const socket = connect({
          ...more,
          socket: connectTcp({ host: LISTENER, port, localAddress: DIALLER }),
          rejectUnauthorized: false,
        });
        socket.once('secureConnect', () => {
          resolve('connected');
        });
        socket.once('error', () => {
          resolve('refused');
        });
      });
      expect(outcome).toBe('refused');
    }
    expect(accepted).toEqual([]);
    stop();
  });

  it('garbage and silence cost it a socket for two seconds, and nobody gets in', async () => {
    const { accepted, port, stop, dial } = await listening([KEY]);
    const sockets = Array.from({ length: 10 }, (_each, index) => {
      const socket = connectTcp({ host: LISTENER, port, localAddress: DIALLER });
      socket.on('error', () => undefined).resume();
      if (index % 2 === 0) {
        socket.write('GET / HTTP/1.0\r\n\r\n');
      }
      return socket;
    });
    const closed = Promise.all(
      sockets.map(
        (socket) =>
          new Promise<void>((resolve) =>
            socket.once('close', () => {
              resolve();
            }),
          ),
      ),
    );
    const meanwhile = value(await dial(KEY));
    await until('the peer gets in meanwhile', () => accepted.length === 1);
    await closed;
    meanwhile.close();
    stop();
  });

  it('ten thousand connections of a stranger: each is turned away, and the peer gets in meanwhile', async () => {
    const { accepted, refusals, port, stop, dial } = await listening([KEY]);
    const before = process.memoryUsage().rss;
    const knock = (): Promise<void> =>
      new Promise((resolve) => {
        const socket = connectTcp({ host: LISTENER, port, localAddress: STRANGER });
        socket.on('error', () => undefined).resume();
        socket.once('close', () => {
          resolve();
        });
      });
    for (let batch = 0; batch < MANY / AT_ONCE; batch += 1) {
      const knocking = Promise.all(Array.from({ length: AT_ONCE }, knock));
      if (batch === 10) {
        value(await dial(KEY)).close();
      }
      await knocking;
    }
    await until('the peer has been let in', () => accepted.length === 1);
    expect(refusals.length).toBeGreaterThan(MANY / 2);
    expect(process.memoryUsage().rss - before).toBeLessThan(MOST_GROWTH_BYTES);
    stop();
  }, 60_000);

  it('whoever has any of its keys, so that they can be changed one node at a time', async () => {
    const { accepted, stop, dial } = await listening([OTHER_KEY, KEY]);
    for (const key of [KEY, OTHER_KEY]) {
      value(await dial(key)).close();
    }
    await until('both are in', () => accepted.length === 2);
    stop();
  });

  it('a dialler with two keys, one after the other', async () => {
    const { port, stop } = await listening([KEY]);
    const dialler = transports.open([OTHER_KEY, KEY]);
    const dial = (attempt: number) =>
      dialler.dial({ name: 'lb1', address: DIALLER, attempt }, { address: LISTENER, port });
    expect(await dial(0)).toMatchObject({ ok: false, error: { code: 'key' } });
    value(await dial(1)).close();
    stop();
  });

  it('and says where it cannot listen', async () => {
    const { port, stop } = await listening([KEY]);
    const again = await transports
      .open([KEY])
      .listen(
        { address: LISTENER, port, peer: DIALLER },
        { accepted: () => undefined, refused: () => undefined },
      );
    expect(again).toMatchObject({ ok: false, error: { code: 'listen' } });
    stop();
  });
});

const MANY = 10_000;
/** Fewer than the connections that the kernel keeps waiting. */
const AT_ONCE = 100;
const MOST_GROWTH_BYTES = 64 * 1024 * 1024;
