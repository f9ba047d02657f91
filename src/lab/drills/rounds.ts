/** The whole catalogue on one pair, round after round. */
import type { Result } from '../../base/result.js';
import { done, ok } from '../../base/result.js';
import { millis } from '../../base/time.js';
import type { Clock } from '../../ports/clock.js';
import type { LabFailure } from '../failure.js';
import type { Lab, LabPorts } from '../lab.js';
import { pause } from '../pause.js';
import { untilSettled } from './settled.js';
import type { LabSettings } from '../settings.js';
import { onDrillLab } from './drill-lab.js';
import type { MachinePicture } from './machine-picture.js';
import { leftSince, pictureOfMachine } from './machine-picture.js';
import type { DrillSeen } from './one-drill.js';
import { runOne } from './one-drill.js';

export interface Round {
  readonly number: number;
  readonly drills: readonly DrillSeen[];
}

export interface RoundsSeen {
  readonly rounds: readonly Round[];
  /** What the machine has afterwards that it had not before. */
  readonly left: readonly string[];
}

export interface RoundsAsked {
  readonly settings: LabSettings;
  readonly drills: readonly string[];
  readonly rounds: number;
}

export interface RoundsPorts extends LabPorts {
  readonly clock: Clock;
  /** Aborted when the operator has had enough. */
  readonly signal: AbortSignal;
  readonly tell: (seen: DrillSeen, round: number) => void;
}

export async function runRounds(
  { settings, drills, rounds }: RoundsAsked,
  ports: RoundsPorts,
): Promise<Result<RoundsSeen, LabFailure>> {
  const before: MachinePicture = pictureOfMachine();
  const seen: Round[] = [];
  const ran = await onDrillLab(settings, ports, async ({ lab }) => {
    const redundant = await untilSettled(lab, ports.clock);
    if (!redundant.ok) {
      return redundant;
    }
    for (let number = 1; number <= rounds && !ports.signal.aborted; number += 1) {
      seen.push({ number, drills: await oneRound(lab, { drills, number }, ports) });
    }
    return done;
  });
  return ran.ok ? ok({ rounds: seen, left: leftSince(before, pictureOfMachine()) }) : ran;
}

/** The last drill may show late on a node, as a suite's does: one that is refused is asked for again, a few times. */
async function whenReady(lab: Lab, drill: string, ports: RoundsPorts): Promise<DrillSeen> {
  let seen: DrillSeen = await runOne(lab, drill, ports);
  for (let asked = 1; seen.verdict === 'refused' && asked < MOST_ASKED; asked += 1) {
    await pause(ports.clock, ASKED_AGAIN);
    seen = await runOne(lab, drill, ports);
  }
  return seen;
}

async function oneRound(
  lab: Lab,
  { drills, number }: { readonly drills: readonly string[]; readonly number: number },
  ports: RoundsPorts,
): Promise<readonly DrillSeen[]> {
  const seen: DrillSeen[] = [];
  for (const drill of drills) {
    if (ports.signal.aborted) {
      break;
    }
    const one = await whenReady(lab, drill, ports);
    ports.tell(one, number);
    seen.push(one);
  }
  return seen;
}

/** HAProxy's checks and the lab's tracker need ten seconds to forget servers that were out of reach. */
const MOST_ASKED = 5;
const ASKED_AGAIN = millis(4000);
