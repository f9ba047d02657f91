import { describe, expect, it } from 'vitest';
import { done } from '../../../src/base/result.js';
import { instant, later, millis } from '../../../src/base/time.js';
import type { GroupState } from '../../../src/core/group-state.js';
import { unstarted } from '../../../src/core/group-state.js';
import type { ProxyState } from '../../../src/core/proxy-state.js';
import { GroupRunner } from '../../../src/engine/group-runner.js';
import { groupStatus, proxyStatus } from '../../../src/engine/status.js';
import type { ProxyStatus } from '../../../src/telemetry/status.js';
import { FakeMachine, PEER, PLAN } from './fakes.js';

const NOW = instant(100_000);
const FOLLOWING: GroupState = {
  ...unstarted,
  fault: undefined,
  vrrp: {
    name: 'backup',
    masterDownAt: NOW,
    masterInterval: millis(1000),
    master: { address: PEER, priority: 254 },
    resigned: 'no',
    lookedAgain: 'no',
  },
};

function running() {
  const machine = new FakeMachine();
  const runner = new GroupRunner(
    { index: 0, plan: PLAN, layers: 'lease and backstop' },
    {
      ...machine.ports,
      dispatch: () => undefined,
      guardAgain: () => Promise.resolve(done),
      switchoverEnded: () => undefined,
    },
  );
  return { machine, runner };
}

describe('the account of a group', () => {
  it('says who it is, whom it follows and what it counted', () => {
    const { runner } = running();
    expect(groupStatus(runner, FOLLOWING, 'lease and backstop', NOW)).toEqual({
      name: 'web',
      role: 'backup',
      fault: undefined,
      vrid: 51,
      interface: 'eth0',
      ownAddress: '198.51.100.10',
      addresses: ['192.0.2.100/24', '192.0.2.101/24'],
      priority: 200,
      advertIntervalMs: 1000,
      master: { address: PEER, priority: 254 },
      lease: {
        layers: 'lease and backstop',
        lastsMs: 2945,
        backstopMs: 4000,
        leftMs: undefined,
        restartWithinMs: 1945,
      },
      counters: runner.tally.counters(),
    });
  });

  it('names a fault, and no master where it follows none', () => {
    const { runner } = running();
    const faulty: GroupState = { ...unstarted, fault: 'link down' };
    expect(groupStatus(runner, faulty, 'lease and backstop', NOW)).toMatchObject({
      role: 'fault',
      fault: 'link down',
      master: undefined,
    });
  });

  it('says what is left of a lease that runs, in whole milliseconds', () => {
    const { machine, runner } = running();
    runner.carryOut({ kind: 'hold', lease: millis(2945), confirm: 'needless' });
    const now = later(machine.clock.now(), millis(45.4));
    const { lease } = groupStatus(runner, FOLLOWING, 'lease and backstop', now);
    expect(lease.leftMs).toBe(2900);
  });

  it('without a lease proper, nothing survives a restart', () => {
    const { lease } = groupStatus(running().runner, FOLLOWING, 'backstop only', NOW);
    expect(lease).toMatchObject({ layers: 'backstop only', restartWithinMs: 0 });
  });
});

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
