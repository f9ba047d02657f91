/** Many schedules from one seed; a failing one is shrunk to the shortest that still fails. */
import * as fc from 'fast-check';
import { millis, scale } from '../../src/base/time.js';
import { anyFaults, spansFor } from './faults.js';
import type { Settings } from './settings.js';
import type { Scenario } from './world.js';
import { simulate } from './world.js';

const anySettings: fc.Arbitrary<Settings> = fc
  .constantFrom(millis(1000), millis(1000), millis(100))
  .chain((interval) =>
    fc.record({
      interval: fc.constant(interval),
      proxy: fc.constantFrom<Settings['proxy']>('none', { probeEvery: millis(1000) }, 'none', {
        probeEvery: millis(4000),
      }),
      startHold: fc.constantFrom(millis(0), millis(0), scale(interval, 5)),
    }),
  );

export const anyScenario: fc.Arbitrary<Scenario> = anySettings.chain((settings) =>
  fc.record({
    seed: fc.nat(),
    settings: fc.constant(settings),
    faults: anyFaults(spansFor(settings.interval)),
  }),
);

export interface Exploration {
  readonly runs: number;
  readonly seed: number;
}

export async function explore({ runs, seed }: Exploration): Promise<fc.RunDetails<[Scenario]>> {
  const neverBroken = fc.asyncProperty(anyScenario, async (scenario) => {
    const { broken } = await simulate(scenario);
    return broken === undefined;
  });
  return fc.check(neverBroken, { numRuns: runs, seed });
}
