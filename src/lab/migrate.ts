/** A migration under load from beginning to end: measures throughout, takes every step, and says what each one cost. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Instant } from '../base/time.js';
import { centisToMillis, scale } from '../base/time.js';
import type { Clock } from '../ports/clock.js';
import type { LabFailure } from './failure.js';
import type { Lab } from './lab.js';
import { PROBE_DEFAULTS, WATCH_DEFAULTS } from './measure.js';
import { MIGRATION } from './migration.js';
import type { Migrating, MigrationStep } from './migration.js';
import type { WatchReport } from '../prober/owner-watch.js';
import { ownership } from '../prober/ownership.js';
import { pause } from './pause.js';
import { summarize } from '../prober/gaps.js';
import type { ProbeReport } from '../prober/sample.js';
import { nodeOfHardwareAddress, otherNode } from './topology.js';

/** What one step did. */
export interface StepTaken {
  readonly name: string;
  readonly planned: MigrationStep['planned'];
  /** Who had the address when the step began, and every owner the wire saw during it, in order; two in a row are never the same. */
  readonly owners: readonly string[];
  readonly moves: number;
  readonly requests: number;
  readonly failed: number;
  readonly gapMs: number;
  readonly twoOwnersMs: number;
  readonly noOwnerMs: number;
}

export interface Migrated {
  readonly steps: readonly StepTaken[];
  readonly movesPlanned: number;
  readonly movesSeen: number;
  readonly requests: number;
  readonly failed: number;
  readonly streamsBroken: number;
  /** Every step moved the address if it was meant to, and only then. */
  readonly verdict: 'as planned' | 'not as planned';
}

export interface MigratePorts {
  readonly clock: Clock;
  /** Aborted when the operator has had enough: the step that runs is the last. */
  readonly signal: AbortSignal;
  /** Told before each step. */
  readonly tell: (step: MigrationStep) => void;
}

interface TimedStep {
  readonly step: MigrationStep;
  readonly from: Instant;
  readonly to: Instant;
}

/** The lab is a keepalived pair; afterwards it is a vipair pair. */
export async function migrate(
  lab: Lab,
  { clock, signal, tell }: MigratePorts,
): Promise<Result<Migrated, LabFailure>> {
  const first = await lab.owner();
  if (first === undefined) {
    return fail({ code: 'not-ready', detail: 'no node, or both, hold the address' });
  }
  const probe = await lab.startProbe({ ...PROBE_DEFAULTS, streams: STREAMS });
  const watch = await lab.startWatch(WATCH_DEFAULTS);
  if (!probe.ok || !watch.ok) {
    return probe.ok ? (watch as Result<never, LabFailure>) : probe;
  }
  const migrating = { lab, clock, first, second: lab.nodes[otherNode(first.name)] };
  const taken = await takeAll(migrating, { signal, tell });
  const seen = await probe.value.finish();
  const wire = await watch.value.finish();
  if (!taken.ok || !seen.ok || !wire.ok) {
    return [taken, seen, wire].find((each) => !each.ok) as Result<never, LabFailure>;
  }
  return ok(judge(taken.value, seen.value, wire.value));
}

async function takeAll(
  migrating: Migrating,
  { signal, tell }: Omit<MigratePorts, 'clock'>,
): Promise<Result<readonly TimedStep[], LabFailure>> {
  const { lab, clock } = migrating;
  // Whoever means to move does so within four intervals.
  const quiet = scale(centisToMillis(lab.settings.advertInterval), QUIET_INTERVALS);
  const taken: TimedStep[] = [];
  for (const step of MIGRATION) {
    if (signal.aborted) {
      return fail({ code: 'not-ready', detail: `ended before: ${step.name}` });
    }
    tell(step);
    const from = clock.now();
    const outcome = await step.take(migrating);
    if (!outcome.ok) {
      return outcome;
    }
    await pause(clock, quiet);
    taken.push({ step, from, to: clock.now() });
  }
  return ok(taken);
}

function judge(taken: readonly TimedStep[], seen: ProbeReport, wire: WatchReport): Migrated {
  const steps = taken.map((each) => judgeStep(each, seen, wire));
  const { launched, failed } = summarize(seen);
  const asPlanned = steps.every(({ planned, moves }) => moves === (planned === 'move' ? 1 : 0));
  const movesSeen = ownersOf(wire).length - 1;
  const movesPlanned = steps.filter(({ planned }) => planned === 'move').length;
  return {
    steps,
    movesPlanned,
    // Of the whole, so that a move between two steps is not missed.
    movesSeen,
    requests: launched,
    failed,
    streamsBroken: seen.streamBreaks.length,
    verdict: asPlanned && movesSeen === movesPlanned ? 'as planned' : 'not as planned',
  };
}

function judgeStep({ step, from, to }: TimedStep, seen: ProbeReport, wire: WatchReport): StepTaken {
  const during = (at: Instant): boolean => at >= from && at < to;
  const slice = {
    ...wire,
    startedAt: from,
    endedAt: to,
    asks: wire.asks.filter(during),
    answers: wire.answers.filter(({ at }) => during(at)),
  };
  const { launched, failed, longestGap } = summarize({
    ...seen,
    startedAt: from,
    endedAt: to,
    samples: seen.samples.filter(({ launchedAt }) => during(launchedAt)),
  });
  const { twoOwners, noOwner } = ownership(slice);
  const earlier = { ...wire, endedAt: from, answers: wire.answers.filter(({ at }) => at < from) };
  // A step may move the address before the wire showed who had it when the step began.
  const owners = [...ownersOf(earlier).slice(-1), ...ownersOf(slice)].filter(differsFromLast);
  return {
    name: step.name,
    planned: step.planned,
    owners,
    moves: owners.length - 1,
    requests: launched,
    failed,
    gapMs: longestGap,
    twoOwnersMs: twoOwners,
    noOwnerMs: noOwner,
  };
}

/** By the answers on the wire: who took over from whom. */
function ownersOf(report: WatchReport): readonly string[] {
  return ownership(report)
    .tenures.map(({ hardwareAddress }) => nodeOfHardwareAddress(hardwareAddress) ?? hardwareAddress)
    .filter(differsFromLast);
}

function differsFromLast(owner: string, index: number, all: readonly string[]): boolean {
  return owner !== all[index - 1];
}

/** Beside the requests: connections that last. They break whenever the address moves. */
const STREAMS = 2;
const QUIET_INTERVALS = 5;
