/**
 * `npm run sim -- --runs N --seed S`: many schedules, and what they had to be lived through; the first broken
 * invariant is shrunk and told line by line. `--jobs J` shares them among as many processes. `--drill NAME|all`: drills
 * of the catalogue instead, each on N diced pairs.
 */
import * as fc from 'fast-check';
import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import type { DrillName } from '../../src/core/drill-catalogue.js';
import type { DrillTally } from './drill/explore-drills.js';
import { added, drillsNamed, drillTable, exploreDrill } from './drill/explore-drills.js';
import type { Share } from './explore.js';
import { anyScenario, explore } from './explore.js';
import type { HazardCounts } from './hazards.js';
import { ENOUGH_SCHEDULES, Hazards } from './hazards.js';
import { simulate } from './world.js';

/** What one process tells of its share. */
type Told = Report | DrillsReport;

interface DrillsReport {
  readonly tallies: readonly DrillTally[];
}

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
    drill: { type: 'string' },
    /** Which of the jobs this process is; for processes started here. */
    nth: { type: 'string' },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed);
const jobs = Number(values.jobs);

async function drill(names: readonly DrillName[], share: Share): Promise<DrillsReport> {
  const tallies: DrillTally[] = [];
  for (const name of names) {
    tallies.push(await exploreDrill(name, { runs, seed, share }));
  }
  return { tallies };
}

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
function job<T extends Told>(nth: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const argv = [...process.argv.slice(2), '--seed', String(seed), '--nth', String(nth)];
    const child = fork(process.argv[1] ?? '', argv);
    child.once('message', (report) => {
      resolve(report as T);
    });
    child.once('exit', (code) => {
      reject(new Error(`job ${String(nth)} ended with ${String(code)} and said nothing`));
    });
  });
}

/** By this process, or by as many as were asked for. */
function shared<T extends Told>(work: (share: Share) => Promise<T>): Promise<readonly T[]> {
  return Promise.all(
    jobs === 1 ? [work({ nth: 0, of: 1 })] : Array.from({ length: jobs }, (_, nth) => job<T>(nth)),
  );
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

function tellDrills(reports: readonly DrillsReport[], seconds: number): void {
  const [first = [], ...others] = reports.map(({ tallies }) => tallies);
  const tallies = first.map((tally, index) =>
    others.reduce((all, those) => added(all, those[index] ?? all), tally),
  );
  const done = tallies.reduce((all, each) => all + each.runs, 0);
  console.log(
    `${String(done)} drills, seed ${String(seed)}, ${(done / seconds).toFixed(0)} a second`,
  );
  for (const { story } of tallies) {
    if (story.length > 0) {
      console.log(story.join('\n'));
      process.exitCode = 1;
    }
  }
  console.log(drillTable(tallies));
}

/** What a process that was started here tells the one that did. */
async function report(work: (share: Share) => Promise<Told>): Promise<void> {
  process.send?.(await work({ nth: Number(values.nth), of: jobs }), () => {
    process.disconnect();
  });
}

const began = performance.now();
const seconds = (): number => (performance.now() - began) / 1000;
const names = values.drill === undefined ? [] : drillsNamed(values.drill);
if (typeof names === 'string') {
  console.error(names);
  process.exitCode = 2;
} else {
  const drills = (share: Share): Promise<DrillsReport> => drill(names, share);
  if (values.nth !== undefined) {
    await report(names.length > 0 ? drills : live);
  } else if (names.length > 0) {
    tellDrills(await shared(drills), seconds());
  } else {
    tell(await shared(live), seconds());
  }
}
