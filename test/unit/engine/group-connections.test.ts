import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { later, millis } from '../../../src/base/time.js';
import type { VrrpEffect } from '../../../src/core/vrrp-state.js';
import { INSTANCE, PEER, PLAN, settled, VIPS } from './fakes.js';
import { HOLD, open, RELEASE } from './given-runner.js';

const LASTING = millis(10_000);
const LEAVE = { kind: 'leave-connections', others: [PEER], lasting: LASTING } as const;
const TAKE: VrrpEffect = { kind: 'take-connections', others: [PEER], lasting: LASTING };
const MOVED = VIPS.map((address) => `${address} (${PEER})`).join();

describe('open connections of a group that moves', () => {
  it('are served on before anything is released', () => {
    const { machine, runner } = open();
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
    const { machine, runner } = open();
    runner.carryOut(TAKE);
    expect(machine.calls).toEqual([`take ${MOVED} for 10000 ms`]);
  });

  it('are not passed on any more once the group is claimed again, for whatever reason', () => {
    const { machine, runner } = open();
    runner.carryOut(LEAVE);
    runner.carryOut(RELEASE);
    machine.calls.length = 0;
    runner.carryOut(HOLD);
    runner.carryOut(HOLD);
    // Once, and after the claim: the kernel forgets connections of an address that is away.
    expect(machine.calls.slice(0, 4).map((call) => call.split(' ')[0])).toEqual([
      ...['claim', 'claim', 'renew', 'end'],
    ]);
    expect(machine.calls.filter((call) => call.startsWith('end'))).toHaveLength(1);
  });

  it('are passed on further while addresses that somebody removed are put back', () => {
    const { machine, runner } = open();
    runner.carryOut(HOLD);
    runner.carryOut(TAKE);
    runner.carryOut(HOLD);
    expect(machine.calls.filter((call) => call.startsWith('end'))).toEqual([]);
  });

  it('are not passed on any more once the other node serves none', () => {
    const { machine, runner } = open();
    runner.carryOut(TAKE);
    runner.carryOut({ kind: 'end-connections' });
    expect(machine.calls.slice(1)).toEqual([`end ${MOVED}`]);
  });

  it('are counted while they are served on, and what is left is reset, and both told', async () => {
    const { machine, runner } = open();
    machine.open = 3;
    expect(runner.drain).toBeUndefined();
    runner.carryOut(LEAVE);
    runner.carryOut(RELEASE);
    const before = machine.calls.length;
    for (let rung = 0; rung < 11; rung += 1) {
      machine.clock.ringNext();
      await settled();
    }
    expect(new Set(machine.calls.slice(before))).toEqual(
      new Set([`count ${VIPS.join()}`, `reset ${VIPS.join()}`]),
    );
    expect(machine.calls.at(-1)).toBe(`reset ${VIPS.join()}`);
    expect(runner.drain).toMatchObject({ outcome: 'reset', reset: 3 });
    expect(machine.told()).toEqual(['connections.kept', 'connections.reset']);
  });

  it('are counted no more once this node has the group again, or its daemon ends', async () => {
    for (const back of [HOLD, TAKE, 'end'] as const) {
      const { machine, runner } = open();
      runner.carryOut(LEAVE);
      machine.clock.ringNext();
      if (back === 'end') {
        runner.close();
      } else {
        runner.carryOut(back);
      }
      await settled();
      expect(machine.clock.pending()).toEqual([]);
      expect(runner.drain?.name).toBe(back === 'end' ? undefined : 'over');
    }
  });

  it('are told to be unknown where the kernel does not say', async () => {
    const { machine, runner } = open();
    machine.refuse('count');
    runner.carryOut(LEAVE);
    machine.clock.ringNext();
    await settled();
    expect(machine.told()).toEqual(['connections.kept', 'connections.uncounted']);
    expect(runner.drain).toMatchObject({ problem: 'refused: no count' });
  });

  it('need no end where they have ended by themselves', () => {
    const { machine, runner } = open();
    runner.carryOut(LEAVE);
    machine.clock.time = later(machine.clock.time, LASTING);
    machine.calls.length = 0;
    runner.carryOut(HOLD);
    expect(machine.calls.filter((call) => call.startsWith('end'))).toEqual([]);
  });

  it('are left to nobody where the other node has no address of that family, or none at all', () => {
    const other = { ...PLAN, instances: [{ ...INSTANCE, addresses: ['fd77::100' as Ip] }] };
    for (const [plan, others] of [
      [other, [PEER]],
      [PLAN, []],
    ] as const) {
      const { machine, runner } = open({ plan });
      runner.carryOut({ ...LEAVE, others });
      expect(machine.calls).toEqual(['leave  for 10000 ms']);
    }
  });

  it('are cut where the kernel refuses, and that is told', async () => {
    const { machine, runner } = open();
    machine.refuse('connections');
    runner.carryOut(LEAVE);
    await Promise.resolve();
    await Promise.resolve();
    expect(machine.told()).toEqual(['connections.kept', 'connections.cut']);
  });
});
