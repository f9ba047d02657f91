/** Workers of a real HAProxy that a reload has replaced. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import { HaproxyHost, RUNTIME_SOCKET } from '../../src/os/haproxy-host.js';
import { haproxyProcesses } from '../../src/os/haproxy-processes.js';
import { HaproxyWorkers } from '../../src/os/haproxy-workers.js';
import { SystemProcessHost } from '../../src/os/process-host.js';
import { eventually, value } from './expected.js';

const processes = new SystemProcessHost();
const installed = await processes.run('haproxy', ['-v'], { within: millis(5_000) });

describe.skipIf(!installed.ok)('former workers of HAProxy', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vipair-fw-'));
  const overlay = join(directory, 'haproxy-vipair.cfg');
  const config = join(directory, 'haproxy.cfg');
  const host = new HaproxyHost(
    { program: 'haproxy', config, directory, nodeName: 'lb1' },
    processes,
  );
  const workers = new HaproxyWorkers(join(directory, RUNTIME_SOCKET));
  const open: Socket[] = [];
  let server: Server;
  let port = 0;

  beforeAll(async () => {
    server = createServer();
    const behind = await listening(server);
    const free = createServer();
    port = await listening(free);
    free.close();
    writeFileSync(
      config,
      `defaults
  mode tcp
  timeout connect 1s
  timeout client 1m
  timeout server 1m
frontend f
  bind 127.0.0.1:${String(port)}
  default_backend b
backend b
  server s 127.0.0.1:${String(behind)}
`,
    );
    value(await host.start(() => undefined));
    await eventually(async () => (await workers.look()).ok, sleep);
  });

  afterAll(async () => {
    open.forEach((each) => each.destroy());
    server.close();
    await host.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  const client = async (): Promise<void> => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    open.push(socket);
    await eventually(() => !socket.connecting, sleep);
  };
  const formerOnes = async (): Promise<readonly number[]> => {
    const seen = await workers.look();
    return seen.ok ? seen.value.former.map(({ pid }) => pid) : [];
  };

  it('are none before a reload', async () => {
    const seen = value(await workers.look());
    expect(seen).toMatchObject({ former: [], failedReloads: 0 });
    expect(seen.current).toHaveLength(1);
  });

  /** Reloads it while a client has connections; resolves with the worker that serves them. */
  async function replacedWith(clients: number): Promise<number> {
    const [{ pid } = { pid: 0 }] = value(await workers.look()).current;
    for (let count = 0; count < clients; count += 1) {
      await client();
    }
    await eventually(async () => (await workers.connections(pid)) === clients, sleep);
    value(await host.reload());
    await eventually(async () => (await formerOnes()).includes(pid), sleep);
    return pid;
  }

  const isGone = async (pid: number): Promise<boolean> => {
    const seen = await workers.look();
    return seen.ok && !seen.value.former.some((each) => each.pid === pid);
  };

  it('are seen with the connections that keep them, and end when they are told to', async () => {
    const pid = await replacedWith(2);
    expect(haproxyProcesses(overlay)).toContain(pid);
    expect(await workers.connections(pid)).toBe(2);
    await workers.end(process.pid, 'stop');
    await workers.end(pid, 'stop');
    await eventually(() => isGone(pid), sleep);
    expect(haproxyProcesses(overlay)).not.toContain(pid);
  });

  it('one that is stuck is killed, and the one that serves goes on', async () => {
    const pid = await replacedWith(1);
    process.kill(pid, 'SIGSTOP');
    await eventually(
      () => /^State:\tT/mu.test(readFileSync(`/proc/${String(pid)}/status`, 'utf8')),
      sleep,
    );
    await workers.end(pid, 'stop');
    await sleep(100);
    expect(haproxyProcesses(overlay)).toContain(pid);
    await workers.end(pid, 'kill');
    await eventually(() => isGone(pid), sleep);
    expect(value(await workers.look()).current).toHaveLength(1);
  });

  it('of one that is not there nothing is known', async () => {
    const nobody = new HaproxyWorkers(join(directory, 'none.sock'));
    expect((await nobody.look()).ok).toBe(false);
    expect(await nobody.connections(1)).toBeUndefined();
    await nobody.end(process.pid, 'kill');
  });
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}
