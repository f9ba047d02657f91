/** Clients of a service in the lab: they come from chosen ports, so that the same connections can be made again. */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { Result } from '../../base/result.js';
import { done } from '../../base/result.js';
import { between, millis } from '../../base/time.js';
import type { Clock } from '../../ports/clock.js';
import type { LabFailure } from '../failure.js';
import { HASH_PORT } from './hash-scene.js';
import { VIRTUAL_ADDRESS } from '../topology.js';
import { serveLines } from './line-socket.js';

/** Where connections come from. */
interface Ends {
  readonly localAddress: string;
  readonly localPort: number;
}

/** A connection whose server has said its name. */
interface Met {
  readonly server: string;
  readonly socket: Socket;
}

export interface Round {
  /** Of each connection, in the order of addresses and ports: its server, or `refused`, or `no answer`. */
  readonly servers: readonly string[];
  /** The longest wait for a server, or for a refusal. */
  readonly longestMs: number;
}

/** Of the connections that are held. */
export interface Held {
  /** Those that are answered by the server that they began with, by server. */
  readonly kept: Readonly<Record<string, number>>;
  /** Those that another one answered. */
  readonly moved: number;
  readonly broken: Readonly<Record<string, number>>;
}

/**
 * `round FROM COUNT ADDRESS…`: so many connections from each address, made and ended. `hold FROM COUNT ADDRESS`: so many that
 * stay. `held`: each of those says a line. Anything else: how many stay.
 */
export async function runHashClients(
  socket: string,
  clock: Pick<Clock, 'now'>,
): Promise<Result<undefined, LabFailure>> {
  let held: readonly Met[] = [];
  const served = await serveLines(socket, async (line): Promise<unknown> => {
    const [what, from = '', count = '', ...addresses] = line.split(' ');
    const ends = addresses.flatMap((localAddress) =>
      [...Array(Number(count)).keys()].map((step) => ({
        ...{ localAddress, localPort: Number(from) + step },
      })),
    );
    if (what === 'round') {
      return await round(ends, clock);
    }
    if (what === 'held') {
      return await lookAt(held);
    }
    held = what === 'hold' ? await hold(ends) : held;
    return held.length;
  });
  return served.ok ? done : served;
}

async function round(ends: readonly Ends[], clock: Pick<Clock, 'now'>): Promise<Round> {
  const servers: string[] = [];
  let longestMs = 0;
  await atOnce(ends, async (each, index) => {
    const began = clock.now();
    const met = await meet(each);
    longestMs = Math.max(longestMs, between(began, clock.now()));
    servers[index] = typeof met === 'string' ? met : met.server;
    if (typeof met !== 'string') {
      // A reset: the port is free again, without a time to wait.
      met.socket.resetAndDestroy();
    }
  });
  return { servers, longestMs };
}

async function hold(ends: readonly Ends[]): Promise<readonly Met[]> {
  const all: Met[] = [];
  await atOnce(ends, async (each) => {
    const met = await meet(each);
    if (typeof met !== 'string') {
      all.push(met);
    }
  });
  return all;
}

async function lookAt(held: readonly Met[]): Promise<Held> {
  const kept: Record<string, number> = {};
  const broken: Record<string, number> = {};
  let moved = 0;
  await atOnce(held, async ({ server, socket }) => {
    const said = await nextLine(socket, () => socket.write('?\n'));
    if (said === server) {
      kept[server] = (kept[server] ?? 0) + 1;
    } else if (said === 'refused' || said === 'no answer') {
      broken[server] = (broken[server] ?? 0) + 1;
    } else {
      moved += 1;
    }
  });
  return { kept, moved, broken };
}

async function meet(ends: Ends): Promise<Met | 'refused' | 'no answer'> {
  const socket = connect({ host: VIRTUAL_ADDRESS, port: HASH_PORT, ...ends });
  socket.setNoDelay(true);
  const said = await nextLine(socket, () => undefined);
  if (said === 'refused' || said === 'no answer') {
    socket.destroy();
    return said;
  }
  return { server: said, socket };
}

/** A name of a server has none of these words. */
function nextLine(socket: Socket, ask: () => void): Promise<string> {
  return new Promise((resolve) => {
    const hear = (line: Buffer): void => {
      resolve(line.toString().trim());
    };
    const refuse = (): void => {
      resolve('refused');
    };
    socket.once('data', hear);
    // What comes later than one of these is of no use.
    socket.once('error', refuse).once('close', refuse);
    socket.setTimeout(PATIENCE, () => {
      resolve('no answer');
    });
    if (socket.destroyed) {
      refuse();
    }
    ask();
  });
}

async function atOnce<T>(
  list: readonly T[],
  each: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const waiting = [...list.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await each(next[1], next[0]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

const AT_ONCE = 64;
const PATIENCE = millis(3000);
