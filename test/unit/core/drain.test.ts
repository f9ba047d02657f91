import { describe, expect, it } from 'vitest';
import type { Instant } from '../../../src/base/time.js';
import { instant, millis } from '../../../src/base/time.js';
import type { Drain, DrainEvent, DrainStep } from '../../../src/core/drain.js';
import { beginDrain, drainDeadline, stepDrain } from '../../../src/core/drain.js';

const BEGAN = instant(1_000);
const at = (ms: number): Instant => instant(1_000 + ms);
const COUNTED = (open: number, took = 0): DrainEvent => ({
  kind: 'counted',
  open,
  took: millis(took),
});

/** Each event with when it comes, in milliseconds from the move. */
function after(...events: readonly (readonly [number, DrainEvent])[]): DrainStep {
  return events.reduce<DrainStep>(({ state }, [ms, event]) => stepDrain(state, event, at(ms)), {
    state: beginDrain(millis(10_000), BEGAN),
    effects: [],
  });
}

function deadlineOf(drain: Drain): number | undefined {
  const deadline = drainDeadline(drain);
  return deadline === undefined ? undefined : deadline - BEGAN;
}

describe('what a node serves on', () => {
  it('is counted once the address has gone, and every second', () => {
    expect(deadlineOf(after().state)).toBe(100);
    expect(after([99, { kind: 'alarm' }]).effects).toEqual([]);
    expect(after([100, { kind: 'alarm' }]).effects).toEqual([{ kind: 'look' }]);
    const counted = after([5, COUNTED(7)]);
    expect(counted).toMatchObject({ state: { first: 7, open: 7 }, effects: [] });
    expect(deadlineOf(counted.state)).toBe(1_005);
    const woken = after([5, COUNTED(7)], [1_005, { kind: 'alarm' }]);
    expect(woken.effects).toEqual([{ kind: 'look' }]);
    // While it is being counted there is only the end of its time.
    expect(deadlineOf(woken.state)).toBe(9_800);
    expect(after([5, COUNTED(7)], [1_004, { kind: 'alarm' }]).effects).toEqual([]);
  });

  it('is counted less often where that takes long', () => {
    expect(deadlineOf(after([100, COUNTED(7, 100)]).state)).toBe(2_100);
  });

  it('has drained once nothing is open, and not in the first moment', () => {
    expect(after([5, COUNTED(0)]).state.name).toBe('draining');
    expect(after([5, COUNTED(7)], [1_010, COUNTED(0)])).toEqual({
      state: {
        ...{ name: 'over', outcome: 'drained', first: 7, reset: 0, problem: undefined },
        ...{ at: at(1_010), after: 1_010 },
      },
      effects: [{ kind: 'tell', notice: { event: 'connections.drained', first: 7, after: 1_010 } }],
    });
  });

  it('is reset just before its time is over, once', () => {
    const due = after([5, COUNTED(7)], [9_800, { kind: 'alarm' }]);
    expect(due.effects).toEqual([{ kind: 'reset' }]);
    expect(drainDeadline(due.state)).toBeUndefined();
    expect(stepDrain(due.state, { kind: 'alarm' }, at(9_900)).effects).toEqual([]);
    const reset = stepDrain(due.state, { kind: 'was-reset', count: 3 }, at(9_801));
    expect(reset).toMatchObject({
      state: { name: 'over', outcome: 'reset', first: 7, reset: 3 },
      effects: [{ notice: { event: 'connections.reset', count: 3, after: 9_801 } }],
    });
    expect(drainDeadline(reset.state)).toBeUndefined();
  });

  it('had ended by itself where there was nothing to reset', () => {
    const over = after([9_800, { kind: 'alarm' }], [9_801, { kind: 'was-reset', count: 0 }]);
    expect(over).toMatchObject({
      state: { outcome: 'drained', first: 0, reset: 0 },
      effects: [{ notice: { event: 'connections.drained', first: 0 } }],
    });
  });

  it('knows no other event', () => {
    expect(() => after([5, { kind: 'anything' } as never])).toThrow('anything');
  });

  it('has half of a short time at the least', () => {
    expect(deadlineOf(after([150, COUNTED(7)]).state)).toBe(1_150);
    expect(drainDeadline({ ...beginDrain(millis(300), BEGAN), nextLookAt: undefined })).toBe(
      BEGAN + 150,
    );
  });

  it('is no longer its matter once it owns the addresses again', () => {
    const over = after([5, COUNTED(7)], [600, { kind: 'taken-back' }]);
    expect(over).toMatchObject({ state: { outcome: 'taken back', reset: 0 }, effects: [] });
    expect(stepDrain(over.state, COUNTED(3), at(700))).toEqual({ state: over.state, effects: [] });
  });

  it('is looked for again where the kernel does not say, which is told once', () => {
    const uncounted: DrainEvent = { kind: 'uncounted', detail: 'refused: EPERM' };
    const once = after([5, uncounted]);
    expect(once.effects).toEqual([
      { kind: 'tell', notice: { event: 'connections.uncounted', detail: 'refused: EPERM' } },
    ]);
    expect(deadlineOf(once.state)).toBe(1_005);
    expect(after([5, uncounted], [1_005, uncounted]).effects).toEqual([]);
    expect(after([5, uncounted], [1_005, COUNTED(2)]).state).toMatchObject({
      ...{ first: 2, open: 2, problem: undefined },
    });
  });

  it('is not known where the kernel would not reset it', () => {
    const over = after(
      [9_800, { kind: 'alarm' }],
      [9_801, { kind: 'uncounted', detail: 'refused: EOPNOTSUPP' }],
    );
    expect(over.state).toMatchObject({ outcome: 'not known', problem: 'refused: EOPNOTSUPP' });
    expect(over.effects).toHaveLength(1);
  });

  it('knows every event', () => {
    const drain = beginDrain(millis(300), BEGAN);
    expect(() => stepDrain(drain, { kind: 'unheard of' } as never, BEGAN)).toThrow();
  });
});
