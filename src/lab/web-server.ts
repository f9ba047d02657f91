/** A lab's web server: says its name, or streams for as long as the client stays. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { later, millis } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import { answerHeld, upgrade } from './hitless/held-server.js';

export interface WebServerOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface WebServer {
  /** Cuts the streams and resolves when the port is free. Idempotent. */
  stop(): Promise<void>;
}

export interface NotListening {
  readonly code: 'not-listening';
  readonly detail: string;
}

/** Far above what a lab's prober asks for, far below what its machine has. */
const MAX_CONNECTIONS = 4_096;
const STREAM_CHUNK_EVERY: Millis = millis(100);
/** Nobody rehearses for longer than an hour with one stream. */
const STREAM_LASTS_AT_MOST: Millis = millis(3_600_000);
const KEEP_ALIVE_FOR: Millis = millis(30_000);

export function runWebServer(
  { name, host, port }: WebServerOptions,
  clock: Clock,
): Promise<Result<WebServer, NotListening>> {
  const server = createServer((request, response) => {
    response.setHeader('x-server', name);
    response.setHeader('content-type', 'text/plain');
    answer(request, response, { name, clock });
  });
  server.on('upgrade', upgrade);
  server.maxConnections = MAX_CONNECTIONS;
  server.keepAliveTimeout = KEEP_ALIVE_FOR;
  return new Promise((resolve) => {
    server.once('error', (error) => {
      resolve(fail({ code: 'not-listening', detail: error.message }));
    });
    server.listen({ host, port }, () => {
      resolve(
        ok({
          stop: () =>
            new Promise<void>((stopped) => {
              server.close(() => {
                stopped();
              });
              server.closeAllConnections();
            }),
        }),
      );
    });
  });
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { name, clock }: { readonly name: string; readonly clock: Clock },
): void {
  if (answerHeld(request, response, clock) === 'answered') {
    return;
  }
  request.resume();
  if (request.url === '/') {
    const body = `${name}\n`;
    // Said, not left to Node: only then does it keep the proxy's connection open after a question of HTTP/1.0.
    response.setHeader('content-length', body.length);
    response.end(body);
  } else if (request.url === '/stream') {
    stream(response, { name, clock });
  } else {
    response.writeHead(404).end('only / and /stream are here\n');
  }
}

function stream(
  response: ServerResponse,
  { name, clock }: { readonly name: string; readonly clock: Clock },
): void {
  const endsAt = later(clock.now(), STREAM_LASTS_AT_MOST);
  const speak = (): void => {
    if (response.closed || clock.now() >= endsAt) {
      response.end();
      return;
    }
    // A client that does not read gets nothing more until it does: nothing piles up here.
    if (!response.writableNeedDrain) {
      response.write(`${name}\n`);
    }
    clock.alarm(later(clock.now(), STREAM_CHUNK_EVERY), speak);
  };
  speak();
}
