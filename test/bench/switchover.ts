/** `npm run bench -- switchover`: a thousand new connections a second through ten planned switchovers. */
import type { Centis, Instant, Millis } from '../../src/base/time.js';
import { centis, later, millis } from '../../src/base/time.js';
import { PROBE_DEFAULTS } from '../../src/lab/measure.js';
import { pause } from '../../src/lab/pause.js';
import type { Gap } from '../../src/prober/gaps.js';
import { gaps } from '../../src/prober/gaps.js';
import type { ProbeOutcome, ProbeReport } from '../../src/prober/sample.js';
import type { Lab } from '../../src/lab/lab.js';
import type { ContenderId } from './contenders.js';
import { CONTENDER_IDS, TITLES } from './contenders.js';
import type { Progress } from './failover.js';
import { FAULTS } from './faults.js';
import { whole } from './fitness.js';
import type { Labs } from './labs.js';
import { must } from './labs.js';
import { prioritise } from './round.js';

export const SWITCHOVER_ADVERTS: Centis = centis(100);
export const SWITCHOVERS = 10;

export interface SwitchoverFigure {
  readonly contender: ContenderId;
  readonly switchovers: number;
  readonly launched: number;
  /** A connection that could not be made: no answer to its SYN in time, or a refusal. */
  readonly unconnected: number;
  /** One that was made with the old owner, and met the new one before its answer had arrived. */
  readonly brokenInFlight: number;
  /** From the first failed launch to the next answered one, switchover by switchover; 0 where none failed. */
  readonly gapsMs: readonly number[];
  /** How often the owner changed that no switchover asked for. */
  readonly strayGaps: number;
  readonly proberLateMs: number;
}

/** A thousand a second. */
const EVERY = millis(1);
/** From one switchover to the next, so that ten of them take twenty seconds; an engine that needs longer takes longer. */
const APART = millis(2_000);
const WARM_UP = millis(500);

export async function measureSwitchover(
  labs: Labs,
  progress: Progress,
): Promise<readonly SwitchoverFigure[]> {
  const figures: SwitchoverFigure[] = [];
  for (const id of CONTENDER_IDS) {
    progress(`switchover ${TITLES[id]}: ${String(SWITCHOVERS)} switchovers under load`);
    const lab = await labs.raise(id, SWITCHOVER_ADVERTS);
    figures.push(await figureOf(id, lab, labs));
    await labs.clear();
  }
  return figures;
}

async function figureOf(
  contender: ContenderId,
  lab: Lab,
  { ports }: Labs,
): Promise<SwitchoverFigure> {
  const { clock } = ports;
  const kind = FAULTS.switchover;
  let master = await whole(lab, clock);
  const probing = must(await lab.startProbe({ ...PROBE_DEFAULTS, every: EVERY }));
  await prioritise(lab, ports);
  await pause(clock, WARM_UP);
  const struck: Instant[] = [];
  for (let turn = 0; turn < SWITCHOVERS; turn += 1) {
    const next = later(clock.now(), APART);
    const { earliest } = await kind.strike(lab, master, ports);
    struck.push(earliest);
    await kind.heal(lab, master);
    master = await whole(lab, clock);
    await pause(clock, millis(Math.max(0, next - clock.now())));
  }
  const report = must(await probing.finish());
  return { contender, ...figures(report, struck) };
}

function figures(
  report: ProbeReport,
  struck: readonly Instant[],
): Omit<SwitchoverFigure, 'contender'> {
  const launched = report.samples.filter(({ outcome }) => outcome !== 'unlaunched');
  const failures = launched.filter(({ outcome }) => outcome !== 'answered');
  const brokenInFlight = failures.filter(({ outcome }) => isInFlight(outcome)).length;
  const found = gaps(report);
  const ofEach = struck.map((at, index) =>
    found.filter(({ from }) => isBetween(from, at, struck[index + 1])),
  );
  return {
    switchovers: struck.length,
    launched: launched.length,
    unconnected: failures.length - brokenInFlight,
    brokenInFlight,
    gapsMs: ofEach.map(longest),
    strayGaps: found.filter(({ from }) => from < (struck[0] ?? from)).length,
    proberLateMs: report.worstLateness,
  };
}

/** The probe's SYN was answered: a refused or unanswered one ends otherwise. */
function isInFlight(outcome: ProbeOutcome): boolean {
  return outcome === 'reset' || outcome === 'error-answer';
}

/** Probes that were launched a moment before the command are its victims, too. */
function isBetween(from: Instant, at: Instant, next: Instant | undefined): boolean {
  return from > at - LAUNCHED_BEFORE && (next === undefined || from <= next - LAUNCHED_BEFORE);
}

function longest(found: readonly Gap[]): number {
  return found.reduce((most: Millis, { length }) => millis(Math.max(most, length)), millis(0));
}

const LAUNCHED_BEFORE = 20;
