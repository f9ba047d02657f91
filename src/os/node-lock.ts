/** One daemon per node: whoever holds an abstract unix socket's name is the one. */
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';

export interface NodeLock {
  /** Idempotent. The kernel does it too when the process ends, however it ends. */
  release(): void;
}

/** The pid of the daemon that holds the lock; undefined when it did not say so in time. */
export interface LockHeld {
  readonly code: 'held';
  readonly by: number | undefined;
}

/**
 * Abstract names belong to a network namespace, as the addresses do that a daemon holds: one daemon in each.
 * They leave no file behind, so no lock can be stale.
 */
const LOCK_NAME = 'vipair.daemon';
const HOLDER_DEADLINE_MS = 500;
const PID_CHARACTERS = 16;

/** Takes the lock, or tells who has it. `name` is for tests, which run beside a daemon. */
export async function lockNode(name: string = LOCK_NAME): Promise<Result<NodeLock, LockHeld>> {
  const path = `\0${name}`;
  const server = await listen(path);
  return server === undefined
    ? fail({ code: 'held', by: await askHolder(path) })
    : ok({ release: () => server.close() });
}

/** Undefined where the name is taken. */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((visitor) => {
      visitor.on('error', () => undefined);
      visitor.end(`${String(process.pid)}\n`);
    });
    // The lock alone keeps no process running.
    server.unref();
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen({ path }, () => {
      resolve(server);
    });
  });
}

function askHolder(path: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    let heard = '';
    const finish = (): void => {
      socket.destroy();
      const pid = Number.parseInt(heard, 10);
      resolve(Number.isInteger(pid) ? pid : undefined);
    };
    socket.setEncoding('utf8');
    socket.setTimeout(HOLDER_DEADLINE_MS, finish);
    socket.on('error', finish);
    socket.on('end', finish);
    socket.on('data', (text: string) => {
      heard = `${heard}${text}`.slice(0, PID_CHARACTERS);
    });
  });
}
