/** Drills of the catalogue on many diced pairs, counted. */
import Table from 'cli-table3';
import type { DrillName } from '../../../src/core/drill-catalogue.js';
import { DRILL_NAMES } from '../../../src/core/drill-catalogue.js';
import { isDrill, unknownDrill } from '../../../src/core/drill-plan.js';
import type { Share } from '../explore.js';
import { rehearse } from './rehearse.js';

/** What no machine of this simulation has, and where it is rehearsed instead. */
export const NOT_SIMULATED: Partial<Record<DrillName, string>> = {
  'table-divergence': 'stick tables have a simulation of their own, test/sim/tables',
};

export interface DrillTally {
  readonly name: DrillName;
  readonly runs: number;
  readonly failed: number;
  /** In milliseconds; likewise the next two. */
  readonly noOwner: number;
  readonly twoOwners: number;
  readonly gap: number;
  readonly moves: number;
  /** Of the first that failed: seed, pair, what every daemon said, what broke. Empty where none did. */
  readonly story: readonly string[];
}

/** The names of the drills; or why there is none. */
export function drillsNamed(name: string): readonly DrillName[] | string {
  if (name === 'all') {
    return DRILL_NAMES.filter((each) => NOT_SIMULATED[each] === undefined);
  }
  if (!isDrill(name)) {
    return unknownDrill(name);
  }
  const why = NOT_SIMULATED[name];
  return why === undefined ? [name] : `${name} is not simulated here: ${why}`;
}

/** Each seed from `seed` on is another pair; the same one shows the same again. */
export async function exploreDrill(
  name: DrillName,
  { runs, seed, share }: { readonly runs: number; readonly seed: number; readonly share: Share },
): Promise<DrillTally> {
  let tally: DrillTally = { ...NOTHING_YET, name };
  for (let nth = share.nth; nth < runs; nth += share.of) {
    const one = await rehearse(name, seed + nth, 'silent');
    const isBroken = one.broken.length > 0;
    tally = added(tally, {
      ...{ name, runs: 1, failed: isBroken ? 1 : 0, moves: one.moves, gap: one.gap },
      ...{ noOwner: one.noOwner, twoOwners: one.twoOwners },
      story: isBroken && tally.failed === 0 ? await storyOf(name, seed + nth) : [],
    });
  }
  return tally;
}

/** The same drill on more pairs. */
export function added(a: DrillTally, b: DrillTally): DrillTally {
  return {
    name: a.name,
    runs: a.runs + b.runs,
    failed: a.failed + b.failed,
    noOwner: Math.max(a.noOwner, b.noOwner),
    twoOwners: Math.max(a.twoOwners, b.twoOwners),
    gap: Math.max(a.gap, b.gap),
    moves: Math.max(a.moves, b.moves),
    story: a.story.length > 0 ? a.story : b.story,
  };
}

export function drillTable(tallies: readonly DrillTally[]): string {
  const table = new Table({
    head: ['drill', 'runs', 'failed', 'no owner', 'two owners', 'no answer', 'moves'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, runs, failed, noOwner, twoOwners, gap, moves } of tallies) {
    const times = [noOwner, twoOwners, gap].map((each) => `${each.toFixed(0)} ms`);
    table.push([name, String(runs), String(failed), ...times, String(moves)]);
  }
  const rest = Object.entries(NOT_SIMULATED).map(
    ([name, why]) => `not simulated: ${name} (${why})`,
  );
  return [table.toString(), 'the longest times and most moves of all runs', ...rest].join('\n');
}

async function storyOf(name: DrillName, seed: number): Promise<readonly string[]> {
  const { pair, transcript, broken } = await rehearse(name, seed, 'transcript');
  return [
    JSON.stringify(pair),
    ...transcript,
    ...broken,
    `${name} failed: npm run sim -- --drill ${name} --runs 1 --seed ${String(seed)}`,
  ];
}

const NOTHING_YET: Omit<DrillTally, 'name'> = {
  ...{ runs: 0, failed: 0, noOwner: 0, twoOwners: 0, gap: 0, moves: 0 },
  story: [],
};
