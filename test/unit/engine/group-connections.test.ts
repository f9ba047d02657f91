import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { later, millis } from '../../../src/base/time.js';
import type { VrrpEffect } from '../../../src/core/vrrp-state.js';
import type { GroupPlan } from '../../../src/engine/group-plan.js';
import { INSTANCE, packet, PEER, PLAN, VIPS } from './fakes.js';
import { HOLD, open, RELEASE } from './given-runner.js';

const LASTING = millis(10_000);
const LEAVE: VrrpEffect = { kind: 'leave-connections', lasting: LASTING };
const TAKE: VrrpEffect = { kind: 'take-connections', lasting: LASTING };
const MOVED = VIPS.map((address) => `${address} (${PEER})`).join();

function hearing(plan: GroupPlan = PLAN) {
  const all = open({ plan });
  all.machine.receive(packet());
  all.machine.calls.length = 0;
  return all;
}

describe('open connections of a group that moves', () => {
  it('are served on before anything is released', () => {
    const { machine, runner } = hearing();
    runner.carryOut(LEAVE);
    runner.carryOut(RELEASE);
    expect(machine.calls.slice(0, 2)).toEqual([
      `leave ${MOVED} for 10000 ms`,
      `revoke ${VIPS.join()}`,
    ]);
    expect(machine.events).toEqual([
      { event: 'connections.kept', group: 'web', how: 'left', lasting: LASTING },
    ]);
  });

  it('are passed on to whoever was heard', () => {
    const { machine, runner } = hearing();
    runner.carryOut(TAKE);
    expect(machine.calls).toEqual([`take ${MOVED} for 10000 ms`]);
  });

  it('are not passed on any more once the group is claimed again, for whatever reason', () => {
    const { machine, runner } = hearing();
    runner.carryOut(LEAVE);
    runner.carryOut(RELEASE);
    machine.calls.length = 0;
    runner.carryOut(HOLD);
    runner.carryOut(HOLD);
    expect(machine.calls[0]).toBe(`end ${MOVED}`);
    expect(machine.calls.filter((call) => call.startsWith('end'))).toHaveLength(1);
  });

  it('are not passed on any more once the other node serves none', () => {
    const { machine, runner } = hearing();
    runner.carryOut(TAKE);
    runner.carryOut({ kind: 'end-connections' });
    expect(machine.calls.slice(1)).toEqual([`end ${MOVED}`]);
  });

  it('need no end where they have ended by themselves', () => {
    const { machine, runner } = hearing();
    runner.carryOut(LEAVE);
    machine.clock.time = later(machine.clock.time, LASTING);
    machine.calls.length = 0;
    runner.carryOut(HOLD);
    expect(machine.calls.filter((call) => call.startsWith('end'))).toEqual([]);
  });

  it('are not left to a router that is none of the pair, nor to one of another family', () => {
    const foreign = { ...PLAN, vrrp: { ...PLAN.vrrp, foreignPeers: [PEER] } };
    const other = { ...PLAN, instances: [{ ...INSTANCE, addresses: ['fd77::100' as Ip] }] };
    for (const plan of [foreign, other]) {
      const { machine, runner } = hearing(plan);
      runner.carryOut(LEAVE);
      expect(machine.calls).toEqual(['leave  for 10000 ms']);
    }
  });

  it('are cut where the kernel refuses, and that is told', async () => {
    const { machine, runner } = hearing();
    machine.refuse('connections');
    runner.carryOut(LEAVE);
    await Promise.resolve();
    await Promise.resolve();
    expect(machine.told()).toEqual(['connections.kept', 'connections.cut']);
  });
});
