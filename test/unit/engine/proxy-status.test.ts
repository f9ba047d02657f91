import { expect, it } from 'vitest';
import { instant } from '../../../src/base/time.js';
import type { ProxyState } from '../../../src/core/proxy-state.js';
import { proxyStatus } from '../../../src/engine/proxy-status.js';
import type { ProxyStatus } from '../../../src/telemetry/status.js';

const NOW = instant(100_000);
const deaths = [instant(1), instant(2)];

it.each<[ProxyState, ProxyStatus | undefined]>([
  [{ name: 'none' }, undefined],
  [
    { name: 'checking', deaths: [] },
    { state: 'checking', pid: undefined, cause: undefined, recentDeaths: 0 },
  ],
  [
    { name: 'serving', deaths, pid: 7, since: NOW, probe: { kind: 'due', at: NOW } },
    { state: 'serving', pid: 7, cause: undefined, recentDeaths: 2 },
  ],
  [
    { name: 'ending', deaths, cause: 'signal 11', then: 'wait' },
    { state: 'ending', pid: undefined, cause: 'signal 11', recentDeaths: 2 },
  ],
  [
    { name: 'waiting', deaths, cause: 'signal 11', retryAt: NOW },
    { state: 'waiting', pid: undefined, cause: 'signal 11', recentDeaths: 2 },
  ],
])('the account of a proxy: %j', (state, expected) => {
  expect(proxyStatus(state)).toEqual(expected);
});
