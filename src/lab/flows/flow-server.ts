/** The other side of a lab's flows: speaks on every TCP stream at a pace, and answers questions of UDP flows that have said hello. */
import type { Socket as DatagramSocket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { Millis } from '../../base/time.js';
import { later } from '../../base/time.js';
import type { Clock } from '../../ports/clock.js';
import { Hearing } from './hearing.js';
import {
  corruptBytes,
  HELLO,
  MESSAGE_BYTES,
  NOTHING_HEARD,
  readHead,
  writeMessage,
} from './message.js';
import { Pieces } from './pieces.js';

export interface FlowServerOptions {
  /** Tells it from others; not 0, which is the client. */
  readonly number: number;
  /** Each of TCP and of UDP, of IPv4 and of IPv6. */
  readonly ports: readonly number[];
  /** Between two messages of one stream. */
  readonly every: Millis;
}

export interface FlowServer {
  stop(): void;
}

const MOST_STREAMS = 4_096;
const MOST_SESSIONS = 4_096;

/** Resolves when all ports are open; rejects when one is not to be had. */
export async function runFlowServer(
  { number, ports, every }: FlowServerOptions,
  clock: Clock,
): Promise<FlowServer> {
  const streams = new Set<Socket>();
  const open: (Server | DatagramSocket)[] = [];
  for (const port of ports) {
    const server = createServer({ noDelay: true }, (socket) => {
      streams.add(socket);
      socket.once('close', () => streams.delete(socket));
      serveStream(socket, { number, every, clock });
    });
    server.maxConnections = MOST_STREAMS;
    server.listen({ host: '::', port });
    await once(server, 'listening');
    const datagrams = createSocket({ type: 'udp6', ipv6Only: false });
    datagrams.bind(port, '::');
    await once(datagrams, 'listening');
    serveDatagrams(datagrams, number);
    open.push(server, datagrams);
  }
  return {
    stop: () => {
      open.forEach((each) => each.close());
      streams.forEach((each) => each.destroy());
    },
  };
}

interface StreamServing {
  readonly number: number;
  readonly every: Millis;
  readonly clock: Clock;
}

/** Silent until the client has said which stream it is: a look at the port gets nothing. */
function serveStream(socket: Socket, { number, every, clock }: StreamServing): void {
  const pieces = new Pieces();
  const hearing = new Hearing();
  let stream: number | undefined;
  let heard = 0;
  let sent = 0;
  const speak = (): void => {
    if (stream === undefined || socket.destroyed) {
      return;
    }
    if (!socket.writableNeedDrain) {
      const said = hearing.soFar(clock.now());
      socket.write(writeMessage({ sender: number, stream, sequence: sent, heard: said }));
      sent += 1;
    }
    clock.alarm(later(clock.now(), every), speak);
  };
  socket.on('data', (bytes) => {
    for (const piece of pieces.cut(bytes)) {
      const isFirst = stream === undefined;
      stream ??= readHead(piece).stream;
      const expected = { sender: 0, stream, sequence: heard };
      heard += 1;
      hearing.heard(clock.now(), corruptBytes(piece, expected));
      if (isFirst) {
        speak();
      }
    }
  });
  // A client that is gone is no news to a server.
  socket.on('error', () => undefined);
}

/** Whoever has not said hello gets no answer, as with a protocol that has sessions. */
function serveDatagrams(socket: DatagramSocket, number: number): void {
  const sessions = new Set<string>();
  socket.on('message', (bytes, { address, port }) => {
    const session = `${address} ${String(port)}`;
    if (bytes.toString('latin1') === HELLO && sessions.size < MOST_SESSIONS) {
      sessions.add(session);
      socket.send(HELLO, port, address);
    } else if (sessions.has(session) && bytes.length === MESSAGE_BYTES) {
      const { stream, sequence } = readHead(bytes);
      const wrong = corruptBytes(bytes, { sender: 0, stream, sequence });
      // A question that arrives corrupt gets no answer, and so counts as lost.
      if (wrong === 0) {
        const answer = { sender: number, stream, sequence, heard: NOTHING_HEARD };
        socket.send(writeMessage(answer), port, address);
      }
    }
  });
  socket.on('error', () => undefined);
}
