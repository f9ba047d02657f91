/** Changes that both nodes must agree on, made while a client is served and a watch on the wire asks who has the address. */
import { readFileSync, writeFileSync } from 'node:fs';
import { askReload, askStatus } from '../api/client.js';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { centisToMillis, longer, millis, scale } from '../base/time.js';
import { logMark } from './alarms.js';
import type { LabFailure } from './failure.js';
import type { GenerationParties, GenerationStep } from './generation-steps.js';
import type { Lab, LabPorts } from './lab.js';
import { PROBE_DEFAULTS, WATCH_DEFAULTS } from './measure.js';
import type { LabNode } from './node.js';
import { ownership } from '../prober/ownership.js';
import type { WatchReport } from '../prober/owner-watch.js';
import { healPaths, pullCable } from './path-faults.js';
import { eventually, pause } from './pause.js';
import { summarize } from '../prober/gaps.js';
import { controlSocketOf, untilRedundant } from './readiness.js';
import type { NodeName } from './topology.js';
import { NODE_NAMES, nodeOfHardwareAddress, otherNode } from './topology.js';

/** What became of one change. */
export interface GenerationSeen {
  readonly step: string;
  readonly expected: GenerationStep['expected'];
  readonly outcome: 'refused' | 'switched';
  /** What the daemon said: its refusal, or what was changed. */
  readonly said: string;
  /** What each daemon runs afterwards. */
  readonly runs: Readonly<Record<NodeName, string>>;
  /** By the answers on the wire, in order. */
  readonly owners: readonly string[];
  readonly twoOwnersMs: number;
  /** Questions that both nodes answered. */
  readonly contestedAsks: number;
  readonly longestNoOwnerMs: number;
  readonly requests: number;
  readonly failedRequests: number;
  readonly verdict: 'as expected' | 'not as expected';
}

/** The pair is redundant before and after it, and both nodes run the same. */
export async function seeGeneration(
  step: GenerationStep,
  lab: Lab,
  ports: LabPorts,
): Promise<Result<GenerationSeen, LabFailure>> {
  const parties = await settled(lab, ports);
  if (!parties.ok) {
    return parties;
  }
  const watch = await lab.startWatch(WATCH_DEFAULTS);
  const probe = await lab.startProbe(PROBE_DEFAULTS);
  if (!watch.ok || !probe.ok) {
    return watch.ok ? (probe as Result<never, LabFailure>) : watch;
  }
  await pause(ports.clock, QUIET);
  const changed = await change(step, parties.value, { lab, ports });
  await pause(ports.clock, lasting(lab));
  const runs = await whatRuns(lab);
  const healed = step.channel === 'cut' ? await bringTogether(lab, ports) : done;
  const probed = await probe.value.finish();
  const watched = await watch.value.finish();
  if (!changed.ok || !healed.ok) {
    return changed.ok ? (healed as Result<never, LabFailure>) : changed;
  }
  if (!probed.ok || !watched.ok) {
    return probed.ok ? (watched as Result<never, LabFailure>) : probed;
  }
  const { failed, launched } = summarize(probed.value);
  const seen = { ...changed.value, runs, requests: launched, failedRequests: failed };
  return ok(judge(step, parties.value, { ...seen, ...seenOnWire(watched.value) }, lab));
}

type Changed = Pick<GenerationSeen, 'outcome' | 'said'>;
type Measured = Omit<GenerationSeen, 'step' | 'expected' | 'verdict'>;

async function change(
  step: GenerationStep,
  parties: GenerationParties,
  { lab, ports }: { readonly lab: Lab; readonly ports: LabPorts },
): Promise<Result<Changed, LabFailure>> {
  for (const name of step.edited(parties)) {
    const { vipairConfig } = lab.nodes[name].files;
    const text = readFileSync(vipairConfig, 'utf8');
    const edited = step.edit(text);
    if (text !== edited) {
      writeFileSync(vipairConfig, edited);
    }
  }
  const asked = lab.nodes[parties[step.asked]];
  const peer = lab.nodes[otherNode(asked.name)];
  const mark = logMark(peer);
  const answer = askReload(controlSocketOf(asked), 'applied');
  if (step.channel === 'cut') {
    const prepared = (): boolean =>
      readFileSync(peer.files.engineLog, 'utf8').slice(mark).includes('"reload.prepared"');
    await eventually(ports.clock, { within: PREPARED_WITHIN, every: millis(1) }, prepared);
    const pulled = await pullCable(lab, ports.processes);
    if (!pulled.ok) {
      return pulled;
    }
  }
  const said = await answer;
  if (said.ok) {
    const { outcome, changes } = said.value;
    const words = changes.map(({ path, from, to }) => `${path}: ${from ?? '–'} → ${to ?? '–'}`);
    return outcome === 'switched'
      ? ok({ outcome, said: words.join(', ') })
      : fail({ code: 'not-ready', detail: `reloaded as ${outcome}` });
  }
  return said.error.code === 'refused'
    ? ok({ outcome: 'refused', said: said.error.refusal.detail })
    : fail({ code: 'not-ready', detail: said.error.detail });
}

/** The cable is back; where one of them was left behind, the operator says it again. */
async function bringTogether(lab: Lab, ports: LabPorts): Promise<Result<undefined, LabFailure>> {
  const plugged = await healPaths(lab, ports.processes);
  if (!plugged.ok) {
    return plugged;
  }
  const alike = async (): Promise<boolean> => {
    await askReload(controlSocketOf(lab.nodes.lb1), 'applied');
    const runs = await whatRuns(lab);
    const vrids = NODE_NAMES.map((name) => runs[name]);
    return new Set(vrids).size === 1 && vrids.every((each) => each !== UNKNOWN);
  };
  const patience = { within: SETTLES_WITHIN, every: RELOAD_EVERY };
  return (await eventually(ports.clock, patience, alike))
    ? done
    : fail({ code: 'not-ready', detail: 'the nodes did not come together again' });
}

function seenOnWire(
  report: WatchReport,
): Pick<Measured, 'owners' | 'twoOwnersMs' | 'contestedAsks' | 'longestNoOwnerMs'> {
  const { tenures, twoOwners, contestedAsks, longestNoOwner } = ownership(report);
  const owners = tenures
    .map(({ hardwareAddress }) => nodeOfHardwareAddress(hardwareAddress) ?? hardwareAddress)
    .filter((owner, index, all) => owner !== all[index - 1]);
  return { owners, twoOwnersMs: twoOwners, contestedAsks, longestNoOwnerMs: longestNoOwner };
}

function judge(
  step: GenerationStep,
  { owner }: GenerationParties,
  measured: Measured,
  lab: Lab,
): GenerationSeen {
  const { expected } = step;
  const { outcome, owners, twoOwnersMs, contestedAsks, longestNoOwnerMs, runs } = measured;
  const isAsked = expected === 'either' || outcome === expected;
  const isAlike =
    step.channel === 'cut' || new Set(NODE_NAMES.map((name) => runs[name])).size === 1;
  const isCalm =
    twoOwnersMs === 0 &&
    contestedAsks === 0 &&
    measured.failedRequests === 0 &&
    owners.join() === owner &&
    longestNoOwnerMs <= scale(centisToMillis(lab.settings.advertInterval), ADVERTS_MISSED);
  return {
    ...{ step: step.name, expected, ...measured },
    verdict: isAsked && isAlike && isCalm ? 'as expected' : 'not as expected',
  };
}

async function whatRuns(lab: Lab): Promise<Readonly<Record<NodeName, string>>> {
  const [lb1, lb2] = await Promise.all([runsOn(lab.nodes.lb1), runsOn(lab.nodes.lb2)]);
  return { lb1, lb2 };
}

async function runsOn(node: LabNode): Promise<string> {
  const status = await askStatus(controlSocketOf(node));
  const group = status.ok ? status.value.groups[0] : undefined;
  return group === undefined
    ? UNKNOWN
    : `VRID ${String(group.vrid)}, ${group.addresses.join(' ')}, ${String(group.advertIntervalMs)} ms`;
}

async function settled(
  lab: Lab,
  { clock }: LabPorts,
): Promise<Result<GenerationParties, LabFailure>> {
  const redundant = await untilRedundant(lab, clock, SETTLES_WITHIN);
  if (!redundant.ok) {
    return redundant;
  }
  const owner = (await lab.owner())?.name;
  return owner === undefined
    ? fail({ code: 'not-ready', detail: 'no node, or both, hold the address' })
    : ok({ owner, other: otherNode(owner) });
}

/** Longer than the patience of a backup that does not know better, also with the interval that follows. */
function lasting({ settings }: Lab): Millis {
  return longer(scale(centisToMillis(settings.advertInterval), 8), millis(1500));
}

const UNKNOWN = 'no daemon answers';
const ADVERTS_MISSED = 3;
const QUIET = millis(300);
const PREPARED_WITHIN = millis(3000);
const SETTLES_WITHIN = millis(30_000);
const RELOAD_EVERY = millis(250);
