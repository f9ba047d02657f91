/** A unix socket for HAProxy's peers protocol: mode 600, of the proxy's user, in place of what a killed process left. */
import { lchownSync, lstatSync, statSync, unlinkSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { dirname } from 'node:path';
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
  /** Device and number of the file that was made. */
  #made: string | undefined;

  isInPlace(path: string): boolean {
    return this.#made !== undefined && identityOf(path) === this.#made;
  }

  async listen(
    at: PeersListening,
    accepted: (stream: PeersStream) => void,
  ): Promise<Result<() => void, PeersListenRefusal>> {
    const safe = checkDirectory(at);
    const free = safe.ok ? await makeFree(at.path) : safe;
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
    this.#made = identityOf(at.path);
    return ok(() => {
      // Closing removes the file, whosever it is by now.
      if (this.isInPlace(at.path)) {
        server.close();
      } else {
        server.unref();
      }
    });
  }
}

function identityOf(path: string): string | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${String(found.dev)} ${String(found.ino)}`;
}

/** Whoever can write to it could put a socket of his own in the place of ours. */
function checkDirectory({ path, owner }: PeersListening): Result<undefined, PeersListenRefusal> {
  const directory = dirname(path);
  const found = statSync(directory, { throwIfNoEntry: false });
  if (found === undefined) {
    return fail({ code: 'listen', detail: `${path}: there is no directory ${directory}` });
  }
  const users = [0, process.getuid?.(), owner?.uid];
  const groups = [0, process.getgid?.(), owner?.gid];
  const isSafe =
    users.includes(found.uid) &&
    (found.mode & OTHERS_WRITE) === 0 &&
    ((found.mode & GROUP_WRITES) === 0 || groups.includes(found.gid));
  return isSafe
    ? ok(undefined)
    : fail({
        code: 'directory',
        detail: `${directory} can be written by others than root and HAProxy's user; the socket needs a directory that cannot`,
      });
}

const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;

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

/**
 * Somebody who lives closes what was closed. A process that is frozen does not: it is no more use to HAProxy than a dead one,
 * and when it goes on it finds that the file is not its own.
 */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.setTimeout(PROBE_MS, () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('connect', () => {
      socket.end();
      socket.resume();
    });
    socket.once('end', () => {
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
        lchownSync(path, owner.uid, owner.gid);
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
