/** What every DrillHost does: the real one, whose hand is a process, and the simulation's. */
import { describe, expect, it } from 'vitest';
import type { DrillFault } from '../../src/core/drill-fault.js';
import type { HandOrder, HandState } from '../../src/core/drill-order.js';
import type { DrillHost } from '../../src/ports/drill-host.js';
import { code, eventually, value } from './expected.js';

export interface DrillHostSetup {
  readonly host: DrillHost;
  /** As the next daemon of the node has it. */
  readonly next: () => DrillHost;
  readonly fault: DrillFault;
  readonly isInflicted: () => boolean;
  /** A fault that this node cannot do. */
  readonly notFeasible: DrillFault;
  /** Resolves when it is gone. */
  readonly killHand: () => Promise<void>;
  readonly elapse: (ms: number) => Promise<void>;
}

let count = 0;

export function drillHostContract(name: string, setUp: () => DrillHostSetup): void {
  const order = (faults: readonly DrillFault[], more: Partial<HandOrder> = {}): HandOrder => {
    count += 1;
    const id = `lb1-${String(count)}`;
    const times = { lastsMs: 20_000, armedForMs: 20_000 };
    return { id, drill: 'a-drill', by: 'lb1', faults, ...times, ...more };
  };

  async function until(
    { host, elapse }: DrillHostSetup,
    holds: (state: HandState) => boolean,
  ): Promise<HandState> {
    let last: HandState | undefined;
    await eventually(async () => {
      last = await host.state();
      return last !== undefined && holds(last);
    }, elapse);
    return last!;
  }

  async function fired(setup: DrillHostSetup, more: Partial<HandOrder> = {}): Promise<HandOrder> {
    const asked = order([setup.fault], more);
    value(await setup.host.arm(asked));
    value(await setup.host.fire(asked.id));
    await until(setup, (state) => state.fired !== undefined);
    return asked;
  }

  describe(`${name} as the host of a drill's hand`, () => {
    it('arms, fires and undoes, and says so', async () => {
      const setup = setUp();
      const asked = order([setup.fault]);
      const armed = value(await setup.host.arm(asked));
      expect(armed).toMatchObject({
        ...{ id: asked.id, drill: 'a-drill', by: 'lb1', phase: 'armed', fired: undefined },
        ...{ problems: [], left: [] },
      });
      expect(armed.until).toBeGreaterThan(armed.armedAt);
      expect(setup.isInflicted()).toBe(false);
      expect(value(await setup.host.fire(asked.id)).phase).toBe('fired');
      const { fired: times } = await until(setup, (state) => state.fired !== undefined);
      expect(times!.to).toBeGreaterThanOrEqual(times!.from);
      expect(setup.isInflicted()).toBe(true);
      value(await setup.host.undo(asked.id));
      const undone = await until(setup, ({ phase }) => phase === 'undone');
      expect(undone).toMatchObject({ undone: { why: 'asked' }, problems: [], left: [] });
      expect(setup.isInflicted()).toBe(false);
      expect(value(await setup.host.undo(asked.id)).phase).toBe('undone');
    });

    it('undoes by itself when the time is up', async () => {
      const setup = setUp();
      await fired(setup, { lastsMs: 800 });
      expect(setup.isInflicted()).toBe(true);
      const undone = await until(setup, ({ phase }) => phase === 'undone');
      expect(undone.undone?.why).toBe('time was up');
      expect(setup.isInflicted()).toBe(false);
    });

    it('never fires late, and makes room then', async () => {
      const setup = setUp();
      const asked = order([setup.fault], { armedForMs: 50 });
      value(await setup.host.arm(asked));
      await until(setup, ({ phase }) => phase === 'expired');
      expect(code(await setup.host.fire(asked.id))).toBe('no-such-drill');
      const second = order([]);
      value(await setup.host.arm(second));
      value(await setup.host.undo(second.id));
      await until(setup, ({ phase }) => phase === 'undone');
      expect(setup.isInflicted()).toBe(false);
    });

    it('takes one drill at a time, and says which is there', async () => {
      const setup = setUp();
      const [first, second] = [order([setup.fault]), order([setup.fault])];
      const [one, two] = await Promise.all([setup.host.arm(first), setup.host.arm(second)]);
      value(one);
      expect(two).toMatchObject({ ok: false, error: { code: 'drill-under-way' } });
      expect(JSON.stringify(two)).toContain(first.id);
      expect(code(await setup.host.fire(second.id))).toBe('no-such-drill');
      expect(code(await setup.host.undo(second.id))).toBe('no-such-drill');
      value(await setup.host.undo(first.id));
      await until(setup, ({ phase }) => phase === 'undone');
    });

    it('refuses what it cannot do or undo, before anything is touched', async () => {
      const setup = setUp();
      const before = await setup.host.state();
      const refused = await setup.host.arm(order([setup.fault, setup.notFeasible]));
      expect(code(refused)).toBe('drill-not-feasible');
      expect(setup.isInflicted()).toBe(false);
      expect(await setup.host.state()).toEqual(before);
    });

    it('is undone by whoever finds it when its hand was killed', async () => {
      const setup = setUp();
      await fired(setup);
      await setup.killHand();
      expect(setup.isInflicted()).toBe(true);
      const recovered = await setup.host.recover('its hand was gone');
      expect(recovered).toMatchObject({ phase: 'undone', undone: { why: 'its hand was gone' } });
      expect(setup.isInflicted()).toBe(false);
      expect(await setup.host.recover('its hand was gone')).toBeUndefined();
    });

    it('is not fired any more when its hand was killed before that', async () => {
      const setup = setUp();
      const asked = order([setup.fault]);
      value(await setup.host.arm(asked));
      await setup.killHand();
      expect(code(await setup.host.fire(asked.id))).toBe('no-such-drill');
      expect((await setup.host.recover('its hand was gone'))?.phase).toBe('expired');
      expect(setup.isInflicted()).toBe(false);
    });

    it('goes on without its daemon, and the next one may end it', async () => {
      const setup = setUp();
      const asked = await fired(setup);
      const next = setup.next();
      expect(await next.recover('the daemon started anew')).toBeUndefined();
      expect((await next.state())?.phase).toBe('fired');
      expect(setup.isInflicted()).toBe(true);
      value(await next.undo(asked.id));
      await until(setup, ({ phase }) => phase === 'undone');
      expect(setup.isInflicted()).toBe(false);
    });
  });
}
