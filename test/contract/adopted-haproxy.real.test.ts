/** A HAProxy that runs as Debian's unit runs it, adopted: found, followed over reloads and restarts, and left alone. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdoptedHaproxy } from '../../src/os/adopted-haproxy.js';
import { SystemProcessHost } from '../../src/os/process-host.js';
import type { ProxySession } from '../../src/ports/proxy-host.js';
import { readProcessInfo } from '../../src/wire/haproxy/process-info.js';
import { code, value } from './expected.js';

const STATS_TIMEOUT_MS = 500;
const PATIENCE_MS = 10_000;
const MASTER_HEEDS_MS = 300;

describe('an adopted HAProxy', () => {
  let directory: string;
  let haproxy: ChildProcess | undefined;
  let ends: number;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'vipair-adopt-'));
    ends = 0;
    writeFileSync(
      join(directory, 'haproxy.cfg'),
      [
        'global',
        '  chroot /var/lib/haproxy',
        '  user haproxy',
        '  group haproxy',
        '  daemon',
        `  stats socket ${directory}/admin.sock mode 660 level admin`,
        `  stats timeout ${String(STATS_TIMEOUT_MS)}ms`,
        'defaults',
        '  mode http',
        '  timeout client 10s',
        '  timeout server 10s',
        '  timeout connect 1s',
        'frontend web',
        `  bind unix@${directory}/web.sock`,
        '',
      ].join('\n'),
    );
  });

  afterEach(async () => {
    await end();
    rmSync(directory, { recursive: true, force: true });
  });

  const host = (): AdoptedHaproxy =>
    new AdoptedHaproxy(
      {
        runtimeSocket: join(directory, 'admin.sock'),
        program: 'haproxy',
        config: join(directory, 'haproxy.cfg'),
      },
      new SystemProcessHost(),
    );

  function start(...mode: readonly string[]): number {
    const words = ['-f', join(directory, 'haproxy.cfg'), '-p', join(directory, 'pid')];
    haproxy = spawn('haproxy', [...mode, ...words], { stdio: 'ignore' });
    return haproxy.pid ?? 0;
  }

  async function end(): Promise<void> {
    const running = haproxy;
    haproxy = undefined;
    if (running?.exitCode === null && running.signalCode === null) {
      const ended = new Promise((resolve) => running.once('exit', resolve));
      running.kill('SIGTERM');
      await ended;
    }
  }

  async function eventually<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const answer = await ask();
      if (answer !== undefined) {
        return answer;
      }
      expect(performance.now()).toBeLessThan(until);
      await sleep(20);
    }
  }

  function adopted(): Promise<ProxySession> {
    return eventually(async () => {
      const session = await host().connect(() => (ends += 1));
      return session.ok ? session.value : undefined;
    });
  }

  async function workerOf(session: ProxySession): Promise<number | undefined> {
    const said = await session.ask('show info');
    return said.ok ? readProcessInfo(said.value).worker : undefined;
  }

  it('is not there: the path is named', async () => {
    const refused = await host().connect(() => undefined);
    expect(code(refused)).toBe('not-running');
    expect(refused.ok ? '' : refused.error.detail).toContain(join(directory, 'admin.sock'));
  });

  it('is known by its master, and its own time limit does not end the conversation', async () => {
    const master = start('-Ws');
    const session = await adopted();
    expect(session.pid).toBe(master);
    await sleep(3 * STATS_TIMEOUT_MS);
    expect(await workerOf(session)).toBeGreaterThan(master);
    expect(ends).toBe(0);
    session.close();
  });

  it('without master-worker mode is the process itself', async () => {
    const pid = start('-db');
    const session = await adopted();
    expect(session.pid).toBe(pid);
    session.close();
  });

  it('when it was reloaded has the same master and another worker', async () => {
    const master = start('-Ws');
    const former = await adopted();
    const worker = await workerOf(former);
    // A master that has just forked its first worker may not heed it yet.
    await sleep(MASTER_HEEDS_MS);
    process.kill(master, 'SIGUSR2');
    const successor = await eventually(async () => {
      const next = await adopted();
      if ((await workerOf(next)) !== worker) {
        return next;
      }
      next.close();
      return undefined;
    });
    expect(successor.pid).toBe(master);
    former.close();
    successor.close();
  });

  it('reloaded by us has the same master and another worker, and with a wrong file the same worker', async () => {
    const master = start('-Ws', '-S', join(directory, 'master.sock'));
    const former = await adopted();
    const worker = await workerOf(former);
    value(await host().reload());
    const next = await adopted();
    const successor = await workerOf(next);
    expect(next.pid).toBe(master);
    expect(successor).not.toBe(worker);
    appendFileSync(join(directory, 'haproxy.cfg'), '  bind 192.0.2.1:80\n');
    // Valid, and there is no such address to be bound.
    const refused = await host().reload();
    expect(code(refused)).toBe('reload-failed');
    appendFileSync(join(directory, 'haproxy.cfg'), '  nonsense\n');
    const invalid = await host().reload();
    expect(code(invalid)).toBe('invalid-configuration');
    expect(invalid.ok ? '' : invalid.error.detail).toContain('nonsense');
    expect(await workerOf(next)).toBe(successor);
    former.close();
    next.close();
  });

  it('without a master is not reloaded: the signal would end it', async () => {
    start('-db');
    const session = await adopted();
    expect(code(await host().reload())).toBe('reload-failed');
    expect(await workerOf(session)).toBe(session.pid);
    session.close();
  });

  it('when it was restarted has ended, and has another master', async () => {
    const former = start('-Ws');
    await adopted();
    await end();
    await eventually(() => (ends > 0 ? true : undefined));
    const master = start('-Ws');
    const session = await adopted();
    expect([ends, session.pid]).toEqual([1, master]);
    expect(master).not.toBe(former);
    session.close();
  });

  it('is neither started nor ended', async () => {
    const master = start('-Ws');
    const session = await adopted();
    value(await host().check());
    expect(code(await host().start())).toBe('not-started');
    await host().kill();
    expect(await workerOf(session)).toBeGreaterThan(master);
    session.close();
  });
});
