/** Whole daemons on virtual time: single stories told in full, and a first look at many random ones. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import { anyScenario, explore } from './explore.js';
import type { FaultKind, Timed } from './faults.js';
import { FAULT_KINDS } from './faults.js';
import type { Settings } from './settings.js';
import { simulate } from './world.js';

const SECOND: Settings = {
  interval: millis(1000),
  proxy: { probeEvery: millis(250) },
  startHold: millis(0),
};

function once(kind: FaultKind, node: 0 | 1, lasting: number): readonly Timed[] {
  return [{ after: 300, fault: { kind, node, lasting } }];
}

describe('a simulated pair', () => {
  it.each(FAULT_KINDS.flatMap((kind) => [0, 1].map((node) => [kind, node] as const)))(
    'keeps every promise through %s of node %i',
    async (kind, node) => {
      const { broken } = await simulate({
        seed: 1,
        settings: SECOND,
        faults: once(kind, node === 0 ? 0 : 1, 5000),
      });
      expect(broken).toBeUndefined();
    },
  );

  it('moves once when the master loses its power, and not again when it comes back', async () => {
    const { moves } = await simulate({
      seed: 1,
      settings: SECOND,
      faults: once('power-loss', 0, 5000),
    });
    expect(moves).toBe(1);
  });

  it.each(['daemon-crash', 'daemon-restart'] as const)(
    'does not move through %s when the next daemon is there within half a second',
    async (kind) => {
      const { moves, longestNone } = await simulate({
        seed: 1,
        settings: SECOND,
        faults: once(kind, 0, 500),
      });
      expect([moves, longestNone]).toEqual([0, expect.any(Number)]);
    },
  );

  it('keeps the owner through the death of the other node', async () => {
    const { moves } = await simulate({
      seed: 1,
      settings: SECOND,
      faults: once('power-loss', 1, 5000),
    });
    expect(moves).toBe(0);
  });

  it('says the same when the same seed is run again', async () => {
    const scenario = {
      seed: 7,
      settings: { ...SECOND, interval: millis(100) },
      faults: once('lossy', 0, 3000),
    };
    const first = await simulate(scenario, { recording: 'transcript' });
    const second = await simulate(scenario, { recording: 'transcript' });
    expect(first.transcript.length).toBeGreaterThan(10);
    expect(second.transcript).toEqual(first.transcript);
  });

  it('notices a broken promise: a judge that never complains judges nothing', async () => {
    const { broken } = await simulate(
      { seed: 1, settings: SECOND, faults: once('power-loss', 0, 5000) },
      {
        recording: 'silent',
        bounds: { dual: millis(0), none: millis(1000), lease: millis(0) },
      },
    );
    expect(broken?.invariant).toBe('no owner');
  });

  it('says the same when promises are settled and the judge looks at every step', async () => {
    for (const scenario of fc.sample(anyScenario, { numRuns: 60, seed: 4 })) {
      const quick = await simulate(scenario, { recording: 'transcript' });
      const slow = await simulate(scenario, { recording: 'transcript', pace: 'at every step' });
      expect(slow).toEqual(quick);
    }
  });

  it('keeps every promise in a hundred random schedules', async () => {
    const result = await explore({ runs: 100, seed: 20_261_123 });
    expect(result.counterexample).toBeNull();
  });
});
