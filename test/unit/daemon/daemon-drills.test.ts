import { describe, expect, it } from 'vitest';
import { Drills } from '../../../src/daemon-drills.js';
import type { Config } from '../../../src/config/config.js';
import type { HandOrder, HandState } from '../../../src/core/drill-order.js';
import type { DrillHost } from '../../../src/ports/drill-host.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import { code, value } from '../../contract/expected.js';
import { SimDrillHands } from '../../sim/drill-hands.js';
import { SimProcess } from '../../sim/process.js';
import { Scheduler } from '../../sim/scheduler.js';
import { CONFIG } from './given-daemon.js';

const ORDER = { id: 'a', drill: 'd', by: 'lb1', faults: [], lastsMs: 1000, armedForMs: 1000 };

/** What a configuration says of drills beside whether there are any. */
const REST = {
  ...{ prober: undefined, watcher: undefined, target: undefined, budget: undefined },
  ...{ windows: [], limits: new Map<never, never>(), suites: new Map<never, never>() },
};

function given(hands: 'there' | 'none', running: () => Pick<Config, 'drills'> = () => CONFIG) {
  const clock = new SimProcess(new Scheduler());
  const nothing = { obstacle: () => undefined, inflict: () => undefined, undo: () => undefined };
  const drillHost = hands === 'there' ? new SimDrillHands('lb1', clock, nothing).host() : undefined;
  const told: LogEvent[] = [];
  const log = { tell: (event: LogEvent) => void told.push(event) };
  return new Drills(
    { node: 'lb1', config: CONFIG },
    { clock, log, drillHost, pair: undefined, running },
  );
}

describe('the drills of a daemon', () => {
  it('are asked for, known and answered for', async () => {
    const drills = given('there');
    await drills.begin();
    expect(drills.hand).toBeUndefined();
    value(await drills.drill({ do: 'arm', node: 'lb1', order: ORDER }));
    expect(drills.hand?.phase).toBe('armed');
    expect((await drills.state()).here?.phase).toBe('armed');
    const answer = await drills.answer('drill-undo', JSON.stringify({ id: 'a' }));
    expect(value(answer!)).toContain('"phase":"undone"');
    drills.stop();
  });

  it('are said to be under way while a hand is armed or has something to undo, and between two of a suite', async () => {
    const clock = new SimProcess(new Scheduler());
    const nothing = { obstacle: () => undefined, inflict: () => undefined, undo: () => undefined };
    const host = new SimDrillHands('lb1', clock, nothing).host();
    let run: string | undefined = 'suite weekly';
    const drillHost: DrillHost = { ...host, running: () => run };
    const running = () => CONFIG;
    const drills = new Drills(
      { node: 'lb1', config: CONFIG },
      { clock, log: { tell: () => undefined }, drillHost, pair: undefined, running },
    );
    const says = () => drills.underWay.map(({ what, says: it }) => `${what}: ${it}`);
    expect(says()).toEqual(['drill: runs drills: suite weekly']);
    run = undefined;
    value(await drills.drill({ do: 'arm', node: 'lb1', order: ORDER }));
    expect(says()).toEqual(['drill: takes part in the drill d, asked for on lb1: armed']);
    value(await drills.drill({ do: 'undo', node: 'lb1', id: 'a' }));
    expect(says()).toEqual([]);
    const left: HandState = { ...(await host.state())!, phase: 'failed', problems: ['look'] };
    Object.assign(drillHost, { state: () => Promise.resolve(left) });
    await drills.state();
    expect(says()).toEqual(['drill: could not wholly undo the drill d']);
    drills.stop();
    expect(given('none').underWay).toEqual([]);
  });

  it('are refused where the configuration in force says so, also to the other node', async () => {
    let enabled = false;
    const drills = given('there', () => ({ drills: { enabled, power: undefined, ...REST } }));
    const order: HandOrder = { ...ORDER, faults: [{ kind: 'restart-daemon' }] };
    const refused = await drills.drill({ do: 'arm', node: 'lb1', order });
    expect(code(refused)).toBe('drill-not-feasible');
    const answer = value(await drills.answer('drill-arm', JSON.stringify(order))!);
    expect(answer).toContain('lb1 lets no drill make faults on it');
    enabled = true;
    value(await drills.drill({ do: 'arm', node: 'lb1', order: ORDER }));
    drills.stop();
  });

  it('take power by the commands of the configuration in force', async () => {
    const clock = new SimProcess(new Scheduler());
    const nothing = { obstacle: () => undefined, inflict: () => undefined, undo: () => undefined };
    const host = new SimDrillHands('lb1', clock, nothing).host();
    const told: unknown[] = [];
    let power = { off: ['ipmi', 'off'], on: ['ipmi', 'on'] };
    const drillHost: DrillHost = {
      ...host,
      arm: (order, commands) => {
        told.push(commands);
        return host.arm(order);
      },
    };
    const drills = new Drills(
      { node: 'lb1', config: CONFIG },
      {
        ...{ clock, log: { tell: () => undefined }, drillHost, pair: undefined },
        running: () => ({ drills: { enabled: true, power, ...REST } }),
      },
    );
    value(await drills.drill({ do: 'arm', node: 'lb1', order: ORDER }));
    value(await drills.drill({ do: 'undo', node: 'lb1', id: 'a' }));
    power = { off: ['snmp', 'off'], on: ['snmp', 'on'] };
    value(await drills.answer('drill-arm', JSON.stringify({ ...ORDER, id: 'b' }))!);
    expect(told).toEqual([{ off: ['ipmi', 'off'], on: ['ipmi', 'on'] }, power]);
    drills.stop();
  });

  it('answer nothing else, whatever it is called', () => {
    for (const ask of ['status', 'constructor', 'toString', '__proto__']) {
      expect(given('there').answer(ask, '{}')).toBeUndefined();
    }
  });

  it('are refused on a machine that starts no processes', async () => {
    const drills = given('none');
    await drills.begin();
    expect(code(await drills.drill({ do: 'undo', node: 'lb1', id: 'a' }))).toBe(
      'drill-not-feasible',
    );
    expect((await drills.state()).problem).toContain('no hand');
    expect(drills.answer('drill-arm', '{}')).toBeUndefined();
    drills.stop();
  });
});
