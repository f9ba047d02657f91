import { describe, expect, it } from 'vitest';
import { ProxyReloader } from '../../../src/proxy/proxy-reloader.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import { FakeProxy } from '../engine/fake-proxy.js';
import { HandClock } from '../engine/fakes.js';

function reloader() {
  const proxy = new FakeProxy();
  const clock = new HandClock();
  const told: LogEvent[] = [];
  const log = { tell: (event: LogEvent) => void told.push(event) };
  return { clock, told, proxy, reloader: new ProxyReloader('lb1', { clock, log, proxy }) };
}

describe('reloads that are asked for', () => {
  it('without a proxy there is none', async () => {
    const clock = new HandClock();
    const bare = new ProxyReloader('lb1', {
      clock,
      log: { tell: () => undefined },
      proxy: undefined,
    });
    expect(await bare.reload()).toMatchObject({ ok: false, error: { code: 'no-proxy' } });
  });

  it('a storm is two reloads, and everybody is answered', async () => {
    const { clock, proxy, reloader: all } = reloader();
    const first = all.reload();
    const others = Array.from({ length: 500 }, () => all.reload());
    expect(await first).toMatchObject({ ok: true, value: { node: 'lb1', asked: 1 } });
    clock.ringNext();
    const answers = await Promise.all(others);
    expect(answers.every((each) => each.ok && each.value.asked === 500)).toBe(true);
    expect(proxy.calls).toEqual(['reload', 'reload']);
  });

  it('one that fails is told, and the next one is tried', async () => {
    const { clock, proxy, told, reloader: all } = reloader();
    proxy.refuse('reload', 'reload-failed');
    expect(await all.reload()).toMatchObject({
      ok: false,
      error: { code: 'not-reloaded', detail: 'reload-failed: no reload' },
    });
    expect(told).toEqual([
      { event: 'proxy.reload-failed', code: 'reload-failed', detail: 'no reload' },
    ]);
    proxy.refusing.clear();
    const next = all.reload();
    clock.ringNext();
    expect(await next).toMatchObject({ ok: true });
  });
});
