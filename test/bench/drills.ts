/** `npm run bench -- drills`: the faults of our catalogue on a pair of vipair and on one of keepalived, in turns, in one run. */
import type { Centis, Instant, Millis } from '../../src/base/time.js';
import { centis, millis } from '../../src/base/time.js';
import { DRILLS, defaultLimits } from '../../src/core/drill-catalogue.js';
import type { DrillLimits } from '../../src/core/drill-limits.js';
import { PROBE_DEFAULTS, WATCH_DEFAULTS } from '../../src/lab/measure.js';
import { pause } from '../../src/lab/pause.js';
import { longestGap, summarize } from '../../src/prober/gaps.js';
import { ownership } from '../../src/prober/ownership.js';
import type { WatchReport } from '../../src/prober/owner-watch.js';
import type { ProbeReport } from '../../src/prober/sample.js';
import { settingsOf } from './contenders.js';
import type { BenchDrill } from './drill-deeds.js';
import { DrillStage, sceneOf } from './drill-stage.js';
import type { Progress } from './failover.js';
import { whole } from './fitness.js';
import type { Labs } from './labs.js';
import { must } from './labs.js';
import { prioritise } from './round.js';

export const DRILL_ADVERTS: Centis = centis(10);
export const DRILL_CONTENDERS = ['vipair', 'best'] as const;
export type DrillContender = (typeof DRILL_CONTENDERS)[number];

export interface DrillsPlan {
  readonly drills: readonly BenchDrill[];
  readonly rounds: number;
}

/** One fault, done to one pair once, from before it until the pair is whole again. */
export interface DrillFigure {
  readonly gapMs: number;
  readonly gapEnds: 'answered' | 'until-the-end';
  readonly failed: number;
  readonly launched: number;
  readonly streams: number;
  readonly streamsBroken: number;
  readonly twoOwnersMs: number;
  readonly noOwnerMs: number;
  /** As the wire saw it: how often somebody began to answer, but for the first. */
  readonly moves: number;
  /** Undefined: it healed; else what it lacked. */
  readonly sick: string | undefined;
  readonly proberLateMs: number;
  /** Whether the client was served, just before anything was done. */
  readonly before: 'served' | 'not served';
}

export interface DrillsMeasured {
  readonly label: string;
  /** What vipair may cost. */
  readonly limits: DrillLimits;
  readonly lastedMs: number;
  readonly rounds: Readonly<Record<DrillContender, readonly DrillFigure[]>>;
}

/** A healed pair's first probes, and its last ones. */
const BEFORE_AND_AFTER = millis(400);
const STREAMS = 4;
/** What was launched within it may be a victim already. In milliseconds. */
const A_MOMENT = 20;
/** One late answer is the machine's. */
const A_FEW = 10;
const ATTEMPTS = 3;

export async function measureDrills(
  { drills, rounds }: DrillsPlan,
  labs: Labs,
  progress: Progress,
): Promise<readonly DrillsMeasured[]> {
  progress('raising a pair of vipair and a pair of keepalived');
  const stages = new Stages(labs);
  const measured: DrillsMeasured[] = [];
  try {
    await Promise.all(DRILL_CONTENDERS.map((id) => stages.raise(id)));
    for (const drill of drills) {
      measured.push(await measureDrill({ drill, rounds }, stages, progress));
    }
  } finally {
    await stages.close();
  }
  await labs.clear();
  return measured;
}

async function measureDrill(
  { drill, rounds }: { readonly drill: BenchDrill; readonly rounds: number },
  stages: Stages,
  progress: Progress,
): Promise<DrillsMeasured> {
  const seen: Record<DrillContender, DrillFigure[]> = { vipair: [], best: [] };
  const { lab } = stages.of('vipair');
  const scene = sceneOf(lab, 'lb1', DRILL_ADVERTS);
  const lasts = DRILLS[drill.drill].lasts(scene);
  for (let round = 0; round < rounds; round += 1) {
    for (const id of DRILL_CONTENDERS) {
      const figure = await attempt(drill, { id, lasts }, stages);
      seen[id].push(figure);
      progress(`${drill.label} ${id === 'best' ? 'keepalived' : id}: ${inWords(figure)}`);
      if (figure.sick !== undefined || figure.gapEnds === 'until-the-end') {
        await stages.raise(id);
      }
    }
  }
  const limits = defaultLimits(drill.drill, scene);
  return { label: drill.label, limits, lastedMs: lasts, rounds: seen };
}

/** What the fault before has left behind, such as a client that asks the wrong node, is no figure of this one. */
async function attempt(
  drill: BenchDrill,
  { id, lasts }: { readonly id: DrillContender; readonly lasts: Millis },
  stages: Stages,
): Promise<DrillFigure> {
  for (let left = ATTEMPTS; left > 0; left -= 1) {
    const figure = await runDrill(drill, stages.of(id), lasts);
    if (figure.before === 'served') {
      return figure;
    }
    await stages.raise(id);
  }
  throw new Error(`${drill.label}: the client of ${id} was not served before anything was done`);
}

async function runDrill(
  { strike }: BenchDrill,
  stage: DrillStage,
  lasts: Millis,
): Promise<DrillFigure> {
  const { lab, ports } = stage;
  const { clock } = ports;
  const master = await whole(lab, clock);
  const probing = must(await lab.startProbe({ ...PROBE_DEFAULTS, streams: STREAMS }));
  const watching = must(await lab.startWatch(WATCH_DEFAULTS));
  await prioritise(lab, ports);
  await pause(clock, BEFORE_AND_AFTER);
  const scene = sceneOf(lab, master.name, DRILL_ADVERTS);
  const from = clock.now();
  const undo = await strike({ stage, master, scene, lasts });
  await pause(clock, lasts);
  await undo();
  const sick = await whole(lab, clock).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  await pause(clock, BEFORE_AND_AFTER);
  const to = clock.now();
  const [seen, wire] = await Promise.all([probing.finish(), watching.finish()]);
  return {
    ...figureOf(must(seen), within(must(wire), { from, to })),
    before: beforehand(must(seen), from),
    sick,
  };
}

/** A watch that begins or ends is not at its work for some moments. */
function within(
  { asks, answers, ...rest }: WatchReport,
  { from, to }: { readonly from: Instant; readonly to: Instant },
): WatchReport {
  return {
    ...{ ...rest, startedAt: from, endedAt: to },
    asks: asks.filter((at) => at >= from && at <= to),
    answers: answers.filter(({ at }) => at >= from && at <= to),
  };
}

function figureOf(report: ProbeReport, wire: WatchReport): Omit<DrillFigure, 'sick' | 'before'> {
  const gap = longestGap(report);
  const { failed, launched } = summarize(report);
  const owners = ownership(wire);
  return {
    ...{ gapMs: gap?.length ?? 0, gapEnds: gap?.end ?? 'answered', failed, launched },
    ...{ streams: report.streamsOpened, streamsBroken: report.streamBreaks.length },
    ...{ twoOwnersMs: owners.twoOwners, noOwnerMs: owners.longestNoOwner },
    ...{ moves: Math.max(0, owners.tenures.length - 1), proberLateMs: report.worstLateness },
  };
}

function beforehand({ samples }: ProbeReport, struckAt: Instant): DrillFigure['before'] {
  const early = samples.filter(({ launchedAt }) => launchedAt < struckAt - A_MOMENT);
  return early.slice(-A_FEW).some(({ outcome }) => outcome === 'answered')
    ? 'served'
    : 'not served';
}

function inWords({ gapMs, failed, twoOwnersMs, noOwnerMs, moves, sick }: DrillFigure): string {
  const figures = [gapMs, twoOwnersMs, noOwnerMs].map((each) => each.toFixed(0));
  const [gap = '', two = '', none = ''] = figures;
  const words = `gap ${gap} ms, ${String(failed)} failed, two owners ${two} ms, none ${none} ms, ${String(moves)} moves`;
  return sick === undefined ? words : `${words}; ${sick}`;
}

/** The two labs, each with what a drill needs around it. */
class Stages {
  readonly #labs: Labs;
  readonly #standing = new Map<DrillContender, DrillStage>();

  constructor(labs: Labs) {
    this.#labs = labs;
  }

  of(id: DrillContender): DrillStage {
    const stage = this.#standing.get(id);
    if (stage === undefined) {
      throw new Error(`the lab of ${id} was not raised`);
    }
    return stage;
  }

  async raise(id: DrillContender): Promise<void> {
    await this.#standing.get(id)?.close();
    const settings = settingsOf(id, this.#labs.run, DRILL_ADVERTS);
    const lab = await this.#labs.raiseAs({ ...settings, tracksBackends: 'yes' });
    this.#standing.set(id, new DrillStage(lab, this.#labs.ports));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#standing.values()].map((each) => each.close()));
  }
}
