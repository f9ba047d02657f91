/**
 * Streams with TLS 1.3 and a key that both nodes have (RFC 8446 §2.2), with an ephemeral exchange beside it: whoever
 * learns the key later cannot read what was recorded. Node offers it with SHA-256 suites only.
 */
import { constants, createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect as connectTcp } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { connect, createServer } from 'node:tls';
import type { Ip } from '../base/ip.js';
import { parseIp } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type {
  PairDialler,
  PairEndpoint,
  PairListener,
  PairRefusal,
  PairStream,
  PairStreamHandlers,
  PairTransport,
  PairTransports,
} from '../ports/pair-transport.js';

const SUITE = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256',
  ecdhCurve: 'X25519',
  // A ticket would resume a session without the key.
  secureOptions: constants.SSL_OP_NO_TICKET,
} as const;
const HANDSHAKE_MS = 2000;
/** Far more than a peer that reads ever lets wait. */
const MOST_QUEUED_BYTES = 262_144;
/** More than a socket's own mark, so that it tells when they have left; as much as keeps a fast link filled. */
const BUSY_BYTES = 98_304;
/** Of the peer's address alone; strangers are dropped before they are counted. */
const MOST_CONNECTIONS = 16;

export class TlsPairTransports implements PairTransports {
  open(keys: readonly Uint8Array[]): PairTransport {
    return new TlsPairTransport(keys);
  }
}

class TlsPairTransport implements PairTransport {
  readonly #keys: readonly Uint8Array[];

  constructor(keys: readonly Uint8Array[]) {
    this.#keys = keys;
  }

  listen(
    { address, port, peer }: PairEndpoint & { readonly peer: Ip },
    listener: PairListener,
  ): Promise<Result<() => void, PairRefusal>> {
    const names = new WeakMap<TLSSocket, string>();
    const server = createServer({
      ...SUITE,
      handshakeTimeout: HANDSHAKE_MS,
      pskCallback: (socket, identity) => {
        const { name, key } = this.#identified(identity);
        names.set(socket, name);
        return key === undefined ? null : Buffer.from(key);
      },
    });
    server.maxConnections = MOST_CONNECTIONS;
    // Before any cryptography: who is not the peer costs nothing.
    server.prependListener('connection', (socket: Socket) => {
      if (plainAddress(socket.remoteAddress) !== peer) {
        socket.destroy();
        listener.refused({
          code: 'key',
          detail: `${socket.remoteAddress ?? 'somebody'} dialled; expected ${peer} only`,
        });
      }
    });
    server.on('secureConnection', (socket) => {
      listener.accepted(new TlsPairStream(socket, names.get(socket) ?? ''));
    });
    server.on('tlsClientError', (error, socket) => {
      const from = plainAddress(socket.remoteAddress);
      // Node tells of a handshake that takes too long, and leaves the socket open.
      socket.destroy();
      if (from === peer) {
        listener.refused({ code: 'key', detail: `${peer} has another key: ${codeOf(error)}` });
      }
    });
    return new Promise((resolve) => {
      server.once('error', (error: Error) => {
        resolve(
          fail({ code: 'listen', detail: `${address} port ${String(port)}: ${codeOf(error)}` }),
        );
      });
      server.listen(port, address, () => {
        server.removeAllListeners('error');
        server.on('error', (error: Error) => {
          listener.refused({ code: 'listen', detail: codeOf(error) });
        });
        resolve(
          ok(() => {
            server.close();
          }),
        );
      });
    });
  }

  dial(
    { name, address, attempt }: PairDialler,
    to: PairEndpoint,
  ): Promise<Result<PairStream, PairRefusal>> {
    const key = this.#keys[attempt % this.#keys.length];
    if (key === undefined) {
      return Promise.resolve(fail({ code: 'key', detail: 'no key' }));
    }
    const socket = connect({
      ...SUITE,
      socket: connectTcp({ host: to.address, port: to.port, localAddress: address }),
      pskCallback: () => ({ psk: Buffer.from(key), identity: `${name} ${fingerprintOf(key)}` }),
      // There is no certificate: the key is what both ends have proved.
      checkServerIdentity: () => undefined,
    });
    return new Promise((resolve) => {
      const giveUp = (code: PairRefusal['code'], detail: string): void => {
        clearTimeout(patience);
        socket.destroy();
        resolve(fail({ code, detail: `${to.address} port ${String(to.port)}: ${detail}` }));
      };
      const patience = setTimeout(() => {
        giveUp('unreachable', 'no answer');
      }, HANDSHAKE_MS);
      const failed = (error: Error): void => {
        const code = codeOf(error);
        const isKey = code.startsWith('ERR_SSL');
        giveUp(isKey ? 'key' : 'unreachable', isKey ? `has another key: ${code}` : code);
      };
      socket.once('error', failed);
      socket.once('secureConnect', () => {
        clearTimeout(patience);
        socket.off('error', failed);
        resolve(ok(new TlsPairStream(socket, undefined)));
      });
    });
  }

  #identified(identity: string): { readonly name: string; readonly key: Uint8Array | undefined } {
    const [name = '', fingerprint] = identity.split(' ');
    return { name, key: this.#keys.find((each) => fingerprintOf(each) === fingerprint) };
  }
}

/** Names a key without telling it: what nodes compare when they have several. */
function fingerprintOf(key: Uint8Array): string {
  return createHash('sha256').update('vipair pair key').update(key).digest('hex').slice(0, 16);
}

class TlsPairStream implements PairStream {
  readonly #socket: TLSSocket;
  readonly #peer: string | undefined;
  #sending: 'free' | 'busy' = 'free';

  /** `peer`: undefined where the other end listens, and gave no name. */
  constructor(socket: TLSSocket, peer: string | undefined) {
    this.#socket = socket;
    this.#peer = peer;
    socket.setNoDelay(true);
    socket.pause();
    // An error is followed by a close; without a listener it would end the daemon.
    socket.on('error', () => undefined);
  }

  get peer(): string | undefined {
    return this.#peer;
  }

  send(bytes: Uint8Array): 'sent' | 'busy' | 'full' {
    if (this.#socket.writableLength > MOST_QUEUED_BYTES) {
      return 'full';
    }
    if (this.#socket.writable) {
      this.#socket.write(bytes);
    }
    if (this.#socket.writableLength > BUSY_BYTES) {
      this.#sending = 'busy';
    }
    return this.#sending === 'busy' ? 'busy' : 'sent';
  }

  begin({ received, drained, closed }: PairStreamHandlers): void {
    let why = 'the other end closed the connection';
    this.#socket.on('error', (error: Error) => {
      why = codeOf(error);
    });
    this.#socket.on('data', received);
    this.#socket.on('drain', () => {
      if (this.#sending === 'busy') {
        this.#sending = 'free';
        drained?.();
      }
    });
    this.#socket.once('close', () => {
      closed(why);
    });
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroySoon();
  }
}

/** IPv4 in its own form, also where a socket for both families shows it inside IPv6. */
function plainAddress(text: string | undefined): Ip | undefined {
  const parsed = parseIp((text ?? '').replace(/^::ffff:/u, ''));
  return parsed.ok ? parsed.value : undefined;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
