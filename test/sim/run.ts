/** `npm run sim -- --runs N --seed S`: many schedules; the first broken invariant is shrunk and told line by line. */
import * as fc from 'fast-check';
import { parseArgs } from 'node:util';
import { anyScenario, explore } from './explore.js';
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
const result = await explore({ runs, seed });
const took = (performance.now() - began) / 1000;
console.log(
  `${String(result.numRuns)} schedules, seed ${String(seed)}, ${(result.numRuns / took).toFixed(0)} a second`,
);
if (result.failed) {
  const [scenario] = result.counterexample ?? fc.sample(anyScenario, 1);
  if (scenario !== undefined) {
    const told = await simulate(scenario, { recording: 'transcript' });
    console.log(JSON.stringify(scenario));
    console.log(told.transcript.join('\n'));
    console.log(told.broken);
  }
  process.exitCode = 1;
}
