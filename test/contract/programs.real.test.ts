/** Real programs, HAProxy above all, against the contracts, and what only they can show. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import { HaproxyHost } from '../../src/os/haproxy-host.js';
import { foreignHaproxyProcesses, haproxyProcesses } from '../../src/os/haproxy-processes.js';
import { SystemProcessHost } from '../../src/os/process-host.js';
import { code, eventually, value } from './expected.js';
import { processHostContract } from './process-host.contract.js';
import type { ProxyHostSetup } from './proxy-host.contract.js';
import { connected, proxyHostContract } from './proxy-host.contract.js';
import { mayMakeNetworks } from './throw-away-network.js';

const processes = new SystemProcessHost();
const directory = mkdtempSync(join(tmpdir(), 'vipair-ct-'));
const logFile = join(directory, 'launched.log');
const installed = await processes.run('haproxy', ['-v'], { within: millis(5_000) });

async function elapse(ms: number): Promise<void> {
  await sleep(ms);
}

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

processHostContract('SystemProcessHost', () => ({
  processes,
  logFile,
  readLog: () => readFileSync(logFile, 'utf8'),
  elapse,
}));

describe.skipIf(!installed.ok)('with HAProxy', () => {
  let port = 0;
  const runtime = join(directory, 'run');
  const overlay = join(runtime, 'haproxy-vipair.cfg');

  beforeAll(async () => {
    port = await freePort();
    writeFileSync(join(directory, 'right.cfg'), configuration(port));
    writeFileSync(join(directory, 'other.cfg'), configuration(await freePort()));
    writeFileSync(join(directory, 'wrong.cfg'), 'frontend f\n  no-such-word\n');
  });

  const host = (config: string): HaproxyHost =>
    new HaproxyHost(
      { program: 'haproxy', config: join(directory, config), directory: runtime, nodeName: 'lb1' },
      processes,
    );
  const setUp = (): ProxyHostSetup => ({
    proxy: host('right.cfg'),
    broken: host('wrong.cfg'),
    reload: (pid) => {
      process.kill(pid, 'SIGUSR2');
    },
    elapse,
  });

  afterEach(async () => {
    await setUp().proxy.kill();
  });

  proxyHostContract('HaproxyHost', setUp);

  describe('another HAProxy', () => {
    const config = join(directory, 'right.cfg');

    /** Runs it as a distribution's service does, with the words of `through` before its command. */
    async function beside<T>(through: readonly string[], then: (pid: number) => T): Promise<T> {
      const command = [...through, 'haproxy', '-Ws', '-f', 'right.cfg'];
      const other = spawn('env', command, {
        cwd: directory,
        detached: true,
        stdio: 'ignore',
        env: { ...process.env, VIPAIR_NODE: 'lb1' },
      });
      const pid = other.pid ?? 0;
      await eventually(() => commandOf(pid).startsWith('haproxy\0'), elapse);
      try {
        return await then(pid);
      } finally {
        process.kill(-pid, 'SIGKILL');
        await once(other, 'exit');
        await eventually(() => !haproxyRuns(config), elapse);
      }
    }

    const haproxyRuns = (path: string): boolean =>
      foreignHaproxyProcesses({ program: 'haproxy', config: path, overlay }).length > 0;

    it('that serves the same configuration is named, and nothing is started', async () => {
      await beside([], async (pid) => {
        const { proxy } = setUp();
        const refused = await proxy.check();
        expect(code(refused)).toBe('not-started');
        const detail = refused.ok ? '' : refused.error.detail;
        expect(detail).toContain(`another HAProxy, pid ${String(pid)}, serves this configuration`);
        expect(code(await proxy.start(() => undefined))).toBe('not-started');
        value(await host('other.cfg').check());
      });
      value(await setUp().proxy.check());
    });

    it.skipIf(!mayMakeNetworks)('is let be in another network namespace', async () => {
      await beside(['unshare', '--net'], async () => {
        value(await setUp().proxy.check());
      });
    });

    it('is not our own, nor a program that merely reads the file', async () => {
      const { pid } = value(await setUp().proxy.start(() => undefined));
      expect(haproxyProcesses(overlay)).toContain(pid);
      expect(haproxyRuns(config)).toBe(false);
      const pager = spawn('tail', ['-f', config], { stdio: 'ignore' });
      await eventually(() => commandOf(pager.pid ?? 0).startsWith('tail\0'), elapse);
      expect(haproxyRuns(config)).toBe(false);
      pager.kill();
    });
  });

  describe('processes', () => {
    /** Starts it, and tells its master and worker. */
    async function started(ended: () => void): Promise<{ master: number; worker: number }> {
      const setup = setUp();
      const { pid } = value(await setup.proxy.start(() => undefined));
      await connected(setup, ended);
      const worker = haproxyProcesses(overlay).find((each) => each !== pid);
      return { master: pid, worker: worker ?? 0 };
    }

    it('lets the configuration name the node', async () => {
      await started(() => undefined);
      const answer = await fetch(`http://127.0.0.1:${String(port)}/`);
      expect(await answer.text()).toBe('lb1');
    });

    it.each(['worker', 'master'] as const)('the %s killed ends the connection', async (which) => {
      let endedAt = 0;
      const pids = await started(() => (endedAt = performance.now()));
      const killedAt = performance.now();
      process.kill(pids[which], 'SIGKILL');
      await eventually(() => endedAt > 0, elapse);
      expect(endedAt - killedAt).toBeLessThan(200);
      await eventually(() => haproxyProcesses(overlay).length === 0, elapse);
    });

    it('a frozen worker is silent, and is killed although its master is dead', async () => {
      let deaths = 0;
      const { master, worker } = await started(() => (deaths += 1));
      process.kill(worker, 'SIGSTOP');
      // Each of its threads stops when it is scheduled next.
      await eventually(() => stateOf(worker) === 'T', elapse);
      expect(code(await setUp().proxy.connect(() => undefined))).toBe('no-answer');
      process.kill(master, 'SIGKILL');
      await elapse(100);
      expect(haproxyProcesses(overlay)).toEqual([worker]);
      expect(deaths).toBe(0);
      await setUp().proxy.kill();
      expect(haproxyProcesses(overlay)).toEqual([]);
      await eventually(() => deaths === 1, elapse);
    });

    it('a stranger that has the pid of the pid file is left alone', async () => {
      await setUp().proxy.check();
      writeFileSync(join(runtime, 'haproxy.pid'), `${String(process.pid)}\n`);
      expect(code(await setUp().proxy.connect(() => undefined))).toBe('not-running');
      await setUp().proxy.kill();
    });
  });

  it('says when the program is missing', async () => {
    const options = { config: 'x', directory: runtime, nodeName: 'lb1' };
    const missing = new HaproxyHost({ ...options, program: 'no-such-haproxy' }, processes);
    expect(code(await missing.check())).toBe('no-program');
    expect(code(await missing.start(() => undefined))).toBe('no-program');
  });
});

/** What Debian ships, above all `daemon` and a short `stats timeout`. */
function configuration(port: number): string {
  return `global
  daemon
  stats timeout 30s
defaults
  mode http
  timeout connect 5s
  timeout client 50s
  timeout server 50s
frontend f
  bind 127.0.0.1:${String(port)}
  http-request return status 200 content-type text/plain lf-string "%[env(VIPAIR_NODE)]"
backend web
  balance roundrobin
  server web1 127.0.0.1:9 weight 10
  server web2 127.0.0.1:9 weight 10
  server spare 127.0.0.1:9 disabled
`;
}

/** The arguments, each with a zero after it. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Of all threads: the third field of their `stat`, after a name that has no parenthesis. */
function stateOf(pid: number): string {
  const tasks = `/proc/${String(pid)}/task`;
  const states = readdirSync(tasks).map(
    (task) => readFileSync(join(tasks, task, 'stat'), 'utf8').split(') ')[1]?.[0] ?? '',
  );
  return [...new Set(states)].join('');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
