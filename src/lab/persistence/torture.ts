/** Blows at random while visitors come on both nodes at once: after each of them, are the rows of both nodes the same? */
import type { Result } from '../../base/result.js';
import { done } from '../../base/result.js';
import { millis } from '../../base/time.js';
import type { LabFailure } from '../failure.js';
import type { Lab, LabPorts } from '../lab.js';
import { pause } from '../pause.js';
import { untilRedundant } from '../readiness.js';
import type { NodeName } from '../topology.js';
import { HOST_ADDRESSES, NODE_NAMES, VIRTUAL_ADDRESS } from '../topology.js';
import type { Blow, Struck } from './blows.js';
import { BLOWS } from './blows.js';
import { Dice } from './dice.js';
import { untilAlike } from './node-tables.js';
import { saidByReplicators, untilVerified } from './verified.js';
import type { VisitOptions } from './visiting.js';

/** What came of one round. */
export interface Tortured {
  readonly round: number;
  readonly blows: readonly { readonly name: string; readonly node: NodeName }[];
  /** Answers to visitors meanwhile. */
  readonly visits: number;
  /** From the last visit until both nodes had the same rows; undefined where they did not. */
  readonly alikeAfterMs: number | undefined;
  /** In words, where it is not as expected. */
  readonly problem: string | undefined;
  readonly verdict: 'as expected' | 'not as expected';
}

export type TorturePorts = Pick<LabPorts, 'clock' | 'processes'> & { readonly signal: AbortSignal };

/** One round after the other, as the seed has it; ends early where the pair does not come to itself, or nobody wants more. */
export async function torture(
  lab: Lab,
  { rounds, seed }: { readonly rounds: number; readonly seed: number },
  { ports, tell }: { readonly ports: TorturePorts; readonly tell: (seen: Tortured) => void },
): Promise<Result<readonly Tortured[], LabFailure>> {
  const dice = new Dice(seed);
  const seen: Tortured[] = [];
  for (let round = 1; round <= rounds && !ports.signal.aborted; round += 1) {
    const blows = throwBlows(lab, dice);
    const digests = round % DIGESTS_EVERY === 0 || round === rounds ? 'compared' : 'passed over';
    const outcome = await oneRound({ round, blows, digests }, { lab, ports });
    if (!outcome.ok) {
      return outcome;
    }
    seen.push(outcome.value);
    tell(outcome.value);
  }
  return { ok: true, value: seen };
}

interface Thrown {
  readonly blow: Blow;
  readonly node: NodeName;
  readonly afterMs: number;
  readonly lastingMs: number;
}

/** One blow, now and then two, each at a moment of its own. */
function throwBlows(lab: Lab, dice: Dice): readonly Thrown[] {
  const count = dice.next() < TWICE ? 2 : 1;
  return Array.from({ length: count }, () => {
    const blow = dice.oneOf(BLOWS);
    const node = dice.oneOf(NODE_NAMES);
    const afterMs = dice.between(0, STRIKES_WITHIN);
    return { blow, node, afterMs, lastingMs: dice.between(LASTS_LEAST, LASTS_MOST) };
  }).filter(({ blow }) => blow.strikes === 'anybody' || lab.settings.replicate === 'vipair');
}

interface Round {
  readonly round: number;
  readonly blows: readonly Thrown[];
  /** Of the replicators: it takes them seconds. The rows themselves are compared in every round. */
  readonly digests: 'compared' | 'passed over';
}

async function oneRound(
  { round, blows: thrown, digests }: Round,
  { lab, ports }: { readonly lab: Lab; readonly ports: TorturePorts },
): Promise<Result<Tortured, LabFailure>> {
  const { clock } = ports;
  const visiting = await lab.startVisits(VISITS);
  if (!visiting.ok) {
    return visiting;
  }
  await pause(clock, millis(LEAD_IN));
  const struck = await Promise.all(
    thrown.map(async ({ blow, node, afterMs, lastingMs }) => {
      await pause(clock, millis(afterMs));
      const at: Struck = { lab, node: lab.nodes[node], ports, lasting: millis(lastingMs) };
      return blow.strike(at);
    }),
  );
  await pause(clock, millis(LEAD_OUT));
  const report = await visiting.value.finish();
  const from = clock.now();
  const since = clock.wallTime();
  const failed = struck.find((each) => !each.ok);
  if (!report.ok || failed?.ok === false) {
    return report.ok ? (failed as Result<never, LabFailure>) : report;
  }
  const alike = await untilAlike(lab, clock, { from, within: HEALS_WITHIN });
  const redundant = alike.ok ? await untilRedundant(lab, clock, HEALS_WITHIN) : done;
  const isCompared = digests === 'compared' && lab.settings.replicate === 'vipair' && redundant.ok;
  const verified = isCompared
    ? await untilVerified(lab, clock, { since, within: HEALS_WITHIN })
    : done;
  const failure = [alike, redundant, verified].find((each) => !each.ok);
  const problem =
    failure?.ok === false ? `${failure.error.detail} (${await saidByReplicators(lab)})` : undefined;
  return {
    ok: true,
    value: {
      round,
      blows: thrown.map(({ blow, node }) => ({ name: blow.name, node })),
      visits: report.value.visits.length,
      alikeAfterMs: alike.ok ? alike.value : undefined,
      problem,
      verdict: problem === undefined ? 'as expected' : 'not as expected',
    },
  };
}

const VISITS: VisitOptions = {
  // Both nodes, whoever has the address: so that a row is touched on both at once.
  targets: [VIRTUAL_ADDRESS, HOST_ADDRESSES.lb1, HOST_ADDRESSES.lb2],
  every: millis(200),
  regulars: 60,
  newcomers: 30,
  newcomerEvery: millis(40),
  lasting: millis(60_000),
};
const DIGESTS_EVERY = 5;
const TWICE = 0.25;
const LEAD_IN = 300;
const LEAD_OUT = 300;
const STRIKES_WITHIN = 500;
const LASTS_LEAST = 100;
const LASTS_MOST = 1_200;
/** HAProxy dials its peers every five seconds, and a replicator that dies often is started with growing patience. */
const HEALS_WITHIN = millis(60_000);
