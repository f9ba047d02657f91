/** What the bench can be asked on its command line. */
import { parseArgs } from 'node:util';
import type { Result } from '../../src/base/result.js';
import { fail, ok } from '../../src/base/result.js';
import { BENCH_DRILLS } from './drill-deeds.js';
import type { DrillsPlan } from './drills.js';
import type { FlowsBenchPlan } from './flows.js';
import { FLOW_REPLICATORS } from './flows.js';
import { FLOWS_PARTS } from './flows-parts.js';
import type { ForwardPlan } from './forward.js';
import { FORWARDERS } from './forward.js';
import type { Scenario } from './plan.js';
import { SCENARIOS, labelOf } from './plan.js';
import { STEADINESS_LABEL } from './steadiness.js';
import type { TablesPlan } from './tables.js';
import { REPLICATORS } from './tables.js';
import { PARTS } from './tables-parts.js';

const BENCHES = ['failover', 'switchover', 'idle', 'tables', 'drills', 'flows', 'forward'] as const;
type Bench = (typeof BENCHES)[number];

export interface Options {
  readonly bench: Bench;
  readonly form: 'text' | 'json';
  readonly scenarios: readonly Scenario[];
  readonly tables: TablesPlan;
  readonly drills: DrillsPlan;
  readonly flows: FlowsBenchPlan;
  readonly forward: ForwardPlan;
  /** Whether the adverts of an overloaded machine are measured as well. */
  readonly steadiness: 'measured' | 'left out';
  /** `strict`: a missed target is a failure. */
  readonly judging: 'strict' | 'lenient';
  /** The built program to measure; undefined: this checkout's. */
  readonly program: string | undefined;
}

export const USAGE: string = [
  'npm run bench -- failover|switchover|idle|tables|drills|flows|forward [--rounds N] [--only WORD,…] [--by WHO] [--json] [--strict] [--program FILE]',
  `  --only      scenarios whose name begins with a word: ${[...SCENARIOS.map(labelOf), STEADINESS_LABEL].join(' ')}`,
  `  or, of tables: ${PARTS.map(({ label }) => label).join(' ')}`,
  `  or, of drills: ${BENCH_DRILLS.map(({ label }) => label).join(' ')}`,
  `  or, of flows: ${FLOWS_PARTS.map(({ label }) => label).join(' ')}`,
  `  or, of forward: ${FORWARDERS.join(' ')}`,
  `  --by        who replicates, of tables ${REPLICATORS.join(' or ')}, of flows ${FLOW_REPLICATORS.join(' or ')}; without it both`,
  '  --rounds    so many rounds for each engine, instead of the 5 to 9 that each scenario has, the 3 of tables and flows, the 7 of forward and the 1 of drills',
  '  --strict    exit with 1 when a target is missed',
  '  --program   measure this dist/main.js instead of the one of this checkout',
].join('\n');

export function readOptions(argv: readonly string[]): Result<Options, { readonly detail: string }> {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        rounds: { type: 'string' },
        only: { type: 'string' },
        by: { type: 'string' },
        json: { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
        program: { type: 'string' },
      },
    });
    const bench = BENCHES.find((each) => each === positionals[0]);
    if (positionals.length !== 1 || bench === undefined) {
      return fail({ detail: `say which benchmark: ${BENCHES.join(', ')}` });
    }
    const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
    if (rounds !== undefined && !(Number.isSafeInteger(rounds) && rounds > 0)) {
      return fail({ detail: `--rounds ${values.rounds ?? ''}: expected a whole number above 0` });
    }
    const isChosen = chooser(values.only);
    const scenarios = SCENARIOS.filter((each) => isChosen(labelOf(each))).map((each) =>
      withRounds(each, rounds),
    );
    const steadiness = isChosen(STEADINESS_LABEL) ? 'measured' : 'left out';
    const tables: TablesPlan = {
      parts: PARTS.filter(({ label }) => isChosen(label)),
      by: REPLICATORS.filter((each) => values.by === undefined || values.by === each),
      rounds: rounds ?? USUAL_ROUNDS,
    };
    const flows: FlowsBenchPlan = {
      parts: FLOWS_PARTS.filter(({ label }) => isChosen(label)),
      by: FLOW_REPLICATORS.filter((each) => values.by === undefined || values.by === each),
      rounds: rounds ?? USUAL_ROUNDS,
    };
    const forward: ForwardPlan = {
      by: FORWARDERS.filter(isChosen),
      rounds: rounds ?? FORWARD_ROUNDS,
    };
    const drills: DrillsPlan = {
      drills: BENCH_DRILLS.filter(({ label }) => isChosen(label)),
      rounds: rounds ?? 1,
    };
    const isAnything = {
      ...{ failover: scenarios.length > 0 || steadiness === 'measured', switchover: true },
      ...{ idle: true, tables: tables.parts.length * tables.by.length > 0 },
      drills: drills.drills.length > 0,
      flows: flows.parts.length * flows.by.length > 0,
      forward: forward.by.length > 0,
    }[bench];
    return !isAnything
      ? fail({ detail: `--only ${values.only ?? ''}: no scenario has such a name` })
      : ok({
          bench,
          scenarios,
          steadiness,
          tables,
          drills,
          flows,
          forward,
          form: values.json ? 'json' : 'text',
          judging: values.strict ? 'strict' : 'lenient',
          program: values.program,
        });
  } catch (error) {
    return fail({ detail: error instanceof Error ? error.message : String(error) });
  }
}

const USUAL_ROUNDS = 3;
/** What is looked for is small beside what a machine's other work does to one round. */
const FORWARD_ROUNDS = 7;

function chooser(only: string | undefined): (label: string) => boolean {
  const words = only?.split(',').filter((word) => word !== '');
  return (label) => words === undefined || words.some((word) => label.startsWith(word));
}

function withRounds(scenario: Scenario, rounds: number | undefined): Scenario {
  return rounds === undefined
    ? scenario
    : {
        ...scenario,
        rounds: Object.fromEntries(Object.keys(scenario.rounds).map((id) => [id, rounds])),
      };
}
