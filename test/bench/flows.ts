/** `npm run bench -- flows`: flows that one node tells the other, by vipair, and by conntrackd in the same kind of lab. */
import { setTimeout as sleep } from 'node:timers/promises';
import { centis } from '../../src/base/time.js';
import { startConntrackd } from '../../src/lab/flows/conntrackd.js';
import { prepareFlows } from '../../src/lab/flows/flows.js';
import type { FlowsRun } from '../../src/lab/flows/flows-run.js';
import { flowsSettings } from '../../src/lab/flows/flows-run.js';
import type { Lab } from '../../src/lab/lab.js';
import { pidsIn, signalAll } from '../../src/lab/namespace-processes.js';
import { inNamespace } from '../../src/lab/network.js';
import type { NodeName } from '../../src/lab/topology.js';
import { namespaceOf, otherNode, VIRTUAL_ADDRESS } from '../../src/lab/topology.js';
import type { ConnectionsAnswer, ConnectionsAsked } from './connection-load.js';
import type { Progress } from './failover.js';
import { whole } from './fitness.js';
import { AgentOf } from './flows-agents.js';
import type { FlowsFigures, FlowsPair, FlowsPart } from './flows-parts.js';
import { warmUp } from './flows-parts.js';
import { BENCH_SERVICES, benchPort } from './flows-services.js';
import { InsideProgram } from './inside-program.js';
import type { Labs } from './labs.js';
import { must } from './labs.js';
import { argumentsOf, cpuOf, forgetPeak, peakOf, startOf } from './process-cost.js';
import { until } from './tables-look.js';

export const FLOW_REPLICATORS = ['vipair', 'conntrackd'] as const;
export type FlowReplicator = (typeof FLOW_REPLICATORS)[number];

export interface FlowsRound extends FlowsFigures {
  readonly part: FlowsPart;
  readonly by: FlowReplicator;
  /** Processor time of what replicates, on the node that owns the address and on the other. */
  readonly senderSeconds: number;
  readonly receiverSeconds: number;
  /** The greater of the two. */
  readonly peakMb: number;
}

export interface FlowsBenchPlan {
  readonly parts: readonly FlowsPart[];
  readonly by: readonly FlowReplicator[];
  readonly rounds: number;
}

const ADVERTS = centis(10);
const KB_PER_MB = 1_024;
/** Until both have told each other what there is. */
const MEET_MS = 3_000;
const STARTS_WITHIN_MS = 20_000;

/** In turn, so that a machine that grows busier favours neither. */
export async function measureFlows(
  { parts, by, rounds }: FlowsBenchPlan,
  labs: Labs,
  progress: Progress,
): Promise<readonly FlowsRound[]> {
  const measured: FlowsRound[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const each of by) {
      progress(`round ${String(round)} of ${String(rounds)}, ${each}`);
      measured.push(...(await measureIn(each, parts, { labs, progress })));
      await labs.clear();
    }
  }
  return measured;
}

async function measureIn(
  by: FlowReplicator,
  parts: readonly FlowsPart[],
  { labs, progress }: { readonly labs: Labs; readonly progress: Progress },
): Promise<readonly FlowsRound[]> {
  const lab = await raise(by, labs);
  const owner = (await whole(lab, labs.ports.clock)).name;
  const other = otherNode(owner);
  await sleep(MEET_MS);
  const here = await AgentOf.start(lab.nodes[owner].namespace);
  const there = await AgentOf.start(lab.nodes[other].namespace);
  const pair: FlowsPair = {
    ...{ here, there },
    listen: () => AgentOf.start(lab.nodes[other].namespace),
    connect: (count, perSecond) => connectThrough(lab, count, perSecond),
    restart: () => restart(by, lab, { node: other, labs }),
  };
  const measured: FlowsRound[] = [];
  try {
    progress('  warming up');
    await warmUp(pair);
    for (const part of parts) {
      progress(`  ${part.label}`);
      const cost = costFrom(by, lab, { owner, other });
      const outcome = await part.measure(pair);
      measured.push({ part, by, ...outcome, ...cost() });
    }
  } finally {
    here.close();
    there.close();
  }
  return measured;
}

function runOf(by: FlowReplicator): FlowsRun {
  const common = { name: by, story: by, families: ['ipv4'] as const, count: 0 };
  return by === 'vipair'
    ? { ...common, engine: 'vipair', rival: undefined, services: BENCH_SERVICES }
    : { ...common, engine: 'keepalived', rival: 'conntrackd-direct', services: BENCH_SERVICES };
}

async function raise(by: FlowReplicator, labs: Labs): Promise<Lab> {
  const run = runOf(by);
  const lab = await labs.raiseAs(flowsSettings(run, labs.nameOf(by.slice(0, 4)), ADVERTS));
  must(await prepareFlows(run, lab, labs.ports));
  return lab;
}

async function connectThrough(
  lab: Lab,
  count: number,
  perSecond: number,
): Promise<{ readonly made: number; readonly seconds: number }> {
  const client = await InsideProgram.start<ConnectionsAsked, ConnectionsAnswer>(
    namespaceOf(lab.settings.name, 'client'),
    'connection-load.ts',
  );
  const target = { host: VIRTUAL_ADDRESS, port: benchPort() };
  const { made = 0, seconds = NaN } = await client.ask({ ...target, count, perSecond });
  client.close();
  return { made, seconds };
}

/** Killed, and started again by the daemon, or by us; its kernel has forgotten all flows meanwhile. Says when it was started. */
async function restart(
  by: FlowReplicator,
  lab: Lab,
  { node, labs }: { readonly node: NodeName; readonly labs: Labs },
): Promise<number> {
  const { namespace } = lab.nodes[node];
  const former = replicatorPids(by, lab, node);
  signalAll(former, 'SIGKILL');
  const flushed = await inNamespace(labs.ports.processes, namespace, ['conntrack', '-F']);
  must(flushed);
  if (by === 'conntrackd') {
    must(await startConntrackd(lab.settings.name, labs.ports, [node]));
  }
  const fresh = (): readonly number[] =>
    replicatorPids(by, lab, node).filter((pid) => !former.includes(pid));
  const isBack = (): Promise<boolean> => Promise.resolve(fresh().length > 0);
  await until(`${by} is back`, isBack, STARTS_WITHIN_MS);
  return Math.min(...fresh().map(startOf));
}

interface Nodes {
  readonly owner: NodeName;
  readonly other: NodeName;
}

/** What is used from now on; one that is started meanwhile counts from its start. */
function costFrom(
  by: FlowReplicator,
  lab: Lab,
  { owner, other }: Nodes,
): () => Pick<FlowsRound, 'senderSeconds' | 'receiverSeconds' | 'peakMb'> {
  const used = (node: NodeName, pids: readonly number[]): number =>
    cpuOf(replicatorPids(by, lab, node).filter((pid) => pids.includes(pid))).usedSeconds;
  const before = new Map(
    [owner, other].map((node) => {
      const pids = replicatorPids(by, lab, node);
      pids.forEach(forgetPeak);
      return [node, { pids, seconds: cpuOf(pids).usedSeconds }];
    }),
  );
  const since = (node: NodeName): number => {
    const { pids, seconds } = before.get(node) ?? { pids: [], seconds: 0 };
    const now = replicatorPids(by, lab, node);
    const isTheSame = now.every((pid) => pids.includes(pid));
    return isTheSame ? used(node, now) - seconds : used(node, now);
  };
  return () => ({
    senderSeconds: since(owner),
    receiverSeconds: since(other),
    peakMb: Math.max(
      0,
      ...[owner, other]
        .flatMap((node) => replicatorPids(by, lab, node))
        .map((pid) => peakOf(pid) / KB_PER_MB),
    ),
  });
}

function replicatorPids(by: FlowReplicator, lab: Lab, node: NodeName): readonly number[] {
  return pidsIn(lab.nodes[node].namespace).filter((pid) => {
    const words = argumentsOf(pid);
    return by === 'vipair'
      ? words.includes('flow-replicator')
      : words[0]?.endsWith('conntrackd') === true && !words.includes('-s');
  });
}
