/** A unix socket for HAProxy's peers protocol: mode 600, of the proxy's user, in place of what a killed process left. */
import { chownSync, lstatSync, unlinkSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type {
  PeersListener,
  PeersListening,
  PeersListenRefusal,
  PeersStream,
  PeersStreamHandlers,
} from '../ports/peers-listener.js';

/** HAProxy has one at a time, and two for a moment during a reload. */
const MOST_CONNECTIONS = 8;
const PROBE_MS = 500;
/** Whoever closes waits so long for the other end to take what is queued. */
const LINGER_MS = 1000;
const MODE_600 = 0o177;

export class UnixPeersListener implements PeersListener {
  async listen(
    at: PeersListening,
    accepted: (stream: PeersStream) => void,
  ): Promise<Result<() => void, PeersListenRefusal>> {
    const free = await makeFree(at.path);
    if (!free.ok) {
      return free;
    }
    const server = createServer((socket) => {
      accepted(new SocketPeersStream(socket));
    });
    server.maxConnections = MOST_CONNECTIONS;
    const bound = await bind(server, at);
    if (!bound.ok) {
      server.close();
      return bound;
    }
    return ok(() => {
      server.close();
    });
  }
}

/** Removes a socket on which nobody answers. */
async function makeFree(path: string): Promise<Result<undefined, PeersListenRefusal>> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    return ok(undefined);
  }
  if (!found.isSocket()) {
    return fail({ code: 'not-a-socket', detail: `${path} exists and is no socket` });
  }
  if (await answers(path)) {
    return fail({ code: 'taken', detail: `${path}: another program listens there` });
  }
  try {
    unlinkSync(path);
  } catch (error) {
    return fail({ code: 'listen', detail: `${path}: ${codeOf(error)}` });
  }
  return ok(undefined);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    // One that is too busy to answer is there as well.
    socket.setTimeout(PROBE_MS, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

function bind(
  server: Server,
  { path, owner }: PeersListening,
): Promise<Result<undefined, PeersListenRefusal>> {
  return new Promise((resolve) => {
    const refuse = (error: unknown): void => {
      resolve(fail({ code: 'listen', detail: `${path}: ${codeOf(error)}` }));
    };
    server.once('error', refuse);
    server.once('listening', () => {
      server.removeListener('error', refuse);
      // An error of accepting, as when there are no descriptors: HAProxy dials again.
      server.on('error', () => undefined);
      resolve(ok(undefined));
    });
    // The file is made inside the call, so that it never has another mode.
    const mask = process.umask(MODE_600);
    try {
      server.listen(path);
      if (owner !== undefined && server.listening) {
        chownSync(path, owner.uid, owner.gid);
      }
    } catch (error) {
      refuse(error);
    } finally {
      process.umask(mask);
    }
  });
}

class SocketPeersStream implements PeersStream {
  readonly #socket: Socket;
  #drained: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.pause();
    // An error is followed by a close; without a listener it would end the process.
    socket.on('error', () => undefined);
  }

  get queued(): number {
    return this.#socket.writableLength;
  }

  begin({ received, drained, closed }: PeersStreamHandlers): void {
    let why = 'HAProxy closed the connection';
    this.#socket.on('error', (error: Error) => {
      why = codeOf(error);
    });
    this.#socket.on('data', received);
    this.#drained = drained;
    this.#socket.once('close', () => {
      closed(why);
    });
    this.#socket.resume();
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.writable) {
      this.#socket.write(bytes, () => {
        if (this.#socket.writableLength === 0) {
          this.#drained();
        }
      });
    }
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroySoon();
    this.#socket.setTimeout(LINGER_MS, () => {
      this.#socket.destroy();
    });
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error) {
    return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
  }
  return String(error);
}
