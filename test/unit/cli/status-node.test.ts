import { describe, expect, it } from 'vitest';
import { proxyLine } from '../../../src/cli/status/node.js';
import { lasting } from '../../../src/cli/status/time.js';
import type { ProxyStatus } from '../../../src/telemetry/status.js';

const SERVING: ProxyStatus = { state: 'serving', pid: 7, cause: undefined, recentDeaths: 0 };
const FORMER = { workers: [], problem: undefined, failedReloads: 0 };

// Without a terminal there are no colours.
describe('what the status says of the proxy', () => {
  it.each<[string, ProxyStatus | undefined, string]>([
    ['none', undefined, 'proxy: none configured'],
    ['one that serves', { ...SERVING, former: FORMER }, 'proxy: serving, pid 7'],
    [
      'one with former workers',
      {
        ...SERVING,
        former: {
          ...FORMER,
          workers: [
            { pid: 1, ageMs: 7_500_000, connections: 3 },
            { pid: 2, ageMs: 1000, connections: 4 },
          ],
        },
      },
      'proxy: serving, pid 7\n  former workers: 2, the oldest for 2 h 5 min, 7 open connections',
    ],
    [
      'one of which some do not say',
      {
        ...SERVING,
        former: {
          ...FORMER,
          workers: [
            { pid: 1, ageMs: 45_000, connections: undefined },
            { pid: 2, ageMs: 1000, connections: 4 },
          ],
        },
      },
      'proxy: serving, pid 7\n  former workers: 2, the oldest for 45 s, 4 open connections, as far as 1 say',
    ],
    [
      'one without a master',
      { ...SERVING, former: { ...FORMER, problem: 'it has no master' } },
      'proxy: serving, pid 7\n  former workers: not known: it has no master',
    ],
    [
      'one that does not serve',
      {
        ...{ state: 'waiting', pid: undefined, cause: 'refused', recentDeaths: 1 },
        former: { ...FORMER, problem: 'ENOENT' },
      },
      'proxy: waiting, refused',
    ],
    [
      'one whose reloads fail',
      {
        ...SERVING,
        former: { ...FORMER, failedReloads: 2 },
        failedReload: { at: Date.parse('2026-03-02T04:11:07.214Z'), why: 'a port is taken' },
      },
      "proxy: serving, pid 7\n  the last reload failed, at 2026-03-02 04:11:07.214: a port is taken\n  HAProxy's master: 2 reloads in a row have failed, its log says why",
    ],
  ])('%s', (_what, proxy, text) => {
    expect(proxyLine(proxy)).toBe(text);
  });

  it.each([
    [999, '0 s'],
    [60_000, '1 min'],
    [86_399_999, '23 h 59 min'],
    [180_000_000, '2 d 2 h'],
  ])('%d ms last %s', (ms, text) => {
    expect(lasting(ms)).toBe(text);
  });
});
