import { describe, expect, it } from 'vitest';
import { Reloads } from '../../../src/os/haproxy-reload.js';

describe('reloads of one HAProxy', () => {
  it('begin when the one before has ended, however it ended', async () => {
    const reloads = new Reloads();
    const log: string[] = [];
    const ends: (() => void)[] = [];
    const reload = (name: string) => () =>
      new Promise<void>((resolve) => {
        log.push(`${name} begins`);
        ends.push(() => {
          log.push(`${name} ends`);
          resolve();
        });
      });
    const broken = reloads.inTurn(() => Promise.reject(new Error('broken')));
    const first = reloads.inTurn(reload('first'));
    const second = reloads.inTurn(reload('second'));
    await expect(broken).rejects.toThrow('broken');
    await Promise.resolve();
    expect(log).toEqual(['first begins']);
    ends.shift()?.();
    await first;
    await Promise.resolve();
    expect(log).toEqual(['first begins', 'first ends', 'second begins']);
    ends.shift()?.();
    await second;
    expect(log.at(-1)).toBe('second ends');
  });
});
