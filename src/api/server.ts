/** The control API, served as HTTP on a unix socket that only root may open. */
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { ControlApi } from './contract.js';
import { REQUEST_LIMIT, STATUS_PATH, SWITCHOVER_PATH } from './contract.js';

export interface ApiServer {
  /** Closes the socket and removes it. Idempotent. */
  close(): void;
}

export interface SocketRefusal {
  readonly code: 'not-listening';
  readonly detail: string;
}

/** Serves until it is closed. A socket file that is there is replaced: ask {@link isServed} first. */
export async function serveApi(
  api: ControlApi,
  socketPath: string,
): Promise<Result<ApiServer, SocketRefusal>> {
  try {
    mkdirSync(dirname(socketPath), { recursive: true, mode: 0o755 });
    rmSync(socketPath, { force: true });
  } catch (error) {
    return fail({ code: 'not-listening', detail: `${socketPath}: ${String(error)}` });
  }
  const server = createAdaptorServer({ fetch: routes(api).fetch }) as Server;
  server.maxConnections = MOST_CLIENTS;
  const listening = await listen(server, socketPath);
  return listening.ok
    ? ok({
        close: () => {
          server.close();
          server.closeAllConnections();
          rmSync(socketPath, { force: true });
        },
      })
    : listening;
}

function routes(api: ControlApi): Hono {
  const app = new Hono();
  app.get(STATUS_PATH, (context) => context.json(api.status()));
  app.post(SWITCHOVER_PATH, async (context) => {
    const body = await context.req.text();
    const group = body.length > REQUEST_LIMIT ? BAD : readGroup(body);
    if (group === BAD) {
      const detail = 'expected a JSON object such as {"group":"web"}, or {}';
      return context.json({ error: { code: 'bad-request', detail } }, 400);
    }
    const outcome = await api.switchover(group);
    return outcome.ok ? context.json(outcome.value) : context.json({ error: outcome.error }, 409);
  });
  app.notFound((context) =>
    context.json(
      { error: { code: 'not-found', detail: `no such resource: ${context.req.path}` } },
      404,
    ),
  );
  return app;
}

const BAD = Symbol('bad request');

function readGroup(body: string): string | undefined | typeof BAD {
  let value: unknown;
  try {
    value = body === '' ? {} : JSON.parse(body);
  } catch {
    return BAD;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return BAD;
  }
  const unknownKeys = Object.keys(value).filter((key) => key !== 'group');
  const group = 'group' in value ? value.group : undefined;
  const valid = unknownKeys.length === 0 && (group === undefined || typeof group === 'string');
  return valid ? group : BAD;
}

/** Whether somebody listens on the socket now; a file that a dead daemon left behind does not count. */
export function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

function listen(server: Server, path: string): Promise<Result<undefined, SocketRefusal>> {
  return new Promise((resolve) => {
    server.once('error', (error) => {
      resolve(fail({ code: 'not-listening', detail: `${path}: ${error.message}` }));
    });
    server.listen({ path }, () => {
      chmodSync(path, OWNER_ONLY);
      resolve(ok(undefined));
    });
  });
}

const OWNER_ONLY = 0o600;
const MOST_CLIENTS = 32;
