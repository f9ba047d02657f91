/** Many schedules from one seed; a failing one is shrunk to the shortest that still fails. */
import * as fc from 'fast-check';
import { millis } from '../../src/base/time.js';
import { anyFaults } from './faults.js';
import type { Scenario } from './world.js';
import { simulate } from './world.js';

export const anyScenario: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.nat(),
  interval: fc.constantFrom(millis(100), millis(1000), millis(1000)),
  faults: anyFaults,
});

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
