/** `vipair drill run`: drills on the live pair, one after the other, each planned, shown, agreed to, and reported. */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import type { Config } from '../../config/config.js';
import type { DrillName } from '../../core/drill-catalogue.js';
import { DRILL_NAMES, DRILLS } from '../../core/drill-catalogue.js';
import type { DrillLimits } from '../../core/drill-limits.js';
import { limitsOver } from '../../core/drill-limits.js';
import type { DrillPlan } from '../../core/drill-plan.js';
import { isDrill, planDrill, unknownDrill } from '../../core/drill-plan.js';
import { objections } from '../../core/drill-preflight.js';
import { faultInWords } from '../../drill/fault-text.js';
import type { DrillClients, DrillDaemons } from '../../drill/ports.js';
import { runDrill } from '../../drill/run-drill.js';
import type { Gathered } from '../../drill/scene.js';
import { factsOf, sceneOf } from '../../drill/scene.js';
import { millis } from '../../base/time.js';
import type { Clock } from '../../ports/clock.js';
import { eventually } from '../../ports/pause.js';
import type { DrillRunAsked } from '../commands.js';
import type { ExitCode } from '../exit-codes.js';
import { EXIT } from '../exit-codes.js';
import { strong } from '../paint.js';
import { complain, confirm, print, printJson } from '../terminal.js';
import { readLimits } from './limits-text.js';
import { LiveLines } from './live-lines.js';
import type { DrillOutcome } from './outcome.js';
import type { DrillOutput } from './output.js';

export interface DrillRunPorts {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly config: Config;
  readonly daemons: DrillDaemons;
  /** Undefined: nobody measures. */
  readonly prober: DrillClients | undefined;
  /** Undefined: a daemon answers. Otherwise that is told, and with what to end. */
  readonly reach: () => Promise<ExitCode | undefined>;
  /** What the pair is like now; a failure is a sentence. */
  readonly gather: () => Promise<Result<Gathered, string>>;
  /** Keeps and renders reports. */
  readonly output: DrillOutput;
}

export async function drillRun(asked: DrillRunAsked, ports: DrillRunPorts): Promise<ExitCode> {
  const limits = readLimits(asked.limits);
  const names = drillNames(asked, ports.config);
  const mistakes = [...(limits.ok ? [] : limits.error), ...(names.ok ? [] : names.error)];
  if (!limits.ok || !names.ok) {
    mistakes.forEach((each) => {
      complain(`vipair drill run: ${each}`);
    });
    return EXIT.usage;
  }
  const unreached = await ports.reach();
  if (unreached !== undefined) {
    return unreached;
  }
  return inTurn(names.value, limits.value, asked, ports);
}

async function inTurn(
  names: readonly DrillName[],
  limits: Partial<DrillLimits>,
  asked: DrillRunAsked,
  ports: DrillRunPorts,
): Promise<ExitCode> {
  const outcomes: DrillOutcome[] = [];
  for (const [index, name] of names.entries()) {
    await pairReady(index, ports);
    const outcome = await oneDrill(name, limits, asked, ports);
    if (outcome === 'not agreed') {
      return outcomes.length === 0 ? EXIT.failed : codeOf(outcomes, asked);
    }
    outcomes.push(outcome);
    if (ports.signal.aborted || (asked.onFailure === 'stop' && isBad(outcome, asked))) {
      break;
    }
  }
  const written = ports.output.suite(outcomes, asked);
  if (asked.form === 'json') {
    printJson(outcomes);
  }
  const code = codeOf(outcomes, asked);
  return code === EXIT.ok && !written ? EXIT.failed : code;
}

/** Those that were named, those of a suite, or all that can be done live. */
export function drillNames(
  { names, suite }: Pick<DrillRunAsked, 'names' | 'suite'>,
  config: Config,
): Result<readonly DrillName[], readonly string[]> {
  if (suite === undefined) {
    const unknown = names.filter((each) => !isDrill(each)).map(unknownDrill);
    const none =
      names.length === 0 ? ['say which drill, or --suite; vipair drill list has them'] : [];
    return unknown.length + none.length > 0
      ? fail([...unknown, ...none])
      : ok(names.filter(isDrill));
  }
  if (names.length > 0) {
    return fail(['drills by name and --suite do not go together']);
  }
  if (suite === ALL) {
    return ok(
      DRILL_NAMES.filter(
        (name) => DRILLS[name].where === 'live' && DRILLS[name].consent === 'usual',
      ),
    );
  }
  const known = config.drills?.suites.get(suite);
  const suites = [...(config.drills?.suites.keys() ?? []), ALL].join(', ');
  return known === undefined
    ? fail([`no suite is called ${suite}; there are: ${suites}`])
    : ok(known);
}

async function oneDrill(
  name: DrillName,
  typed: Partial<DrillLimits>,
  asked: DrillRunAsked,
  ports: DrillRunPorts,
): Promise<DrillOutcome | 'not agreed'> {
  const shown = await lookedAt(name, typed, asked, ports);
  if ('outcome' in shown) {
    return shown.outcome;
  }
  if (!(await isAgreed(shown.plan, shown.gathered, asked, ports))) {
    return 'not agreed';
  }
  // Whoever is asked may think it over for an hour: what was agreed to is done to the pair that was shown, or not at all.
  const now = await lookedAt(name, typed, asked, ports);
  if ('outcome' in now) {
    return now.outcome;
  }
  if (JSON.stringify(now.plan) !== JSON.stringify(shown.plan)) {
    return refused(name, ['the pair is not as it was when the plan was shown: ask again'], asked);
  }
  const { plan, gathered } = now;
  const live = new LiveLines(asked.form);
  const ran = await runDrill(
    {
      plan,
      id: idOf(gathered.now, name),
      by: gathered.report.node,
      before: gathered.report,
    },
    { ...ports, tell: live.tell },
  );
  live.end();
  if (!ran.ok) {
    return refused(name, [ran.error], asked);
  }
  await ports.output.report(ran.value, asked);
  return { drill: name, kind: 'reported', report: ran.value };
}

/**
 * What the last drill did may show late: trackers count failures that have ended before they say so. The next one waits for
 * that to pass, and where it does not, it is refused with the reasons. The first drill waits for nothing.
 */
async function pairReady(before: number, { clock, signal, gather }: DrillRunPorts): Promise<void> {
  await eventually(clock, BETWEEN_DRILLS, async () => {
    const gathered = before === 0 || signal.aborted ? undefined : await gather();
    return (
      gathered === undefined || (gathered.ok && objections(factsOf(gathered.value)).length === 0)
    );
  });
}

/** The plan for the pair as it is now, or why there is none. */
async function lookedAt(
  name: DrillName,
  typed: Partial<DrillLimits>,
  asked: DrillRunAsked,
  ports: DrillRunPorts,
): Promise<
  { readonly plan: DrillPlan; readonly gathered: Gathered } | { readonly outcome: DrillOutcome }
> {
  const gathered = await ports.gather();
  if (!gathered.ok) {
    return { outcome: refused(name, [gathered.error], asked) };
  }
  const against = objections(factsOf(gathered.value));
  const planned = planDrill(
    { name, consent: asked.really, limits: limitsFor(name, ports.config, typed) },
    sceneOf(gathered.value),
  );
  if (against.length > 0) {
    return { outcome: refused(name, against, asked) };
  }
  if (!planned.ok) {
    const why = planned.error;
    return {
      outcome: asked.suite === ALL ? notDone(name, why, asked) : refused(name, why, asked),
    };
  }
  return { plan: planned.value, gathered: gathered.value };
}

/** What is typed goes before what the file says of this drill, that before what it says of all. */
function limitsFor(
  name: DrillName,
  { drills }: Config,
  typed: Partial<DrillLimits>,
): Partial<DrillLimits> {
  const said = { ...NO_LIMITS, ...drills?.limits.get('all') };
  return limitsOver(limitsOver(said, drills?.limits.get(name) ?? {}), typed);
}

async function isAgreed(
  plan: DrillPlan,
  { report }: Gathered,
  asked: DrillRunAsked,
  { prober }: DrillRunPorts,
): Promise<boolean> {
  if (asked.form === 'text' || asked.consent === 'asked for') {
    (asked.form === 'text' ? print : complain)(planInWords(plan, report.node, prober?.command));
  }
  if (asked.consent === 'given') {
    return true;
  }
  const answer = await confirm('Go on?');
  if (answer !== 'yes') {
    complain(answer === 'no' ? 'nothing was done' : 'nobody is here to confirm: add --yes');
  }
  return answer === 'yes';
}

/** What is about to be done, and what it may cost. */
export function planInWords(plan: DrillPlan, here: string, prober: string | undefined): string {
  const { limits } = plan;
  const faults = plan.faults.flatMap(({ node, faults: those }) =>
    those.map((each) => `    on ${node}: ${faultInWords(each)}`),
  );
  const allowed = [
    limits.gapMs === undefined ? undefined : `no answer for ${String(limits.gapMs)} ms at the most`,
    limits.failed === undefined ? undefined : `${String(limits.failed)} failed requests`,
    limits.streamsBroken === undefined
      ? undefined
      : `${String(limits.streamsBroken)} broken streams`,
    limits.moves === undefined ? undefined : `${String(limits.moves)} moves`,
  ].filter((each) => each !== undefined);
  return [
    `${strong(plan.name)}: ${plan.summary}`,
    ...(plan.act === 'switchover' ? ['    vipair switchover'] : faults),
    `  must happen  ${plan.must}`,
    `  lasts        ${(plan.lasts / 1000).toFixed(1)} s; then, or if anything goes wrong, it is undone: ${plan.undo}`,
    `  allowed      ${allowed.join(', ')}`,
    `  measured     ${prober ?? 'by nobody'}`,
    ...(plan.target === here
      ? [
          `  beware       ${here} is the node that you are on: your own connection may be cut with it`,
        ]
      : []),
  ].join('\n');
}

function refused(drill: DrillName, why: readonly string[], { form }: DrillRunAsked): DrillOutcome {
  return told({ drill, kind: 'refused', why }, form);
}

function notDone(drill: DrillName, why: readonly string[], { form }: DrillRunAsked): DrillOutcome {
  return told({ drill, kind: 'not done', why }, form);
}

function told(
  outcome: DrillOutcome & { readonly why: readonly string[] },
  form: string,
): DrillOutcome {
  if (form === 'text') {
    outcome.why.forEach((each) => {
      complain(`${outcome.drill}: ${outcome.kind}: ${each}`);
    });
  }
  return outcome;
}

function isBad(outcome: DrillOutcome, { suite }: DrillRunAsked): boolean {
  return outcome.kind === 'reported'
    ? outcome.report.verdict !== 'passed'
    : outcome.kind === 'refused' || suite !== ALL;
}

function codeOf(outcomes: readonly DrillOutcome[], asked: DrillRunAsked): ExitCode {
  if (outcomes.some(({ kind }) => kind === 'refused')) {
    return EXIT.refused;
  }
  return outcomes.some((each) => isBad(each, asked)) ? EXIT.failed : EXIT.ok;
}

/** Such as `20260302-041107-proxy-crash`, in UTC: sorted by name they are sorted by time. */
function idOf(now: Date, name: DrillName): string {
  return `${now
    .toISOString()
    .replaceAll(/[-:]|\..*/gu, '')
    .replace('T', '-')}-${name}`;
}

const NO_LIMITS: DrillLimits = {
  gapMs: undefined,
  failed: undefined,
  streamsBroken: undefined,
  twoOwnersMs: undefined,
  noOwnerMs: undefined,
  moves: undefined,
};
const BETWEEN_DRILLS = { within: millis(60_000), every: millis(1000) } as const;
/** The suite that is always there. */
const ALL = 'all';
