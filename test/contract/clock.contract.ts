/** What every Clock does, the machine's and the simulation's. */
import { describe, expect, it } from 'vitest';
import { between, later, millis } from '../../src/base/time.js';
import type { Clock } from '../../src/ports/clock.js';

export interface ClockSetup {
  readonly clock: Clock;
  readonly elapse: (ms: number) => Promise<void>;
}

export function clockContract(name: string, setUp: () => ClockSetup): void {
  describe(`${name} as a clock`, () => {
    it('rings in the order of the deadlines, and never early', async () => {
      const { clock, elapse } = setUp();
      const start = clock.now();
      const rung: [number, number][] = [];
      for (const after of [30, 10.5, 20, 10.25]) {
        const at = later(start, millis(after));
        clock.alarm(at, () => {
          rung.push([after, between(at, clock.now())]);
        });
      }
      await elapse(60);
      expect(rung.map(([after]) => after)).toEqual([10.25, 10.5, 20, 30]);
      expect(rung.every(([, late]) => late >= 0)).toBe(true);
    });

    it('rings for a deadline that has passed, but in a later turn', async () => {
      const { clock, elapse } = setUp();
      let rung = 0;
      clock.alarm(later(clock.now(), millis(-5)), () => {
        rung += 1;
      });
      expect(rung).toBe(0);
      await elapse(20);
      expect(rung).toBe(1);
    });

    it('never rings after cancel, not even where another alarm cancels it', async () => {
      const { clock, elapse } = setUp();
      const rung: string[] = [];
      const at = later(clock.now(), millis(10));
      const first = clock.alarm(at, () => {
        rung.push('first');
      });
      clock.alarm(at, () => {
        rung.push('second');
        third.cancel();
      });
      const third = clock.alarm(at, () => {
        rung.push('third');
      });
      const far = clock.alarm(later(clock.now(), millis(2 ** 40)), () => {
        rung.push('far');
      });
      first.cancel();
      first.cancel();
      await elapse(30);
      far.cancel();
      expect(rung).toEqual(['second']);
    });
  });
}
