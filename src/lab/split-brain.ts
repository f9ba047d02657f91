/** Every path between the nodes broken in turn, under the eyes of a watch on the wire that asks who has the address. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Instant, Millis } from '../base/time.js';
import { centisToMillis, later, longer, millis, scale, sum } from '../base/time.js';
import type { LabFailure } from './failure.js';
import { alarmsSince, logMark } from './alarms.js';
import type { Lab, LabPorts } from './lab.js';
import { WATCH_DEFAULTS } from './measure.js';
import type { WatchReport } from '../prober/owner-watch.js';
import { ownership } from '../prober/ownership.js';
import type { Parties, PathFault } from './path-faults.js';
import { healPaths, inflict } from './path-faults.js';
import { eventually, pause } from './pause.js';
import { untilRedundant } from './readiness.js';
import { NODE_NAMES, nodeOfHardwareAddress, otherNode } from './topology.js';

/** What came of one fault. */
export interface Split {
  readonly fault: string;
  readonly expected: PathFault['expected'];
  /** By the answers on the wire, in order; two in a row are never the same. */
  readonly owners: readonly string[];
  readonly longestTwoOwnersMs: number;
  readonly longestNoOwnerMs: number;
  /** From an interval and a little after the healing on. */
  readonly twoOwnersAfterwardsMs: number;
  readonly alarms: readonly string[];
  readonly verdict: 'as expected' | 'not as expected';
}

/** The lab stands and is redundant; so it is afterwards, whatever the fault was. */
export async function split(
  fault: PathFault,
  lab: Lab,
  ports: LabPorts,
): Promise<Result<Split, LabFailure>> {
  const ready = await settled(lab, ports);
  if (!ready.ok) {
    return ready;
  }
  const marks = NODE_NAMES.map((name) => logMark(lab.nodes[name]));
  const watch = await lab.startWatch(WATCH_DEFAULTS);
  if (!watch.ok) {
    return watch;
  }
  const broken = await breakAndHeal(fault, ready.value, { lab, ports });
  const seen = await watch.value.finish();
  if (!broken.ok || !seen.ok) {
    return broken.ok ? (seen as Result<never, LabFailure>) : broken;
  }
  const alarms = NODE_NAMES.flatMap((name, index) =>
    alarmsSince(lab.nodes[name], marks[index] ?? 0),
  );
  const calmFrom = later(broken.value, sum(centisToMillis(lab.settings.advertInterval), A_LITTLE));
  return ok(judge(fault, { ...ready.value, report: seen.value, calmFrom }, alarms));
}

/** Resolves to the moment of healing, when the pair is redundant again. */
async function breakAndHeal(
  fault: PathFault,
  parties: Parties,
  { lab, ports }: { readonly lab: Lab; readonly ports: LabPorts },
): Promise<Result<Instant, LabFailure>> {
  const { clock, processes } = ports;
  await pause(clock, QUIET);
  const inflicted = await inflict(fault, parties, { lab, processes });
  await pause(clock, lasting(lab));
  const healed = await healPaths(lab, processes);
  const healedAt = clock.now();
  if (!inflicted.ok || !healed.ok) {
    return inflicted.ok ? (healed as Result<never, LabFailure>) : inflicted;
  }
  const again = await settled(lab, ports);
  // So that there is something to be seen of the time after it.
  await pause(clock, sum(centisToMillis(lab.settings.advertInterval), A_LITTLE, QUIET));
  return again.ok ? ok(healedAt) : again;
}

/** What the wire showed, and when everything should have been in order again. */
export interface Seen extends Parties {
  readonly report: WatchReport;
  readonly calmFrom: Instant;
}

export function judge(fault: PathFault, seen: Seen, alarms: readonly string[]): Split {
  const { report, calmFrom } = seen;
  const { longestTwoOwners, longestNoOwner } = ownership(report);
  const afterwards = ownership({
    ...report,
    startedAt: calmFrom,
    asks: report.asks.filter((at) => at >= calmFrom),
    answers: report.answers.filter(({ at }) => at >= calmFrom),
  });
  const owners = ownersIn(report);
  const met =
    afterwards.twoOwners === 0 &&
    afterwards.tenures.length > 0 &&
    isExpected(fault.expected, owners, { ...seen, longestTwoOwners });
  return {
    fault: fault.name,
    expected: fault.expected,
    owners,
    longestTwoOwnersMs: longestTwoOwners,
    longestNoOwnerMs: longestNoOwner,
    twoOwnersAfterwardsMs: afterwards.twoOwners,
    alarms,
    verdict: met ? 'as expected' : 'not as expected',
  };
}

function isExpected(
  expected: PathFault['expected'],
  owners: readonly string[],
  { master, backup, longestTwoOwners }: Parties & { readonly longestTwoOwners: Millis },
): boolean {
  const isAlone = longestTwoOwners === 0;
  return {
    stays: isAlone && owners.join() === master,
    moves: owners.join() === `${master},${backup}`,
    rejoins: owners[0] === master,
  }[expected];
}

function ownersIn(report: WatchReport): readonly string[] {
  return ownership(report)
    .tenures.map(({ hardwareAddress }) => nodeOfHardwareAddress(hardwareAddress) ?? hardwareAddress)
    .filter((owner, index, all) => owner !== all[index - 1]);
}

/** One master and one backup, whoever they are. */
async function settled(lab: Lab, { clock }: LabPorts): Promise<Result<Parties, LabFailure>> {
  if (lab.settings.engine === 'vipair') {
    const redundant = await untilRedundant(lab, clock, SETTLES_WITHIN);
    if (!redundant.ok) {
      return redundant;
    }
  }
  let master = await lab.owner();
  await eventually(clock, { within: SETTLES_WITHIN, every: LOOK_EVERY }, async () => {
    master = await lab.owner();
    return master !== undefined;
  });
  return master === undefined
    ? fail({ code: 'not-ready', detail: 'no node, or both, hold the address' })
    : ok({ master: master.name, backup: otherNode(master.name) });
}

/** Longer than any backup’s patience, and than three looks at a neighbour that does not answer. */
function lasting({ settings }: Lab): Millis {
  return longer(scale(centisToMillis(settings.advertInterval), 6), LONG_ENOUGH);
}

const LONG_ENOUGH = millis(5000);
const QUIET = millis(500);
/** An advert may be lost, and this machine may be busy. */
const A_LITTLE = millis(500);
const SETTLES_WITHIN = millis(30_000);
const LOOK_EVERY = millis(50);
