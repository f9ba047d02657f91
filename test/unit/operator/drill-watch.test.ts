import { describe, expect, it } from 'vitest';
import { later, millis } from '../../../src/base/time.js';
import type { DrillFault } from '../../../src/core/drill-fault.js';
import type { HandOrder, HandState } from '../../../src/core/drill-order.js';
import { isOver } from '../../../src/core/drill-hand.js';
import { DrillWatch } from '../../../src/operator/drill-watch.js';
import type { DrillHost } from '../../../src/ports/drill-host.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import { value } from '../../contract/expected.js';
import { SimDrillHands } from '../../sim/drill-hands.js';
import { SimProcess } from '../../sim/process.js';
import { Scheduler } from '../../sim/scheduler.js';

const FAULT: DrillFault = { kind: 'link-down', interface: 'eth0' };
const ORDER: HandOrder = {
  ...{ id: 'lb1-1', drill: 'link-down', by: 'lb1', faults: [FAULT] },
  ...{ lastsMs: 30_000, armedForMs: 60_000 },
};

function given() {
  const scheduler = new Scheduler();
  const clock = new SimProcess(scheduler);
  const inflicted: DrillFault[] = [];
  const hands = new SimDrillHands('lb1', clock, {
    obstacle: () => undefined,
    inflict: (fault) => inflicted.push(fault),
    undo: () => inflicted.pop(),
  });
  const told: LogEvent[] = [];
  const log = { tell: (event: LogEvent) => void told.push(event) };
  const host = hands.host();
  const elapse = (ms: number) => scheduler.run(later(scheduler.now, millis(ms)), () => undefined);
  const watchOf = (watched: DrillHost) => new DrillWatch({ clock, log, host: watched });
  return { hands, host, inflicted, told, elapse, watchOf, watch: watchOf(host) };
}

const names = (told: readonly LogEvent[]): readonly string[] => told.map(({ event }) => event);

describe('the watch over a hand', () => {
  it('tells each step once', async () => {
    const { host, watch, told, elapse } = given();
    value(await host.arm(ORDER));
    await watch.look();
    await watch.look();
    value(await host.fire(ORDER.id));
    await elapse(2_500);
    expect(watch.state?.phase).toBe('fired');
    value(await host.undo(ORDER.id));
    await elapse(2_500);
    const named = { drill: 'link-down', id: 'lb1-1' };
    expect(told).toEqual([
      { event: 'drill.armed', ...named, by: 'lb1' },
      { event: 'drill.fired', ...named },
      { event: 'drill.undone', ...named, why: 'asked' },
    ]);
  });

  it('undoes in place of a hand that is gone', async () => {
    const { hands, host, watch, told, inflicted, elapse } = given();
    value(await host.arm(ORDER));
    value(await host.fire(ORDER.id));
    await watch.look();
    hands.kill();
    expect(inflicted).toEqual([FAULT]);
    await elapse(1_100);
    expect(inflicted).toEqual([]);
    expect(told.at(-1)).toMatchObject({ event: 'drill.undone', why: 'its hand was gone' });
  });

  it('goes on where the file of a hand cannot be read for a while', async () => {
    const { hands, host, watchOf, inflicted, elapse } = given();
    let readable = true;
    const watch = watchOf({
      ...{
        arm: (order) => host.arm(order),
        fire: (id) => host.fire(id),
        undo: (id) => host.undo(id),
      },
      state: () => (readable ? host.state() : Promise.resolve(undefined)),
      recover: (why) => host.recover(why),
    });
    value(await host.arm(ORDER));
    value(await host.fire(ORDER.id));
    await watch.look();
    readable = false;
    await watch.look();
    hands.kill();
    await elapse(1_100);
    expect(inflicted).toEqual([]);
    expect(watch.state?.phase).toBe('fired');
    readable = true;
    await elapse(1_100);
    expect(watch.state?.phase).toBe('undone');
  });

  it('undoes at its start what died with the daemon before', async () => {
    const { hands, host, watch, told, inflicted } = given();
    value(await host.arm(ORDER));
    value(await host.fire(ORDER.id));
    hands.kill();
    await watch.begin();
    expect(inflicted).toEqual([]);
    expect(told).toMatchObject([{ event: 'drill.undone', why: 'the daemon started anew' }]);
  });

  it('leaves a hand alone that lives, and watches it', async () => {
    const { host, watch, told, elapse } = given();
    value(await host.arm({ ...ORDER, armedForMs: 5_000 }));
    await watch.begin();
    await elapse(6_500);
    expect(names(told)).toEqual(['drill.armed', 'drill.expired']);
    watch.stop();
  });

  it('looks no more when it is stopped', async () => {
    const { host, watch, told, elapse } = given();
    value(await host.arm({ ...ORDER, armedForMs: 5_000 }));
    await watch.look();
    watch.stop();
    await elapse(10_000);
    expect(names(told)).toEqual(['drill.armed']);
  });

  it('says what a person has to mend, and nothing of what is being undone', async () => {
    const { host, watchOf, told } = given();
    const armed = value(await host.arm(ORDER));
    let state: HandState = { ...armed, phase: 'undoing' };
    const watch = watchOf({ ...host, state: () => Promise.resolve(state) });
    await watch.look();
    expect(told).toEqual([]);
    state = { ...state, phase: 'failed', problems: ['one', 'two'] };
    await watch.look();
    expect(told).toMatchObject([{ event: 'drill.failed', detail: 'one; two' }]);
    expect(isOver(state.phase)).toBe(true);
  });

  it('does not keep a daemon from starting', async () => {
    const { host, watchOf, elapse } = given();
    const stuck = watchOf({ ...host, recover: () => new Promise(() => undefined) });
    const begun = stuck.begin();
    await elapse(1_100);
    await begun;
    expect(stuck.state).toBeUndefined();
  });
});
