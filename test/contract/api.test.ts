/** The control API over a real socket: what it serves, what it refuses, and which files it leaves alone. */
import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { readMaintenance, readPause, readPlan, readServer } from '../../src/api/bodies.js';
import {
  askDrillArm,
  askDrillFire,
  askDrillState,
  askDrillUndo,
  askEvents,
  askHistory,
  askMaintenance,
  askPause,
  askPlan,
  askProxyReload,
  askReload,
  askServer,
  askServers,
  askSwitchover,
} from '../../src/api/client.js';
import type { ControlApi } from '../../src/api/contract.js';
import { EVENTS_PATH, HISTORY_PATH, REQUEST_LIMIT } from '../../src/api/contract.js';
import type { ApiServer } from '../../src/api/server.js';
import { isServed, serveApi } from '../../src/api/server.js';
import { fail, ok } from '../../src/base/result.js';
import { millis } from '../../src/base/time.js';
import { code, eventually, value } from './expected.js';

const directory = mkdtempSync(join(tmpdir(), 'vipair-api-'));

/** What the daemon was asked for, and whether somebody still waits for the last answer. */
const asked: unknown[] = [];
let waiting: AbortSignal | undefined;
const isWaiting = (): boolean => waiting?.aborted === false;

const HANDS = { node: 'lb1', here: undefined, there: undefined, problem: 'silent' };

const api: ControlApi = {
  history: (question) => {
    asked.push(question);
    return Promise.resolve(
      question.group === 'none'
        ? fail({ code: 'unknown-group', detail: 'none' })
        : ok({ node: 'lb1', parts: [], transitions: [], moves: [] }),
    );
  },
  events: async (question, gone) => {
    asked.push(question);
    waiting = gone;
    if (question.after?.number === 7) {
      await once(gone, 'abort');
    }
    return question.after?.number === 8
      ? fail({ code: 'too-many-followers', detail: 'eight' })
      : ok({ node: 'lb1', epoch: 5, last: 7, missed: 0, events: [] });
  },
  status: () => {
    throw new Error('nobody asks');
  },
  report: () => Promise.reject(new Error('nobody asks')),
  explain: () => Promise.reject(new Error('nobody asks')),
  drill: (question) => {
    asked.push(question);
    return Promise.resolve(
      question.node === 'lb9'
        ? fail({ code: 'unknown-node', detail: 'no node is called lb9' })
        : ok(HANDS),
    );
  },
  drillState: () => Promise.resolve(HANDS),
  failback: (group) =>
    Promise.resolve(fail({ code: 'not-preferred', detail: group ?? 'the only one' })),
  pause: (state) => {
    asked.push(state);
    return Promise.resolve(fail({ code: 'peer-silent', detail: state }));
  },
  maintenance: (order) => {
    asked.push(order);
    return Promise.resolve(fail({ code: 'both-in-maintenance', detail: order.node }));
  },
  plan: (order) => {
    asked.push(order);
    return Promise.resolve(fail({ code: 'not-a-time', detail: String(order.at) }));
  },
  reload: (mode) => {
    asked.push(mode);
    return Promise.resolve(
      mode === 'planned'
        ? ok({ node: 'lb1', outcome: mode, changes: [], peer: undefined })
        : fail({ code: 'configuration', detail: 'wrong', problems: ['vipair.yaml:1: nothing'] }),
    );
  },
  push: (order) => {
    asked.push(order);
    return Promise.resolve(fail({ code: 'in-progress', detail: `${order.mode} ${order.to}` }));
  },
  undoPush: () => Promise.resolve(fail({ code: 'cannot-be-carried-out', detail: 'none' })),
  switchover: (order) => {
    asked.push(order);
    return Promise.resolve(fail({ code: 'unknown-group', detail: order.group ?? 'the only one' }));
  },
  tables: (order) => {
    asked.push(order);
    return Promise.resolve(fail({ code: 'unknown-table', detail: order.table ?? 'all' }));
  },
  flows: () => Promise.resolve(fail({ code: 'not-replicated', detail: 'no flows' })),
  reloadProxy: () => {
    asked.push('reload of the proxy');
    return Promise.resolve(ok({ node: 'lb1', tookMs: 5, asked: 1 }));
  },
  servers: () => Promise.resolve(fail({ code: 'no-proxy', detail: 'none' })),
  stateServer: (question) => {
    asked.push(question);
    return Promise.resolve(fail({ code: 'unknown-server', detail: question.server }));
  },
};

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function served<T>(name: string, then: (path: string) => Promise<T>): Promise<T> {
  const path = join(directory, name);
  const server: ApiServer = value(await serveApi(api, path));
  try {
    return await then(path);
  } finally {
    server.close();
  }
}

/** The status line of the answer to a request that is written as it stands. */
async function answer(path: string, head: readonly string[], body = ''): Promise<string> {
  const socket = connect({ path });
  socket.setEncoding('utf8');
  socket.on('error', () => undefined);
  socket.write(
    `${['POST /v1/switchover HTTP/1.1', 'Host: x', ...head].join('\r\n')}\r\n\r\n${body}`,
  );
  const [text] = (await once(socket, 'data')) as [string];
  socket.destroy();
  return text.split('\r\n')[0] ?? '';
}

describe('the control socket', () => {
  it('is for its owner alone, and gone when it is closed', async () => {
    const path = await served('owner.sock', async (socket) => {
      expect(statSync(socket).mode & 0o777).toBe(0o600);
      expect(await isServed(socket)).toBe(true);
      return socket;
    });
    expect(existsSync(path)).toBe(false);
  });

  it('replaces the socket of a daemon that died', async () => {
    const path = join(directory, 'dead.sock');
    const dead = createServer().listen(path);
    await once(dead, 'listening');
    // A second name stays when the first one is removed, as after a kill -9.
    linkSync(path, `${path}.kept`);
    dead.close();
    expect(await isServed(`${path}.kept`)).toBe(false);
    await served('dead.sock.kept', (socket) => isServed(socket));
  });

  it('is waited for no longer than whoever asks can, while HAProxy reads its file', async () => {
    const path = join(directory, 'slow.sock');
    const slow = createServer().listen(path);
    await once(slow, 'listening');
    expect(code(await askProxyReload(path, millis(50)))).toBe('no-daemon');
    slow.close();
  });

  it('leaves any other file alone, and says so', async () => {
    const path = join(directory, 'haproxy.cfg');
    writeFileSync(path, 'precious');
    symlinkSync(path, join(directory, 'link.sock'));
    for (const name of ['haproxy.cfg', 'link.sock']) {
      const refused = await serveApi(api, join(directory, name));
      expect(code(refused)).toBe('not-listening');
      expect(refused.ok ? '' : refused.error.detail).toContain('is not a socket');
    }
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });
});

describe('a request', () => {
  it('of the usual length is answered', async () => {
    const asked = await served('usual.sock', (path) => askSwitchover(path, { group: 'web' }));
    expect(asked).toMatchObject({ error: { refusal: { code: 'unknown-group', detail: 'web' } } });
  });

  it('that announces too much is refused before any of it has come', async () => {
    const head = [`Content-Length: ${String(REQUEST_LIMIT + 1)}`];
    const status = await served('announced.sock', (path) => answer(path, head));
    expect(status).toBe('HTTP/1.1 413 Payload Too Large');
  });

  it('that announces nothing is refused as soon as it is too long', async () => {
    const length = REQUEST_LIMIT + 1;
    const chunk = `${length.toString(16)}\r\n${'x'.repeat(length)}\r\n`;
    const status = await served('chunked.sock', (path) =>
      answer(path, ['Transfer-Encoding: chunked'], chunk),
    );
    expect(status).toBe('HTTP/1.1 413 Payload Too Large');
  });

  it('that never comes to its end is given up', { timeout: 40_000 }, async () => {
    const status = await served('slow.sock', (path) => answer(path, ['Content-Length: 10'], '{'));
    expect(status).toBe('HTTP/1.1 408 Request Timeout');
  });
});

describe('the servers', () => {
  it('are asked for, and refused with a reason', async () => {
    expect(await served('servers.sock', askServers)).toMatchObject({
      error: { refusal: { code: 'no-proxy' } },
    });
  });

  it.each(['admin', 'weight'] as const)('have something said of their %s', async (aspect) => {
    const wanted = { server: 'web/web1', aspect, value: '5' };
    const refused = await served('server.sock', (path) => askServer(path, wanted));
    expect(asked.at(-1)).toEqual(wanted);
    expect(refused).toMatchObject({ error: { refusal: { detail: 'web/web1' } } });
  });

  it.each([
    ['no object', '[]'],
    ['no JSON', 'drain'],
    ['no server', '{"admin":"drain"}'],
    ['nothing said of it', '{"server":"web/web1"}'],
    ['two things at once', '{"server":"web/web1","admin":"drain","weight":"5"}'],
    ['a number', '{"server":"web/web1","weight":5}'],
    ['something else', '{"server":"web/web1","admin":"drain","colour":"red"}'],
  ])('are not asked in other words: %s', (_what, body) => {
    expect(readServer(body)).toMatchObject({ ok: false, error: { code: 'bad-request' } });
  });
});

describe('orders of the pair', () => {
  it('are given, and their refusal is understood', async () => {
    const refused = await served('orders.sock', (path) => askPause(path, 'on'));
    expect(refused).toMatchObject({ error: { refusal: { code: 'peer-silent', detail: 'on' } } });
    expect(asked.at(-1)).toBe('on');
    const order = { node: 'lb2', state: 'on', successor: 'any' } as const;
    const both = await served('maintenance.sock', (path) => askMaintenance(path, order));
    expect(both).toMatchObject({ error: { refusal: { code: 'both-in-maintenance' } } });
    expect(asked.at(-1)).toEqual(order);
  });

  it.each(['{}', '{"state":"maybe"}', '{"state":true}', '{"pause":"on"}'])(
    'are not given in other words: %s',
    (body) => {
      expect(readPause(body)).toMatchObject({ ok: false, error: { code: 'bad-request' } });
    },
  );
});

it('a switchover is planned, and what is no time is none', async () => {
  const order = { group: 'web', at: Date.UTC(2026, 2, 2), to: undefined };
  const refused = await served('plan.sock', (path) => askPlan(path, order));
  expect(refused).toMatchObject({ error: { refusal: { code: 'not-a-time' } } });
  expect(asked.at(-1)).toEqual(order);
  expect(readPlan('{"at":"soon"}')).toMatchObject({ error: { code: 'bad-request' } });
  expect(readPlan('{"at":7}')).toMatchObject({ error: { code: 'bad-request' } });
  expect(readPlan('')).toEqual({ ok: true, value: {} });
});

it.each(['{}', '{"node":"lb1"}', '{"node":"lb1","state":"on","successor":"me"}', '{"node":1}'])(
  'nor is a node put in maintenance by %s',
  (body) => {
    expect(readMaintenance(body)).toMatchObject({ ok: false, error: { code: 'bad-request' } });
  },
);

/** What a question that no client of ours would ask is answered with. */
function bare(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve) => {
    request({ socketPath, path, agent: false }, (response) => {
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        resolve(`${String(response.statusCode)} ${text}`);
      });
    }).end();
  });
}

describe('what the daemon remembers', () => {
  const nobody = new AbortController().signal;

  it('is asked for by group, number, and what the client knows already', async () => {
    asked.length = 0;
    await served('records.sock', async (path) => {
      const after = { number: 3, epoch: 5 };
      value(await askHistory(path, { group: undefined, limit: 20, node: 'lb2' }));
      value(await askHistory(path, { group: 'a b&c', limit: 1, node: undefined }));
      value(await askEvents(path, { after: undefined, limit: 1000 }, nobody));
      value(await askEvents(path, { after, limit: 200 }, nobody));
      const unknown = await askHistory(path, { group: 'none', limit: 1, node: undefined });
      expect(unknown).toMatchObject({ error: { refusal: { code: 'unknown-group' } } });
      const full = await askEvents(path, { after: { number: 8, epoch: 5 }, limit: 1 }, nobody);
      expect(full).toMatchObject({ error: { refusal: { code: 'too-many-followers' } } });
    });
    expect(asked.slice(0, 4)).toEqual([
      { group: undefined, limit: 20, node: 'lb2' },
      { group: 'a b&c', limit: 1, node: undefined },
      { after: undefined, limit: 1000 },
      { after: { number: 3, epoch: 5 }, limit: 200 },
    ]);
  });

  it.each([
    [HISTORY_PATH, 'limit=0', 'a limit from 1 to 1000'],
    [HISTORY_PATH, 'limit=1001', 'a limit from 1 to 1000'],
    [HISTORY_PATH, 'limit=x', 'a limit from 1 to 1000'],
    [HISTORY_PATH, 'from=1', 'no such parameter: from'],
    [EVENTS_PATH, 'limit=-1', 'a limit from 1 to 1000'],
    [EVENTS_PATH, 'after=1', 'together'],
    [EVENTS_PATH, 'epoch=1', 'together'],
    [EVENTS_PATH, 'after=1&epoch=-1', 'together'],
    [EVENTS_PATH, 'group=web', 'no such parameter: group'],
  ])('%s?%s is refused', async (path, query, why) => {
    const told = await served('bad-query.sock', (socket) => bare(socket, `${path}?${query}`));
    expect(told).toMatch(/^400 .*"bad-request"/u);
    expect(told).toContain(why);
  });

  it('is waited for no longer than the client does', async () => {
    await served('gone.sock', async (path) => {
      const leaving = new AbortController();
      waiting = undefined;
      const after = { number: 7, epoch: 5 };
      const following = askEvents(path, { after, limit: 1 }, leaving.signal);
      const elapse = (ms: number) => sleep(ms);
      await eventually(isWaiting, elapse);
      expect(isWaiting()).toBe(true);
      leaving.abort();
      expect(await following).toMatchObject({ error: { code: 'no-daemon' } });
      await eventually(() => !isWaiting(), elapse);
    });
  });
});

describe('a reload', () => {
  it('is planned, or refused with every problem', async () => {
    await served('reload', async (path) => {
      expect(value(await askReload(path, 'planned'))).toEqual({
        ...{ node: 'lb1', outcome: 'planned', changes: [] },
      });
      expect(await askReload(path, 'applied')).toMatchObject({
        error: { code: 'refused', refusal: { problems: ['vipair.yaml:1: nothing'] } },
      });
      const body = '{"mode":"perhaps"}';
      const head = ['POST /v1/reload HTTP/1.1', `Content-Length: ${String(body.length)}`];
      expect(await answer(path, head, body)).toContain('400');
    });
  });

  it('drills: what is asked of a hand, and what the hands of both nodes are', async () => {
    const order = { id: 'a', drill: 'd', by: 'lb1', faults: [], lastsMs: 1, armedForMs: 1 };
    await served('drill.sock', async (path) => {
      expect(value(await askDrillArm(path, 'lb2', order))).toMatchObject({ problem: 'silent' });
      value(await askDrillFire(path, 'lb2', 'a'));
      expect(code(await askDrillUndo(path, 'lb9', 'a'))).toBe('refused');
      expect(value(await askDrillState(path))).toMatchObject({ node: 'lb1', problem: 'silent' });
      expect(code(await askDrillFire(path, 'lb2', ''))).toBe('refused');
      expect(asked.slice(-3)).toEqual([
        { do: 'arm', node: 'lb2', order },
        { do: 'fire', node: 'lb2', id: 'a' },
        { do: 'undo', node: 'lb9', id: 'a' },
      ]);
    });
  });
});
