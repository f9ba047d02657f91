import { expect, it } from 'vitest';
import { done, fail } from '../../../src/base/result.js';
import { wallTime } from '../../../src/base/time.js';
import type { ProxyHost } from '../../../src/ports/proxy-host.js';
import { LastReload } from '../../../src/proxy/last-reload.js';

it('a reload that failed is remembered until one does not, and all else is passed on', async () => {
  const detail = `[NOTICE] (1) : version 2.6\n[ALERT] a port is taken\n\n[ALERT] ${'x'.repeat(600)}`;
  const refusal = { code: 'reload-failed', detail } as const;
  let reload: Awaited<ReturnType<ProxyHost['reload']>> = fail(refusal);
  const did: string[] = [];
  const proxy = new LastReload(
    {
      check: () => Promise.resolve(done),
      start: () => Promise.resolve(fail(refusal)),
      connect: () => Promise.resolve(fail(refusal)),
      reload: () => Promise.resolve(reload),
      kill: () => {
        did.push('kill');
        return Promise.resolve();
      },
    },
    { wallTime: () => wallTime(7) },
  );
  expect(proxy.failed).toBeUndefined();
  const noted = proxy.noted();
  expect(await noted.reload()).toEqual(reload);
  expect(proxy.failed?.at).toBe(7);
  expect(proxy.failed?.why).toHaveLength(500);
  expect(proxy.failed?.why).toMatch(/^\[ALERT\] a port is taken; \[ALERT\] x+$/u);
  reload = done;
  await noted.reload();
  expect(proxy.failed).toBeUndefined();
  expect(await noted.check()).toEqual(done);
  expect((await noted.start(() => undefined)).ok).toBe(false);
  expect((await noted.connect(() => undefined)).ok).toBe(false);
  await noted.kill();
  expect(did).toEqual(['kill']);
});
