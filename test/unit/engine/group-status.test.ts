import { describe, expect, it } from 'vitest';
import { done } from '../../../src/base/result.js';
import { instant, later, millis } from '../../../src/base/time.js';
import type { GroupState } from '../../../src/core/group-state.js';
import { unstarted } from '../../../src/core/group-state.js';
import { newTracker, sample } from '../../../src/core/tracking.js';
import type { GroupPlan } from '../../../src/engine/group-plan.js';
import { GroupRunner } from '../../../src/engine/group-runner.js';
import { groupStatus } from '../../../src/engine/group-status.js';
import { PAUSED } from '../core/given-group.js';
import { FakeMachine, OWN, PEER, PLAN, VIPS } from './fakes.js';

const NOW = instant(100_000);
const FOLLOWING: GroupState = {
  ...unstarted(PLAN.vrrp),
  fault: undefined,
  vrrp: {
    name: 'backup',
    masterDownAt: NOW,
    masterInterval: millis(1000),
    master: { address: PEER, priority: 254 },
    outranked: undefined,
    resigned: 'no',
    lookedAgain: 'no',
  },
};

function running(plan: GroupPlan = PLAN) {
  const machine = new FakeMachine();
  const runner = new GroupRunner(
    { index: 0, plan, layers: 'lease and backstop' },
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
      kept: undefined,
      health: { score: 100, parts: [] },
      version: 3,
      vrid: 51,
      interface: 'eth0',
      ownAddress: '198.51.100.10',
      addresses: ['192.0.2.100/24', '192.0.2.101/24'],
      instances: [
        {
          family: 'ipv4',
          interface: 'eth0',
          vrid: 51,
          ownAddress: '198.51.100.10',
          addresses: VIPS,
          counters: runner.instances[0]?.tally.counters(),
        },
      ],
      priority: 200,
      priorityWhy: '200 (base)',
      track: [],
      failback: { policy: 'never', outlook: undefined, inMs: undefined },
      conflict: undefined,
      advertIntervalMs: 1000,
      master: { address: PEER, priority: 254 },
      lease: {
        layers: 'lease and backstop',
        lastsMs: 2945,
        backstopMs: 4000,
        leftMs: undefined,
        restartWithinMs: 1945,
      },
      counters: runner.tally.counters(runner.instances.map(({ tally }) => tally)),
    });
  });

  it('names a fault, and no master where it follows none', () => {
    const { runner } = running();
    const faulty: GroupState = { ...unstarted(PLAN.vrrp), fault: 'link down' };
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

  it('says what would become of open connections, and what this node still serves', () => {
    const keepConnections = { lasting: millis(10_000), addresses: [OWN] };
    const plan = { ...PLAN, vrrp: { ...PLAN.vrrp, keepConnections } };
    const state: GroupState = {
      ...FOLLOWING,
      keeper: { lasting: millis(4_000), addresses: [PEER] },
    };
    const { runner, machine } = running(plan);
    const seen = () => groupStatus(runner, state, 'lease and backstop', machine.clock.now());
    expect(seen().connections).toEqual({
      ...{ keptMs: 4_000, cutBecause: undefined, drain: undefined },
    });
    runner.carryOut({ kind: 'leave-connections', others: [PEER], lasting: millis(4_000) });
    machine.clock.time = later(machine.clock.time, millis(50));
    expect(seen().connections?.drain).toEqual({
      ...{ state: 'serving on', open: undefined, first: undefined, reset: 0 },
      ...{ problem: undefined, sinceMs: 50, leftMs: 3_950 },
    });
    runner.carryOut({ kind: 'end-connections' });
    expect(seen().connections?.drain).toMatchObject({ state: 'taken back', leftMs: undefined });
    const refused = running({ ...PLAN, keepingRefused: 'no dup' }).runner;
    expect(groupStatus(refused, FOLLOWING, 'lease and backstop', NOW).connections?.cutBecause).toBe(
      'this node cannot keep them: no dup',
    );
  });

  it('says what is tracked, and what became of the priority', () => {
    const things = [
      {
        name: 'db',
        thing: { kind: 'proxy' as const },
        consequence: { kind: 'weight' as const, weight: -20 },
      },
    ];
    const plan: GroupPlan = { ...PLAN, vrrp: { ...PLAN.vrrp, things } };
    const failing = sample(things[0]!, newTracker(), { kind: 'failing', why: 'it is down' }, NOW);
    const state: GroupState = { ...FOLLOWING, trackers: [failing.state], priority: 180 };
    expect(groupStatus(running(plan).runner, state, 'lease and backstop', NOW)).toMatchObject({
      priority: 180,
      priorityWhy: expect.stringContaining('db') as string,
      track: [{ name: 'db', state: 'fails: it is down', consequence: '-20' }],
    });
  });

  it.each([
    ['never', { kind: 'never' }, 'but never fails back'],
    ['manual', { kind: 'manual' }, 'vipair failback web'],
    ['after', { kind: 'after', stableFor: millis(60_000) }, 'would fail back in 18 s'],
  ] as const)('says what it would do about failing back: %s', (_name, failback, text) => {
    const plan: GroupPlan = { ...PLAN, vrrp: { ...PLAN.vrrp, failback } };
    const since = later(NOW, millis(-42_000));
    const state: GroupState = { ...FOLLOWING, failback: { kind: 'outranks', since } };
    const { outlook } = groupStatus(
      running(plan).runner,
      state,
      'lease and backstop',
      NOW,
    ).failback;
    expect(outlook).toContain(text);
  });

  it('does not count down while automatic moves are paused', () => {
    const failback = { kind: 'after', stableFor: millis(60_000) } as const;
    const plan: GroupPlan = { ...PLAN, vrrp: { ...PLAN.vrrp, failback } };
    const since = later(NOW, millis(-42_000));
    const state: GroupState = {
      ...FOLLOWING,
      orders: PAUSED,
      failback: { kind: 'outranks', since },
    };
    expect(
      groupStatus(running(plan).runner, state, 'lease and backstop', NOW).failback,
    ).toMatchObject({
      inMs: undefined,
      outlook: expect.stringContaining('vipair failback web') as string,
    });
  });
});
