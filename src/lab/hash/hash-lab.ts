/** A service with ten servers in a whole pair: how even it is, and who moves when one of them comes or goes. */
import { askStatus } from '../../api/client.js';
import type { Result } from '../../base/result.js';
import { ok } from '../../base/result.js';
import type { Millis } from '../../base/time.js';
import { between, millis } from '../../base/time.js';
import type { ServicesStatus } from '../../telemetry/services.js';
import type { LabFailure } from '../failure.js';
import type { Lab, LabPorts } from '../lab.js';
import { eventually, pause } from '../pause.js';
import { controlSocketOf, untilRedundant } from '../readiness.js';
import type { Stepping } from '../steps.js';
import { takeSteps } from '../steps.js';
import { HOST_ADDRESSES, NODE_NAMES } from '../topology.js';
import { countsOf, distribution } from './distribution.js';
import type { Held, Round } from './hash-clients.js';
import { HASH_SERVERS, HASH_SOURCES, setTheScene, socketOf } from './hash-scene.js';
import type { HashStep } from './hash-steps.js';
import { HASH_STEPS } from './hash-steps.js';
import { askLine } from './line-socket.js';

/** What one step made of the service. */
export interface HashSeen {
  readonly step: string;
  /** Of new connections, by server. */
  readonly counts: Readonly<Record<string, number>>;
  readonly chiSquare: number;
  readonly greatest: number;
  /** The share of connections that go elsewhere than at the step before, in percent. */
  readonly movedPercent: number;
  /** Likewise, of those whose server is still there. */
  readonly movedOfOthers: number;
  readonly held: { readonly kept: number; readonly moved: number; readonly broken: number };
  readonly longestMs: number;
  /** From what happened until both nodes went by it. */
  readonly afterMs: number;
  readonly verdict: 'as expected' | 'not as expected';
  /** What was not; empty where all was. */
  readonly wrong: readonly string[];
}

interface Watching extends Stepping<HashStep> {
  readonly ports: LabPorts;
}

/** All steps, or those before `signal`. */
export async function seeHash(
  lab: Lab,
  { ports, ...stepping }: Watching,
): Promise<Result<readonly HashSeen[], LabFailure>> {
  const ready = await untilRedundant(lab, ports.clock, SETTLES_WITHIN);
  const set = ready.ok ? await setTheScene(lab, ports) : ready;
  if (!set.ok) {
    return set;
  }
  let before: Round | undefined;
  return takeSteps(HASH_STEPS, stepping, async (step) => {
    const seen = await seeStep(step, { lab, ports, before });
    before = seen.ok ? seen.value.round : before;
    return seen.ok ? ok(seen.value.seen) : seen;
  });
}

interface Scene {
  readonly lab: Lab;
  readonly ports: LabPorts;
  readonly before: Round | undefined;
}

async function seeStep(
  step: HashStep,
  { lab, ports, before }: Scene,
): Promise<Result<{ readonly seen: HashSeen; readonly round: Round }, LabFailure>> {
  const { clock } = ports;
  const clients = socketOf(lab, 'clients');
  const came = await comeAbout(step, { lab, ports, before });
  if (!came.ok) {
    return came;
  }
  const { isSo, afterMs } = came.value;
  if (step.patience === 'drain') {
    await pause(clock, DRAINED_AFTER);
  }
  const ends = step.from === 'ports' ? `${ROUND} ${HOST_ADDRESSES.client}` : SOURCES_ROUND;
  const round = await askLine<Round>(clients, `round ${ends}`);
  if (!round.ok) {
    return round;
  }
  const held = await askLine<Held>(clients, 'held');
  if (!held.ok) {
    return held;
  }
  const figures = figuresOf(step, before?.servers, round.value);
  const seen = {
    ...{ step: step.name, ...figures, afterMs },
    held: heldOf(held.value),
    longestMs: round.value.longestMs,
  };
  const wrong = [
    ...(isSo ? [] : ['the nodes do not go by it']),
    ...wrongFigures(step, figures, { round: round.value, before: before?.servers ?? [] }),
    ...wrongHeld(step, held.value),
  ];
  const verdict = wrong.length === 0 ? 'as expected' : 'not as expected';
  return ok({ seen: { ...seen, verdict, wrong }, round: round.value });
}

/** It is done, and both nodes go by it; before everything else, the connections that stay are opened. */
async function comeAbout(
  step: HashStep,
  { lab, ports: { clock }, before }: Scene,
): Promise<Result<{ readonly isSo: boolean; readonly afterMs: number }, LabFailure>> {
  const began = clock.now();
  const acted = await step.act(lab, clock);
  if (!acted.ok) {
    return acted;
  }
  const patience = { within: HOLDS_WITHIN, every: LOOK_EVERY };
  const isSo = await eventually(clock, patience, () => goesBy(lab, step));
  const afterMs = between(began, clock.now());
  if (before === undefined) {
    const hold = `hold ${HOLD} ${HOST_ADDRESSES.client}`;
    const held = await askLine<number>(socketOf(lab, 'clients'), hold);
    return held.ok ? ok({ isSo, afterMs }) : held;
  }
  return ok({ isSo, afterMs });
}

type Figures = Pick<
  HashSeen,
  'counts' | 'chiSquare' | 'greatest' | 'movedPercent' | 'movedOfOthers'
>;

function figuresOf(
  step: HashStep,
  before: readonly string[] | undefined,
  { servers }: Round,
): Figures {
  const counts = countsOf(servers);
  const moves = (before ?? []).length === servers.length ? movesOf(before ?? [], servers) : [];
  const others = moves.filter(
    ({ from, to }) => from !== step.mayMove && `to ${to}` !== step.mayMove,
  );
  return {
    counts: Object.fromEntries(counts),
    ...distribution(counts, step.weights),
    movedPercent: (moves.length / servers.length) * PERCENT,
    movedOfOthers: step.mayMove === 'any' ? 0 : others.length,
  };
}

function movesOf(
  before: readonly string[],
  after: readonly string[],
): readonly { readonly from: string; readonly to: string }[] {
  return before.flatMap((from, index) => {
    const to = after[index] ?? '';
    return from === to ? [] : [{ from, to }];
  });
}

/** What the server has, or had, that comes or goes. */
function ownPercent({ mayMove }: HashStep, { counts }: Figures, before: readonly string[]): number {
  const [, comes] = /^to (.*)$/u.exec(mayMove) ?? [];
  const had = before.filter((name) => name === mayMove).length;
  return ((comes === undefined ? had : (counts[comes] ?? 0)) / before.length) * PERCENT;
}

interface Rounds {
  readonly round: Round;
  readonly before: readonly string[];
}

function wrongFigures(
  step: HashStep,
  figures: Figures,
  { round, before }: Rounds,
): readonly string[] {
  const served = Object.keys(step.weights).length;
  if (served === 0) {
    const isRefused = round.servers.every((each) => each === 'refused');
    return isRefused && round.longestMs < REFUSED_WITHIN
      ? []
      : ['clients were not refused at once'];
  }
  const strangers = Object.keys(figures.counts).filter((name) => !(name in step.weights));
  return [
    ...strangers.map((name) => `${String(figures.counts[name])} connections: ${name}`),
    ...(step.from === 'ports' && figures.chiSquare > MOST_CHI_SQUARE ? ['it is not even'] : []),
    ...(figures.movedOfOthers > 0 ? ['connections of others moved'] : []),
    ...(step.mayMove !== 'any' &&
    figures.movedPercent > ownPercent(step, figures, before) + SPARE_PERCENT
      ? ['more moved than its share']
      : []),
    ...(step.from === 'sources' && !isBySource(round.servers)
      ? ['clients did not stay with their server']
      : []),
  ];
}

/** All connections of one client, which follow one another, have one server; and there are several. */
function isBySource(servers: readonly string[]): boolean {
  const each = servers.length / HASH_SOURCES.length;
  return (
    new Set(servers).size === HASH_SERVERS.length &&
    servers.every((server, index) => server === servers[index - (index % each)])
  );
}

function wrongHeld({ mayBreak }: HashStep, { moved, broken }: Held): readonly string[] {
  const others = Object.entries(broken).filter(([name]) => name !== mayBreak && mayBreak !== 'any');
  return [
    ...(moved > 0 ? [`${String(moved)} open connections have another server`] : []),
    ...others.map(([name, count]) => `${String(count)} open connections with ${name} broke`),
  ];
}

function heldOf({ kept, moved, broken }: Held): HashSeen['held'] {
  const sum = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((all, each) => all + each, 0);
  return { kept: sum(kept), moved, broken: sum(broken) };
}

/** Whether both nodes have just the servers in use that should be. */
async function goesBy(lab: Lab, { weights }: HashStep): Promise<boolean> {
  const all = await Promise.all(
    NODE_NAMES.map((name) => askStatus(controlSocketOf(lab.nodes[name]))),
  );
  const total = Object.values(weights).reduce((sum, each) => sum + each, 0);
  return all.every((answer) => {
    const services: ServicesStatus | undefined = answer.ok ? answer.value.services : undefined;
    const servers = services?.services[0]?.servers ?? [];
    return (
      services?.rules === 'loaded' &&
      servers.length === HASH_SERVERS.length &&
      servers.every(({ name, share }) => {
        const wanted = (weights[name] ?? 0) / Math.max(1, total);
        return Math.abs(share - wanted) < SHARE_ROOM && share > 0 === wanted > 0;
      })
    );
  });
}

const PERCENT = 100;
/** Of one server's share of slots: those of one that left go to the others by chance. */
const SHARE_ROOM = 0.03;
/** With nine degrees of freedom, one in a thousand goes beyond it by chance. */
const MOST_CHI_SQUARE = 27.88;
const SPARE_PERCENT = 1;
/** Two thousand connections, and two hundred that stay, from ports of their own. */
const ROUND = '20000 2000';
const HOLD = '30000 200';
const SOURCES_ROUND = ['20000 10', ...HASH_SOURCES].join(' ');
/** The kernel says so at once; the rest is the machine's. */
const REFUSED_WITHIN = 1000;
const SETTLES_WITHIN: Millis = millis(30_000);
const HOLDS_WITHIN = millis(15_000);
const LOOK_EVERY = millis(50);
/** Longer than drain_timeout, and the second in which that is noticed. */
const DRAINED_AFTER = millis(2500);
