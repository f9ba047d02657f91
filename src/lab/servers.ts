/** A server is added to a pair at run time and removed, under load: do both nodes always have what they should? */
import type { Result } from '../base/result.js';
import { ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { between, millis } from '../base/time.js';
import { readServersState } from '../wire/haproxy/servers-state.js';
import type { LabFailure } from './failure.js';
import { askHaproxy } from './haproxy-socket.js';
import type { Lab, LabPorts } from './lab.js';
import { PROBE_DEFAULTS } from './measure.js';
import type { LabNode } from './node.js';
import { eventually, pause } from './pause.js';
import { summarize } from '../prober/gaps.js';
import { untilRedundant } from './readiness.js';
import type { ServersExpected, ServersScene, ServersStep } from './servers-steps.js';
import { OpenConnections, SERVERS_STEPS } from './servers-steps.js';
import type { Stepping } from './steps.js';
import { takeSteps } from './steps.js';
import type { NodeName } from './topology.js';
import { NODE_NAMES, otherNode, WEB_SERVER_NAMES } from './topology.js';

/** What one step made of a pair. */
export interface ServersSeen {
  readonly step: string;
  readonly owner: NodeName | 'nobody';
  /** By HAProxy's own word, on each node: `web1 web2 web3:drain`; `off` where the node has no power. */
  readonly servers: Readonly<Record<NodeName, string>>;
  /** From what happened until both had what they should. */
  readonly afterMs: number;
  readonly requests: number;
  readonly failed: number;
  readonly verdict: 'as expected' | 'not as expected';
  /** What was not; empty where all was. */
  readonly wrong: readonly string[];
}

interface Watching extends Stepping<ServersStep> {
  readonly ports: LabPorts;
}

/** All steps, or those before `signal`. */
export async function seeServers(
  lab: Lab,
  { ports, ...stepping }: Watching,
): Promise<Result<readonly ServersSeen[], LabFailure>> {
  const { clock } = ports;
  const ready = await untilRedundant(lab, clock, SETTLES_WITHIN);
  if (!ready.ok) {
    return ready;
  }
  const connections = new OpenConnections();
  return takeSteps(SERVERS_STEPS, stepping, async (step) => {
    const owner = (await lab.owner()) ?? lab.nodes.lb1;
    const other = lab.nodes[otherNode(owner.name)];
    return seeStep(step, { lab, owner, other, clock, connections });
  });
}

async function seeStep(
  step: ServersStep,
  scene: ServersScene,
): Promise<Result<ServersSeen, LabFailure>> {
  const { lab, clock, connections } = scene;
  const probe = await lab.startProbe({
    ...PROBE_DEFAULTS,
    ...{ every: REQUEST_EVERY, deadline: ANSWERED_WITHIN },
  });
  if (!probe.ok) {
    return probe;
  }
  const began = clock.now();
  const brokenBefore = connections.broken;
  const acted = await step.act(scene);
  const isSo = async (): Promise<boolean> =>
    wrongServers(step, scene, await servers()).length === 0;
  const servers = (): Promise<Servers> => serversOf(step, scene);
  if (acted.ok) {
    await eventually(clock, { within: HOLDS_WITHIN, every: LOOK_EVERY }, isSo);
  }
  const afterMs = between(began, clock.now());
  const calm = acted.ok ? await calmed(step, scene) : acted;
  await pause(clock, MIND_CHANGES_WITHIN);
  const report = await probe.value.finish();
  if (!calm.ok) {
    return calm;
  }
  if (!report.ok) {
    return report;
  }
  const { launched, failed } = summarize(report.value);
  const now = await servers();
  const holder = (await lab.owner())?.name ?? 'nobody';
  const broken = connections.broken - brokenBefore;
  const wrong = [
    ...wrongServers(step, scene, now),
    ...wrongOwner(step, scene, holder),
    ...(failed > 0 && step.failures === 'judged'
      ? [`requests failed${busyness(report.value.worstLateness)}`]
      : []),
    ...(broken > 0 ? [`${String(broken)} open connections were cut`] : []),
  ];
  return ok({
    step: step.name,
    owner: holder,
    ...{ servers: now, afterMs, requests: launched, failed },
    verdict: wrong.length === 0 ? 'as expected' : 'not as expected',
    wrong,
  });
}

/** The pair is as whole as it can be. */
async function calmed(
  { power }: ServersStep,
  { lab, other, clock }: ServersScene,
): Promise<Result<undefined, LabFailure>> {
  if (power === undefined) {
    return untilRedundant(lab, clock, SETTLES_WITHIN);
  }
  const taken = async (): Promise<boolean> => (await lab.owner())?.name === other.name;
  await eventually(clock, { within: SETTLES_WITHIN, every: LOOK_EVERY }, taken);
  return ok(undefined);
}

type Servers = ServersSeen['servers'];

async function serversOf({ power }: ServersStep, { lab, owner }: ServersScene): Promise<Servers> {
  const on = (name: NodeName): Promise<string> =>
    power === 'lost' && name === owner.name ? Promise.resolve(OFF) : serversOn(lab.nodes[name]);
  const [lb1, lb2] = await Promise.all([on('lb1'), on('lb2')]);
  return { lb1, lb2 };
}

/** Each with what keeps requests from it. */
async function serversOn(node: LabNode): Promise<string> {
  const answer = await askHaproxy(node, 'show servers state web');
  const read = answer.ok ? readServersState(answer.value) : undefined;
  if (read?.ok !== true) {
    return 'no answer';
  }
  return read.value
    .map(({ name, forced, operational }) => {
      const shown = name.slice(name.indexOf('/') + 1);
      if (forced !== 'ready') {
        return `${shown}:${forced}`;
      }
      return operational === 'running' ? shown : `${shown}:${operational}`;
    })
    .toSorted()
    .join(' ');
}

function wrongServers(
  { expected }: ServersStep,
  { owner }: ServersScene,
  servers: Servers,
): readonly string[] {
  return NODE_NAMES.filter((name) => {
    const place = name === owner.name ? 'owner' : 'other';
    return servers[name] !== OFF && servers[name] !== EXPECTED[expected][place];
  }).map((name) => `servers on ${name}: ${servers[name]}`);
}

function wrongOwner(
  { address }: ServersStep,
  { owner, other }: ServersScene,
  holder: ServersSeen['owner'],
): readonly string[] {
  const expected = address === 'moves' ? other.name : owner.name;
  return holder === expected ? [] : [`the address is on ${holder}, not on ${expected}`];
}

/** What speaks for the machine having had no time, and not for the pair having failed. */
function busyness(lateness: number): string {
  return lateness > LATE_PROBER
    ? ` (and the prober itself was late by ${lateness.toFixed(0)} ms: the machine is busy)`
    : '';
}

const OFF = 'off';
const CONFIGURED = WEB_SERVER_NAMES.join(' ');
const EXPECTED: Readonly<Record<ServersExpected, Readonly<Record<'owner' | 'other', string>>>> = {
  configured: { owner: CONFIGURED, other: CONFIGURED },
  added: { owner: `${CONFIGURED} web3`, other: `${CONFIGURED} web3` },
  draining: { owner: `${CONFIGURED} web3:drain`, other: CONFIGURED },
};

/** 500 in a second. */
const REQUEST_EVERY: Millis = millis(2);
/**
 * Shorter than the first retransmission of a SYN (1 s), which is how an address that was let go shows; longer than HAProxy, web
 * servers and this prober may be kept waiting: a daemon that loads has a processor to itself for the better part of a second,
 * being scheduled in real time. With two busy programs beside it, answers took 0.7 s, while the kernel took every connection
 * within 50 ms and ARP was never silent.
 */
const ANSWERED_WITHIN: Millis = millis(950);
/** In milliseconds. */
const LATE_PROBER = 100;
const HOLDS_WITHIN = millis(15_000);
const SETTLES_WITHIN = millis(30_000);
const LOOK_EVERY = millis(20);
/** A look at the servers of HAProxy, and more. */
const MIND_CHANGES_WITHIN = millis(600);
