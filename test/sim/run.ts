/**
 * `npm run sim -- --runs N --seed S`: many schedules, and what they had to be lived through; the first broken
 * invariant is shrunk and told line by line. `--jobs J` shares them among as many processes.
 */
import * as fc from 'fast-check';
import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import type { Share } from './explore.js';
import { anyScenario, explore } from './explore.js';
import type { HazardCounts } from './hazards.js';
import { ENOUGH_SCHEDULES, Hazards } from './hazards.js';
import { simulate } from './world.js';

/** What one process tells of its share. */
interface Report {
  readonly runs: number;
  readonly counts: HazardCounts;
  /** Empty where no invariant was broken. */
  readonly story: readonly string[];
}

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    jobs: { type: 'string', default: '1' },
    /** Which of the jobs this process is; for processes started here. */
    nth: { type: 'string' },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed);
const jobs = Number(values.jobs);

async function live(share: Share): Promise<Report> {
  const { details, hazards } = await explore({ runs, seed, share });
  const story: string[] = [];
  if (details.failed) {
    const [scenario] = details.counterexample ?? fc.sample(anyScenario, 1);
    if (scenario !== undefined) {
      const told = await simulate(scenario, { recording: 'transcript' });
      story.push(JSON.stringify(scenario), ...told.transcript, JSON.stringify(told.broken));
    }
  }
  return { runs: details.numRuns, counts: hazards.counts, story };
}

/** The same program once more. */
function job(nth: number): Promise<Report> {
  return new Promise((resolve, reject) => {
    const argv = ['--runs', values.runs, '--seed', String(seed), '--jobs', values.jobs];
    const child = fork(process.argv[1] ?? '', [...argv, '--nth', String(nth)]);
    child.once('message', (report) => {
      resolve(report as Report);
    });
    child.once('exit', (code) => {
      reject(new Error(`job ${String(nth)} ended with ${String(code)} and said nothing`));
    });
  });
}

function tell(reports: readonly Report[], seconds: number): void {
  const done = Math.min(...reports.map((each) => each.runs));
  console.log(
    `${String(done)} schedules, seed ${String(seed)}, ${(done / seconds).toFixed(0)} a second`,
  );
  const hazards = new Hazards();
  for (const { counts } of reports) {
    hazards.merge(counts);
  }
  console.log(hazards.table);
  const { missing } = hazards;
  if (missing.length > 0 && done >= ENOUGH_SCHEDULES) {
    console.log(`never met: ${missing.join(', ')}`);
    process.exitCode = 1;
  }
  const [story] = reports.map((each) => each.story).filter((each) => each.length > 0);
  if (story !== undefined) {
    console.log(story.join('\n'));
    process.exitCode = 1;
  }
}

if (values.nth === undefined) {
  const began = performance.now();
  const reports =
    jobs === 1
      ? [await live({ nth: 0, of: 1 })]
      : await Promise.all(Array.from({ length: jobs }, (_, nth) => job(nth)));
  tell(reports, (performance.now() - began) / 1000);
} else {
  process.send?.(await live({ nth: Number(values.nth), of: jobs }), () => {
    process.disconnect();
  });
}
