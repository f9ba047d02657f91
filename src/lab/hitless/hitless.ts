/** Planned moves under clients that stay and clients that come anew: what breaks, what is corrupt, and how long who waits. */
import type { Result } from '../../base/result.js';
import { done, fail, ok } from '../../base/result.js';
import type { Instant, Millis } from '../../base/time.js';
import { between, millis } from '../../base/time.js';
import type { ProbeReport, ProbeSample } from '../../prober/sample.js';
import type { Clock } from '../../ports/clock.js';
import type { LabFailure } from '../failure.js';
import { giveAway } from '../give-away.js';
import { proxyWorker } from '../haproxy-socket.js';
import type { Lab } from '../lab.js';
import { PROBE_DEFAULTS } from '../measure.js';
import type { LabNode } from '../node.js';
import { eventually, pause } from '../pause.js';
import { untilRedundant } from '../readiness.js';
import type { NodeName } from '../topology.js';
import { NODE_NAMES, otherNode, VIRTUAL_CIDRS } from '../topology.js';
import type { HitlessSeen, Moved } from './judgement.js';
import { judgeHitless } from './judgement.js';

export interface HitlessOptions {
  readonly rounds: number;
  /** Clients of each kind that stay. */
  readonly each: number;
  /** Between two new connections. */
  readonly every: Millis;
}

export interface HitlessPorts {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

/** Moves back and forth; ends after the round that runs when the operator has had enough. */
export async function seeHitless(
  lab: Lab,
  options: HitlessOptions,
  ports: HitlessPorts,
): Promise<Result<HitlessSeen, LabFailure>> {
  const { clock } = ports;
  const ready = await settled(lab, clock);
  if (!ready.ok) {
    return ready;
  }
  const before = await workersOf(lab);
  const targets = lab.settings.families.map((family) => VIRTUAL_CIDRS[family].address);
  const holding = await lab.startHold({ targets, each: options.each });
  if (!holding.ok) {
    return holding;
  }
  const probing = await lab.startProbe({ ...PROBE_DEFAULTS, every: options.every });
  if (!probing.ok) {
    await holding.value.finish();
    return probing;
  }
  await pause(clock, OPENS_WITHIN);
  const moves = await moveAbout(lab, options.rounds, ports);
  await pause(clock, SHOWS_WITHIN);
  const after = await workersOf(lab);
  const probed = await probing.value.finish();
  const held = await holding.value.finish();
  if (!moves.ok) {
    return moves;
  }
  if (!held.ok) {
    return held;
  }
  return probed.ok
    ? ok(
        judgeHitless({
          ...{ engine: lab.settings.engine, rounds: options.rounds, moves: moves.value },
          replaced: NODE_NAMES.filter((name) => before[name] !== after[name]),
          ...{ held: held.value, probed: withoutEnd(probed.value) },
        }),
      )
    : probed;
}

/** Connections stay only where the process does that has them; keepalived's HAProxy is not asked. */
async function workersOf({
  nodes,
  settings,
}: Lab): Promise<Readonly<Record<NodeName, number | undefined>>> {
  const of = (name: NodeName): Promise<number | undefined> =>
    settings.engine === 'vipair' ? proxyWorker(nodes[name]) : Promise.resolve(undefined);
  return { lb1: await of('lb1'), lb2: await of('lb2') };
}

/** What was under way as it was ended is no failure of anybody. */
function withoutEnd(report: ProbeReport): ProbeReport {
  const isOver = ({ launchedAt }: ProbeSample): boolean =>
    between(launchedAt, report.endedAt) > PROBE_DEFAULTS.deadline;
  return { ...report, samples: report.samples.filter(isOver) };
}

async function moveAbout(
  lab: Lab,
  rounds: number,
  { clock, signal, tell }: HitlessPorts,
): Promise<Result<readonly Moved[], LabFailure>> {
  const moves: Moved[] = [];
  for (let round = 1; round <= rounds && !isAborted(signal); round += 1) {
    const owner = await lab.owner();
    if (owner === undefined) {
      return fail({ code: 'not-ready', detail: 'no node, or both, hold the address' });
    }
    tell(`- ${String(round)} of ${String(rounds)}: ${owner.name} gives the address away`);
    const moved = await MOVES[lab.settings.engine]({ lab, owner, clock });
    if (!moved.ok) {
      return moved;
    }
    moves.push({ at: moved.value, doneAt: clock.now(), to: otherNode(owner.name) });
    await pause(clock, SHOWS_WITHIN);
    const whole = await settled(lab, clock);
    if (!whole.ok) {
      return whole;
    }
  }
  return ok(moves);
}

interface Scene {
  readonly lab: Lab;
  readonly owner: LabNode;
  readonly clock: Clock;
}

/** Resolves with when it was asked for. */
type Move = (scene: Scene) => Promise<Result<Instant, LabFailure>>;

const MOVES: Readonly<Record<'vipair' | 'keepalived', Move>> = {
  vipair: ({ owner, clock }) => giveAway(owner, {}, clock),
  /** It is stopped, says priority 0, and is started again once the other one has the address. */
  keepalived: async ({ lab, owner, clock }) => {
    const at = clock.now();
    const stopped = await owner.stopEngine('for-good');
    if (!stopped.ok) {
      return stopped;
    }
    const other = otherNode(owner.name);
    const taken = async (): Promise<boolean> => (await lab.owner())?.name === other;
    await eventually(clock, { within: SETTLES_WITHIN, every: LOOK_EVERY }, taken);
    await pause(clock, SHOWS_WITHIN);
    const started = await owner.startEngine();
    return started.ok ? ok(at) : started;
  },
};

async function settled(lab: Lab, clock: Clock): Promise<Result<undefined, LabFailure>> {
  if (lab.settings.engine === 'vipair') {
    return untilRedundant(lab, clock, SETTLES_WITHIN);
  }
  // keepalived does not say when it takes part.
  await pause(clock, KEEPALIVED_LISTENS);
  return done;
}

/** A function, because nobody believes that it may have changed meanwhile. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

const OPENS_WITHIN = millis(1_000);
/** Until everything that a move breaks has been seen to be broken: longer than a stream may say nothing. */
const SHOWS_WITHIN = millis(2_000);
const SETTLES_WITHIN = millis(30_000);
const KEEPALIVED_LISTENS = millis(3_000);
const LOOK_EVERY = millis(20);
