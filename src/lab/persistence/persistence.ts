/** Visitors are bound to servers and counted: whether they are still, by rows and answers, whatever happens to the pair. */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import type { Instant, Millis } from '../../base/time.js';
import { millis } from '../../base/time.js';
import type { Clock } from '../../ports/clock.js';
import type { LabFailure } from '../failure.js';
import type { Lab, LabPorts } from '../lab.js';
import type { LabNode } from '../node.js';
import { eventually, pause } from '../pause.js';
import { untilRedundant } from '../readiness.js';
import type { LabSettings } from '../settings.js';
import type { NodeName } from '../topology.js';
import { otherNode, VIRTUAL_ADDRESS } from '../topology.js';
import type { Kept, Share, Tables } from './judgement.js';
import { isWhole, judgeExpiries, judgeKept } from './judgement.js';
import { tablesOf, untilAlike } from './node-tables.js';
import type { PersistenceStep } from './steps.js';
import type { Visit, VisitOptions, VisitReport } from './visiting.js';
import { MOST_VISITORS, visitor, WAY_NAMES, WAYS } from './visitor.js';

/** What came of one step. */
export interface PersistenceSeen extends Kept {
  readonly step: string;
  readonly replicate: LabSettings['replicate'];
  /** Who has the address afterwards. */
  readonly owner: NodeName;
  /** Rows of both nodes that expire within a second of each other; undefined where one node is off. */
  readonly expiries: Share | undefined;
  /** Visitors that had been answered, and whose row had not arrived. */
  readonly unknown: number;
  /** From what happened until both had the same rows; undefined where that took too long, or one node is off. */
  readonly alikeAfterMs: number | undefined;
  /** Where they did not become the same: which rows, in words. */
  readonly problem: string | undefined;
  readonly verdict: 'as expected' | 'not as expected';
}

/** Whoever comes before the first step. The others come for the first time while a node loses its power. */
export const REGULARS = 180;

/** The first visits: rows come into being. */
export async function firstVisits(lab: Lab, clock: Clock): Promise<Result<undefined, LabFailure>> {
  const visited = await visits(lab, clock, { regulars: REGULARS, lasting: FIRST_VISITS_LAST });
  return visited.ok ? ok(undefined) : visited;
}

export async function seePersistence(
  step: PersistenceStep,
  lab: Lab,
  { clock }: Pick<LabPorts, 'clock'>,
): Promise<Result<PersistenceSeen, LabFailure>> {
  const owner = await lab.owner();
  if (owner === undefined) {
    return fail({ code: 'not-ready', detail: 'no node, or both, hold the address' });
  }
  const scene: Scene = { lab, clock, owner, other: lab.nodes[otherNode(owner.name)] };
  const watched = step.traffic === 'busy' ? await busily(step, scene) : await quietly(step, scene);
  if (!watched.ok) {
    return watched;
  }
  const { known, since, unknown, alike } = watched.value;
  const now = await tablesOf(lab.nodes[since.owner]);
  if (!now.ok) {
    return now;
  }
  const kept = judgeKept({
    known,
    visits: since.visits.filter(({ node }) => node === since.owner),
    now: now.value,
  });
  return ok({
    step: step.name,
    replicate: lab.settings.replicate,
    owner: since.owner,
    ...kept,
    expiries: alike?.expiries,
    unknown,
    alikeAfterMs: alike?.afterMs,
    problem: alike?.problem,
    verdict: isAsExpected(step, kept, alike) ? 'as expected' : 'not as expected',
  });
}

interface Scene {
  readonly lab: Lab;
  readonly clock: Clock;
  readonly owner: LabNode;
  readonly other: LabNode;
}

interface Watched {
  readonly known: Tables;
  readonly since: { readonly owner: NodeName; readonly visits: readonly Visit[] };
  readonly unknown: number;
  readonly alike: Alike | undefined;
}

interface Alike {
  readonly expiries: Share;
  readonly afterMs: number | undefined;
  readonly problem: string | undefined;
}

/** Nobody visits until it is over; then both nodes are compared, and everybody comes once or twice. */
async function quietly(step: PersistenceStep, scene: Scene): Promise<Result<Watched, LabFailure>> {
  const { lab, clock } = scene;
  const known = await tablesOf(scene.owner);
  const began = clock.now();
  const acted = known.ok ? await step.act(scene) : known;
  const redundant = acted.ok ? await untilRedundant(lab, clock, SETTLES_WITHIN) : acted;
  if (!known.ok || !redundant.ok) {
    return known.ok ? (redundant as Result<never, LabFailure>) : known;
  }
  const alike = await compared(scene, began);
  const owner = await lab.owner();
  const visited = await visits(lab, clock, { regulars: MOST_VISITORS, lasting: LATER_VISITS_LAST });
  if (!alike.ok || !visited.ok) {
    return alike.ok ? (visited as Result<never, LabFailure>) : alike;
  }
  if (owner === undefined) {
    return fail({ code: 'not-ready', detail: 'no node, or both, hold the address' });
  }
  const since = { owner: owner.name, visits: visited.value.visits };
  return ok({ known: known.value, since, unknown: 0, alike: alike.value });
}

/** What the other node knows is looked at immediately before. */
async function busily(step: PersistenceStep, scene: Scene): Promise<Result<Watched, LabFailure>> {
  const { lab, clock, owner, other } = scene;
  const visiting = await lab.startVisits({
    ...USUAL,
    regulars: REGULARS,
    newcomers: MOST_VISITORS - REGULARS,
  });
  if (!visiting.ok) {
    return visiting;
  }
  await pause(clock, BUSY_FOR);
  const known = await tablesOf(other);
  const began = clock.now();
  const acted = known.ok ? await step.act(scene) : known;
  const taken = async (): Promise<boolean> => (await lab.owner())?.name === other.name;
  const patience = { within: SETTLES_WITHIN, every: millis(20) };
  const isTaken = acted.ok && (await eventually(clock, patience, taken));
  await pause(clock, BUSY_AFTERWARDS);
  const report = await visiting.value.finish();
  if (!known.ok || !acted.ok || !report.ok) {
    return [known, acted, report].find((each) => !each.ok) as Result<never, LabFailure>;
  }
  if (!isTaken) {
    return fail({ code: 'not-ready', detail: `${other.name} did not take the address` });
  }
  const before = report.value.visits.filter((each) => each.node === owner.name && each.at < began);
  const since = {
    owner: other.name,
    visits: report.value.visits.filter(({ at }) => at >= began),
  };
  const unknown = new Set(before.filter((each) => !isKnown(known.value, each)).map(numberOf)).size;
  return ok({ known: known.value, since, unknown, alike: undefined });
}

async function compared({ lab, clock }: Scene, began: Instant): Promise<Result<Alike, LabFailure>> {
  const alike = await untilAlike(lab, clock, { from: began, within: ALIKE_WITHIN });
  const [here, there] = await Promise.all([tablesOf(lab.nodes.lb1), tablesOf(lab.nodes.lb2)]);
  if (!here.ok || !there.ok) {
    return here.ok ? (there as Result<never, LabFailure>) : here;
  }
  const expiries = judgeExpiries(here.value, there.value, EXPIRIES_APART);
  return ok({
    expiries,
    afterMs: alike.ok ? alike.value : undefined,
    problem: alike.ok ? undefined : alike.error.detail,
  });
}

async function visits(
  lab: Lab,
  clock: Clock,
  { regulars, lasting }: Pick<VisitOptions, 'regulars' | 'lasting'>,
): Promise<Result<VisitReport, LabFailure>> {
  const visiting = await lab.startVisits({ ...USUAL, regulars });
  if (!visiting.ok) {
    return visiting;
  }
  await pause(clock, lasting);
  return visiting.value.finish();
}

/** Of a visit on the old owner: whether the other node knew the visitor, bound to that server. */
function isKnown(known: Tables, { visitor: number, server }: Visit): boolean {
  const { way, key } = visitor(number);
  return known.get(WAYS[way].table)?.get(key)?.values['server_key'] === server;
}

function numberOf(visit: Visit): number {
  return visit.visitor;
}

function isAsExpected(step: PersistenceStep, kept: Kept, alike: Alike | undefined): boolean {
  const { ways, counters, rates } = kept;
  const isKept = [...WAY_NAMES.map((way) => ways[way]), counters, rates].every(
    (share) => share.of > 0 && isWhole(share),
  );
  const isAlike =
    step.leaves === 'one' ||
    (alike?.afterMs !== undefined && alike.expiries.of > 0 && isWhole(alike.expiries));
  return isKept && isAlike;
}

const USUAL: VisitOptions = {
  targets: [VIRTUAL_ADDRESS],
  every: millis(1_000),
  regulars: 0,
  newcomers: 0,
  newcomerEvery: millis(35),
  lasting: millis(120_000),
};
const FIRST_VISITS_LAST: Millis = millis(3_000);
const LATER_VISITS_LAST: Millis = millis(1_700);
const BUSY_FOR: Millis = millis(2_900);
const BUSY_AFTERWARDS: Millis = millis(2_500);
const SETTLES_WITHIN: Millis = millis(30_000);
const ALIKE_WITHIN: Millis = millis(20_000);
const EXPIRIES_APART = 1_000;
