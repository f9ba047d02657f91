/** The control API, served as HTTP on a unix socket that only root may open. */
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import {
  readDrill,
  readGroup,
  readMaintenance,
  readPause,
  readPlan,
  readPush,
  readReload,
  readSwitchover,
} from './bodies.js';
import type { ControlApi } from './contract.js';
import {
  DRILL_PATH,
  EVENTS_PATH,
  EXPLAIN_PATH,
  FAILBACK_PATH,
  HISTORY_PATH,
  MAINTENANCE_PATH,
  PAIR_PATH,
  PAUSE_PATH,
  PUSH_PATH,
  PROXY_RELOAD_PATH,
  RELOAD_PATH,
  SCHEDULE_PATH,
  REQUEST_LIMIT,
  SERVERS_PATH,
  STATUS_PATH,
  SWITCHOVER_PATH,
  TABLES_PATH,
  FLOWS_PATH,
} from './contract.js';
import { readServer } from './bodies.js';
import { readEventsQuery, readHistoryQuery, readTablesQuery } from './queries.js';

export interface ApiServer {
  /** Closes the socket and removes it. Idempotent. */
  close(): void;
}

export interface SocketRefusal {
  readonly code: 'not-listening';
  readonly detail: string;
}

/** Serves until it is closed. A socket that is there is replaced: ask {@link isServed} first. Any other file stays. */
export async function serveApi(
  api: ControlApi,
  socketPath: string,
): Promise<Result<ApiServer, SocketRefusal>> {
  try {
    mkdirSync(dirname(socketPath), { recursive: true, mode: 0o755 });
    if (removeSocket(socketPath) === 'another-file') {
      const detail = `${socketPath}: what is there is not a socket; remove it, or name another control socket`;
      return fail({ code: 'not-listening', detail });
    }
  } catch (error) {
    return fail({ code: 'not-listening', detail: `${socketPath}: ${String(error)}` });
  }
  const server = createAdaptorServer({
    fetch: routes(api).fetch,
    serverOptions: {
      headersTimeout: REQUEST_DEADLINE,
      requestTimeout: REQUEST_DEADLINE,
      connectionsCheckingInterval: REQUEST_DEADLINE,
    },
  }) as Server;
  server.maxConnections = MOST_CLIENTS;
  const listening = await listen(server, socketPath);
  return listening.ok
    ? ok({
        close: () => {
          server.close();
          server.closeAllConnections();
          removeSocket(socketPath);
        },
      })
    : listening;
}

/** Whatever a mistaken path names, somebody may need it. */
function removeSocket(path: string): 'gone' | 'another-file' {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there?.isSocket() === false) {
    return 'another-file';
  }
  rmSync(path, { force: true });
  return 'gone';
}

function routes(api: ControlApi): Hono {
  const app = new Hono();
  // Refused by its announced length, or as soon as it is exceeded, so that no more is ever held.
  app.use(
    bodyLimit({
      maxSize: REQUEST_LIMIT,
      onError: (context) => {
        const detail = `a request has ${String(REQUEST_LIMIT)} bytes at the most`;
        return context.json({ error: { code: 'too-long', detail } }, 413);
      },
    }),
  );
  app.get(STATUS_PATH, (context) => context.json(api.status()));
  app.get(PAIR_PATH, async (context) => context.json(await api.report()));
  app.get(EXPLAIN_PATH, async (context) => context.json(await api.explain()));
  addDeeds(app, api);
  addOrders(app, api);
  addReload(app, api);
  addPush(app, api);
  addDrills(app, api);
  addServers(app, api);
  addTables(app, api);
  addRecords(app, api);
  app.notFound((context) =>
    context.json(
      { error: { code: 'not-found', detail: `no such resource: ${context.req.path}` } },
      404,
    ),
  );
  return app;
}

/** What the daemon does when it is asked to. */
function addDeeds(app: Hono, api: ControlApi): void {
  app.post(SWITCHOVER_PATH, async (context) => {
    const order = readSwitchover(await context.req.text());
    if (!order.ok) {
      return context.json({ error: order.error }, 400);
    }
    const outcome = await api.switchover(order.value);
    return outcome.ok ? context.json(outcome.value) : context.json({ error: outcome.error }, 409);
  });
  app.post(FAILBACK_PATH, async (context) => {
    const group = readGroup(await context.req.text());
    if (!group.ok) {
      return context.json({ error: group.error }, 400);
    }
    const outcome = await api.failback(group.value);
    return outcome.ok ? context.json(outcome.value) : context.json({ error: outcome.error }, 409);
  });
}

/** What stands until something else is ordered. */
function addOrders(app: Hono, api: ControlApi): void {
  app.post(PAUSE_PATH, async (context) => {
    const state = readPause(await context.req.text());
    if (!state.ok) {
      return context.json({ error: state.error }, 400);
    }
    const answer = await api.pause(state.value);
    return answer.ok ? context.json(answer.value) : context.json({ error: answer.error }, 409);
  });
  app.post(MAINTENANCE_PATH, async (context) => {
    const order = readMaintenance(await context.req.text());
    if (!order.ok) {
      return context.json({ error: order.error }, 400);
    }
    const answer = await api.maintenance(order.value);
    return answer.ok ? context.json(answer.value) : context.json({ error: answer.error }, 409);
  });
  app.post(SCHEDULE_PATH, async (context) => {
    const order = readPlan(await context.req.text());
    if (!order.ok) {
      return context.json({ error: order.error }, 400);
    }
    const answer = await api.plan(order.value);
    return answer.ok ? context.json(answer.value) : context.json({ error: answer.error }, 409);
  });
}

/** Answers whatever the file says that the daemon was started with. */
function addReload(app: Hono, api: ControlApi): void {
  app.post(RELOAD_PATH, async (context) => {
    const mode = readReload(await context.req.text());
    if (!mode.ok) {
      return context.json({ error: mode.error }, 400);
    }
    const outcome = await api.reload(mode.value);
    return outcome.ok ? context.json(outcome.value) : context.json({ error: outcome.error }, 409);
  });
}

/** Files of the proxy. */
function addPush(app: Hono, api: ControlApi): void {
  app.post(PUSH_PATH, async (context) => {
    const order = readPush(await context.req.text());
    if (!order.ok) {
      return context.json({ error: order.error }, 400);
    }
    const outcome = order.value === 'undo' ? await api.undoPush() : await api.push(order.value);
    return outcome.ok ? context.json(outcome.value) : context.json({ error: outcome.error }, 409);
  });
}

/** Faults that are rehearsed. */
function addDrills(app: Hono, api: ControlApi): void {
  app.get(DRILL_PATH, async (context) => context.json(await api.drillState()));
  app.post(DRILL_PATH, async (context) => {
    const asked = readDrill(await context.req.text());
    if (!asked.ok) {
      return context.json({ error: asked.error }, 400);
    }
    const outcome = await api.drill(asked.value);
    return outcome.ok ? context.json(outcome.value) : context.json({ error: outcome.error }, 409);
  });
}

/** The proxy itself, and its servers. */
function addServers(app: Hono, api: ControlApi): void {
  app.post(PROXY_RELOAD_PATH, async (context) => {
    const answer = await api.reloadProxy();
    return answer.ok ? context.json(answer.value) : context.json({ error: answer.error }, 409);
  });
  app.get(SERVERS_PATH, async (context) => {
    const answer = await api.servers(context.req.query('server'));
    return answer.ok ? context.json(answer.value) : context.json({ error: answer.error }, 409);
  });
  app.post(SERVERS_PATH, async (context) => {
    const asked = readServer(await context.req.text());
    if (!asked.ok) {
      return context.json({ error: asked.error }, 400);
    }
    const answer = await api.stateServer(asked.value);
    return answer.ok ? context.json(answer.value) : context.json({ error: answer.error }, 409);
  });
}

/** What is copied from node to node: the proxy's stick tables, connections through the kernel. */
function addTables(app: Hono, api: ControlApi): void {
  app.get(TABLES_PATH, async (context) => {
    const asked = readTablesQuery(context.req.query());
    if (!asked.ok) {
      return context.json({ error: asked.error }, 400);
    }
    const answer = await api.tables(asked.value);
    return answer.ok ? context.json(answer.value) : context.json({ error: answer.error }, 409);
  });
  app.get(FLOWS_PATH, async (context) => {
    const answer = await api.flows();
    return answer.ok ? context.json(answer.value) : context.json({ error: answer.error }, 409);
  });
}

/** What the daemon remembers. */
function addRecords(app: Hono, api: ControlApi): void {
  app.get(HISTORY_PATH, async (context) => {
    const asked = readHistoryQuery(context.req.query());
    if (!asked.ok) {
      return context.json({ error: asked.error }, 400);
    }
    const answer = await api.history(asked.value);
    return answer.ok ? context.json(answer.value) : context.json({ error: answer.error }, 409);
  });
  app.get(EVENTS_PATH, async (context) => {
    const asked = readEventsQuery(context.req.query());
    if (!asked.ok) {
      return context.json({ error: asked.error }, 400);
    }
    const answer = await api.events(asked.value, context.req.raw.signal);
    return answer.ok ? context.json(answer.value) : context.json({ error: answer.error }, 409);
  });
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
/** For a request to arrive whole. It is looked after as seldom, so one may take twice as long. */
const REQUEST_DEADLINE = millis(10_000);
const MOST_CLIENTS = 32;
