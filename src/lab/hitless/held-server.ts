/** What the lab's web servers serve to clients that stay: downloads without end, echoes, and WebSockets. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { later, millis } from '../../base/time.js';
import type { Clock } from '../../ports/clock.js';
import { patternFrom } from './pattern.js';
import { acceptKey, FrameReader, frameOf } from './web-socket.js';

export const DOWNLOAD_PATH = '/download';
export const ECHO_PATH = '/echo';
export const SOCKET_PATH = '/socket';

/** Some 400 KB a second for each client. */
const CHUNK_EVERY = millis(10);
const CHUNK_BYTES = 4_096;

/** Whether it was one of those requests. */
export function answerHeld(
  request: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
): 'answered' | 'another' {
  if (request.url === ECHO_PATH) {
    request.pipe(response);
    return 'answered';
  }
  if (request.url === DOWNLOAD_PATH) {
    request.resume();
    download(response, clock);
    return 'answered';
  }
  return 'another';
}

/** Ends with the client. */
function download(response: ServerResponse, clock: Clock): void {
  response.setHeader('content-type', 'application/octet-stream');
  // A length that is never reached: pieces come as they are, and nobody has to take chunks apart.
  response.setHeader('content-length', String(Number.MAX_SAFE_INTEGER));
  let offset = 0;
  const speak = (): void => {
    if (response.closed) {
      return;
    }
    // A client that does not read gets nothing more until it does: nothing piles up here.
    if (!response.writableNeedDrain) {
      response.write(patternFrom(offset, CHUNK_BYTES));
      offset += CHUNK_BYTES;
    }
    clock.alarm(later(clock.now(), CHUNK_EVERY), speak);
  };
  speak();
}

/** The handshake (RFC 6455 §4.2.2), and then every message back. */
export function upgrade(request: IncomingMessage, socket: Duplex): void {
  const key = request.headers['sec-websocket-key'];
  socket.on('error', () => undefined);
  if (request.url !== SOCKET_PATH || key === undefined) {
    socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  socket.write(
    [
      'HTTP/1.1 101 Switching Protocols',
      'upgrade: websocket',
      'connection: Upgrade',
      `sec-websocket-accept: ${acceptKey(key)}`,
      '\r\n',
    ].join('\r\n'),
  );
  const frames = new FrameReader();
  socket.on('data', (bytes: Buffer) => {
    for (const message of frames.push(bytes)) {
      socket.write(frameOf(message));
    }
  });
}
