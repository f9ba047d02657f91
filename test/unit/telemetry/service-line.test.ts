import { describe, expect, it } from 'vitest';
import type { ServiceFacts } from '../../../src/telemetry/service-line.js';
import { serviceLine } from '../../../src/telemetry/service-line.js';

const BARE: ServiceFacts = { node: 'lb1', groups: [], proxy: undefined, pair: undefined };
const PROXY = { state: 'serving', pid: 7, cause: undefined, recentDeaths: 0 };
const PAIR = {
  peer: 'lb2',
  state: 'down',
  path: undefined,
  protocol: undefined,
  release: undefined,
  problem: undefined,
  refused: 0,
} as const;

describe('the line for a service manager', () => {
  it('names groups by what the node is to them, then the proxy, then the channel', () => {
    const groups = [
      { name: 'api', role: 'backup' },
      { name: 'web', role: 'master' },
      { name: 'mail', role: 'master' },
    ] as const;
    expect(serviceLine({ ...BARE, groups, proxy: PROXY, pair: PAIR })).toBe(
      'lb1: master: web, mail; backup: api; HAProxy serving; channel to lb2 down',
    );
  });

  it('says nothing of what is not configured', () => {
    expect(serviceLine({ ...BARE, groups: [{ name: 'web', role: 'fault' }] })).toBe(
      'lb1: fault: web',
    );
  });
});
