/**
 * `npm run sim -- --runs N --seed S`: many schedules, and what they had to be lived through; the first broken
 * invariant is shrunk and told line by line.
 */
import * as fc from 'fast-check';
import { parseArgs } from 'node:util';
import { anyScenario, explore } from './explore.js';
import { ENOUGH_SCHEDULES } from './hazards.js';
import { simulate } from './world.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed);
const began = performance.now();
const { details, hazards } = await explore({ runs, seed });
const took = (performance.now() - began) / 1000;
console.log(
  `${String(details.numRuns)} schedules, seed ${String(seed)}, ${(details.numRuns / took).toFixed(0)} a second`,
);
console.log(hazards.table);
const { missing } = hazards;
if (missing.length > 0 && details.numRuns >= ENOUGH_SCHEDULES) {
  console.log(`never met: ${missing.join(', ')}`);
  process.exitCode = 1;
}
if (details.failed) {
  const [scenario] = details.counterexample ?? fc.sample(anyScenario, 1);
  if (scenario !== undefined) {
    const told = await simulate(scenario, { recording: 'transcript' });
    console.log(JSON.stringify(scenario));
    console.log(told.transcript.join('\n'));
    console.log(told.broken);
  }
  process.exitCode = 1;
}
