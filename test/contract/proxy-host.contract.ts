/** What every ProxyHost does, HAProxy's and the simulation's. */
import { describe, expect, it } from 'vitest';
import type { ProxyHost, ProxySession } from '../../src/ports/proxy-host.js';
import { readLoads, SHOW_SERVERS } from '../../src/proxy/show-stat.js';
import type { ProcessInfo } from '../../src/wire/haproxy/process-info.js';
import { readProcessInfo } from '../../src/wire/haproxy/process-info.js';
import { readServersState } from '../../src/wire/haproxy/servers-state.js';
import { code, eventually, value } from './expected.js';

export interface ProxyHostSetup {
  /** A proxy that does not run; its configuration is right. */
  readonly proxy: ProxyHost;
  /** One whose configuration is wrong. */
  readonly broken: ProxyHost;
  /** Has the proxy of this master read its configuration anew, as a service manager does. */
  readonly reload: (pid: number) => void;
  readonly elapse: (ms: number) => Promise<void>;
}

/** Connects as soon as the proxy serves. */
export async function connected(setup: ProxyHostSetup, ended: () => void): Promise<ProxySession> {
  for (;;) {
    const session = await setup.proxy.connect(ended);
    if (session.ok) {
      return session.value;
    }
    await setup.elapse(20);
  }
}

export function proxyHostContract(name: string, setUp: () => ProxyHostSetup): void {
  describe(`${name} as a proxy host`, () => {
    it('checks the configuration', async () => {
      const setup = setUp();
      value(await setup.proxy.check());
      const refused = await setup.broken.check();
      expect(code(refused)).toBe('invalid-configuration');
      expect(refused.ok ? '' : refused.error.detail).not.toBe('');
    });

    it('has nobody to connect to before it is started', async () => {
      expect(code(await setUp().proxy.connect(() => undefined))).toBe('not-running');
    });

    it('starts, answers, and tells of its death once', async () => {
      const setup = setUp();
      let [deaths, exits] = [0, 0];
      const { pid } = value(await setup.proxy.start(() => (exits += 1)));
      const session = await connected(setup, () => (deaths += 1));
      expect(session.pid).toBe(pid);
      const [info, version] = await Promise.all([
        session.ask('show info'),
        session.ask('show version'),
      ]);
      expect(value(info)).toMatch(/^Name: HAProxy\n/u);
      expect(value(version)).toMatch(/^\d/u);
      await setup.proxy.kill();
      await eventually(() => deaths > 0 && exits > 0, setup.elapse);
      await setup.proxy.kill();
      expect([deaths, exits]).toEqual([1, 1]);
      expect(code(await session.ask('show info'))).toBe('no-answer');
      expect(code(await setup.proxy.connect(() => undefined))).toBe('not-running');
    });

    it('tells how its servers are used, does as it is told, and says why where it does not', async () => {
      const setup = setUp();
      value(await setup.proxy.start(() => undefined));
      const session = await connected(setup, () => undefined);
      const usage = async (): Promise<readonly string[]> => {
        const servers = value(readServersState(value(await session.ask('show servers state'))));
        return servers
          .filter(({ name }) => name.startsWith('web/'))
          .map(({ name, forced, configured, weight, configuredWeight }) =>
            [name, forced, configured, weight, configuredWeight].join(' '),
          );
      };
      const configured = [
        'web/web1 ready enabled 10 10',
        'web/web2 ready enabled 10 10',
        'web/spare maint disabled 1 1',
      ];
      expect(await usage()).toEqual(configured);
      for (const command of [
        'set server web/web1 state maint',
        'set server web/web1 state drain',
        'set weight web/web2 25%',
        'set server web/spare state ready',
        'set weight web/spare 256',
      ]) {
        expect(value(await session.ask(command)).trim()).toBe('');
      }
      expect(await usage()).toEqual([
        'web/web1 drain enabled 10 10',
        'web/web2 ready enabled 2 10',
        'web/spare ready disabled 256 1',
      ]);
      for (const command of [
        'set server web/none state ready',
        'set server web/web1 state half',
        'set weight web/web1 257',
      ]) {
        expect(value(await session.ask(command)).trim()).not.toBe('');
      }
      session.close();
      await setup.proxy.kill();
      value(await setup.proxy.start(() => undefined));
      const next = await connected(setup, () => undefined);
      const again = value(readServersState(value(await next.ask('show servers state'))));
      expect(again.find(({ name }) => name === 'web/web1')?.forced).toBe('ready');
      await setup.proxy.kill();
    });

    it('adds servers and deletes them again, and says why where it does not', async () => {
      const setup = setUp();
      value(await setup.proxy.start(() => undefined));
      const session = await connected(setup, () => undefined);
      const say = async (command: string): Promise<string> =>
        value(await session.ask(command)).trim();
      const seen = async (): Promise<string> => {
        const servers = value(readServersState(value(await session.ask('show servers state'))));
        return servers
          .filter(({ name }) => name === 'web/added')
          .map(({ id, forced, checks, weight }) => [id, forced, checks, weight].join(' '))
          .join();
      };
      const add = 'add server web/added 127.0.0.1:9 weight 7 check id 1000000001';
      expect(await say(add)).toBe('New server registered.');
      expect(await seen()).toBe('1000000001 maint off 7');
      // HAProxy looks at the number first, and then at the name.
      expect(await say(add)).toMatch(/already used|^Already exists/u);
      expect(await say('add server none/added 127.0.0.1:9')).toBe('No such backend.');
      expect(await say('enable health web/added')).toBe('');
      expect(await say('set server web/added state ready')).toBe('');
      expect(await seen()).toBe('1000000001 ready on 7');
      expect(await say('del server web/added')).toMatch(/^Only servers in maintenance mode/u);
      const loads = value(readLoads(value(await session.ask(SHOW_SERVERS))));
      expect(loads).toContainEqual(expect.objectContaining({ name: 'web/added', sessions: 0 }));
      expect(await say('shutdown sessions server web/added')).toBe('');
      expect(await say('set server web/added state maint')).toBe('');
      expect(await say('del server web/added')).toBe('Server deleted.');
      expect(await say('del server web/added')).toBe('No such server.');
      expect(await seen()).toBe('');
      session.close();
      await setup.proxy.kill();
    });

    it('reloaded: the former worker says that it ends, and the next connection is with another of that master', async () => {
      const setup = setUp();
      const { pid } = value(await setup.proxy.start(() => undefined));
      let deaths = 0;
      const former = await connected(setup, () => (deaths += 1));
      const info = async (session: ProxySession): Promise<ProcessInfo> =>
        readProcessInfo(value(await session.ask('show info')));
      const { worker, phase } = await info(former);
      expect([worker, phase]).toEqual([expect.any(Number), 'serving']);
      value(await former.ask('set server web/web1 state drain'));
      // A master that has just forked its first worker may not heed it yet.
      await setup.elapse(500);
      setup.reload(pid);
      await eventually(async () => (await info(former)).phase === 'ending', setup.elapse);
      const next = await connected(setup, () => undefined);
      expect(next.pid).toBe(pid);
      expect(await info(next)).toMatchObject({ phase: 'serving' });
      expect((await info(next)).worker).not.toBe(worker);
      const servers = value(readServersState(value(await next.ask('show servers state'))));
      expect(servers.find(({ name }) => name === 'web/web1')?.forced).toBe('ready');
      expect(deaths).toBe(0);
      await setup.proxy.kill();
    });

    it('reloads: when that is done, another worker of that master serves', async () => {
      const setup = setUp();
      expect(code(await setup.proxy.reload())).toBe('not-running');
      const { pid } = value(await setup.proxy.start(() => undefined));
      const worker = async (session: ProxySession): Promise<number | undefined> =>
        readProcessInfo(value(await session.ask('show info'))).worker;
      const former = await connected(setup, () => undefined);
      value(await setup.proxy.reload());
      const next = await connected(setup, () => undefined);
      expect(next.pid).toBe(pid);
      expect(await worker(next)).not.toBe(await worker(former));
      expect(code(await setup.broken.reload())).toBe('invalid-configuration');
      expect(await worker(await connected(setup, () => undefined))).toBe(await worker(next));
      await setup.proxy.kill();
    });

    it('does not tell of a connection that was closed on purpose', async () => {
      const setup = setUp();
      let deaths = 0;
      value(await setup.proxy.start(() => undefined));
      const session = await connected(setup, () => (deaths += 1));
      session.close();
      session.close();
      await setup.elapse(50);
      expect(deaths).toBe(0);
      (await connected(setup, () => undefined)).close();
      await setup.proxy.kill();
    });
  });
}
