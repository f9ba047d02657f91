/** Long flows through a pair that forwards them, and the master's power is lost: do they go on? */
import type { Result } from '../../base/result.js';
import { done, fail, ok } from '../../base/result.js';
import type { Millis } from '../../base/time.js';
import { between, millis } from '../../base/time.js';
import { flowServerCommand } from '../commands.js';
import type { LabFailure } from '../failure.js';
import { from } from '../failure.js';
import type { Lab, LabPorts } from '../lab.js';
import { listensIn } from '../listening.js';
import { pidsIn } from '../namespace-processes.js';
import { inNamespace, runInNamespace } from '../network.js';
import { eventually, pause } from '../pause.js';
import { untilRedundant } from '../readiness.js';
import { logFile } from '../state-directory.js';
import type { NodeName } from '../topology.js';
import {
  BACK_SERVER_NAMES,
  namespaceOf,
  NODE_NAMES,
  otherNode,
  VIRTUAL_CIDRS,
} from '../topology.js';
import { startConntrackd } from './conntrackd.js';
import { firewall, natRules, SERVER_NUMBERS, SERVER_PORTS } from './flow-services.js';
import type { FlowsSeen } from './flows-judgement.js';
import { judgeService } from './flows-judgement.js';
import type { FlowsRun } from './flows-run.js';
import { armOf } from './flows-run.js';
import type { FlowBunch } from './traffic.js';

/** Of one run: every service of it, and what the other node knew as the power was lost. */
export interface FlowsOutcome {
  readonly seen: readonly FlowsSeen[];
  /** Entries in the kernel of the node that took over, just before. */
  readonly standbyEntries: number;
  /** Of the client, whose pauses look like the pair's. */
  readonly clientStalledMs: number;
  readonly owner: NodeName;
}

/** Between two messages of a flow: what a gap is measured with. */
export const MESSAGE_EVERY: Millis = millis(50);

/** The lab stands, and nobody has done anything in it yet. */
export async function seeFlows(
  run: FlowsRun,
  lab: Lab,
  ports: LabPorts,
): Promise<Result<FlowsOutcome, LabFailure>> {
  const { clock } = ports;
  const prepared = await prepareFlows(run, lab, ports);
  if (!prepared.ok) {
    return prepared;
  }
  const owner = await lab.owner();
  if (owner === undefined) {
    return fail({ code: 'not-ready', detail: 'no node, or both, hold the address' });
  }
  const standby = lab.nodes[otherNode(owner.name)];
  const traffic = await lab.startTraffic({
    bunches: bunchesOf(run),
    every: MESSAGE_EVERY,
    lasting: LASTS_AT_MOST,
  });
  if (!traffic.ok) {
    return traffic;
  }
  await pause(clock, LEAD_IN);
  const standbyEntries = await entriesOf(lab, standby.name, ports);
  const blow = await owner.powerOff();
  if (!blow.ok) {
    return blow;
  }
  await pause(clock, AFTERMATH);
  const sinceBlowMs = between(blow.value.earliest, clock.now());
  const report = await traffic.value.finish();
  if (!report.ok) {
    return report;
  }
  const record = { flows: report.value.flows, sinceBlowMs };
  return ok({
    seen: run.services.map((service) => judgeService(service, armOf(run, service), record)),
    standbyEntries,
    clientStalledMs: report.value.stalledMs,
    owner: owner.name,
  });
}

/** Servers, firewalls, and of a rival all that vipair does itself; then the pair is whole. */
export async function prepareFlows(
  { engine, services }: FlowsRun,
  lab: Lab,
  ports: LabPorts,
): Promise<Result<undefined, LabFailure>> {
  const rules = engine === 'keepalived' ? `${firewall()}${natRules(services)}` : firewall();
  for (const node of NODE_NAMES) {
    const namespace = namespaceOf(lab.settings.name, node);
    const loaded = await runInNamespace(ports.processes, {
      namespace,
      command: ['nft', '-f', '-'],
      input: rules,
    });
    if (!loaded.ok) {
      return loaded;
    }
  }
  const served = await startServers(lab, ports);
  if (!served.ok) {
    return served;
  }
  if (engine === 'vipair') {
    return untilRedundant(lab, ports.clock, SETTLES_WITHIN);
  }
  return startConntrackd(lab.settings.name, ports);
}

/** So many flows for each service, of the same number for each arm. */
function bunchesOf({ services, count }: FlowsRun): readonly FlowBunch[] {
  return services.map(({ protocol, family, port, replicated }) => {
    const alike = services.filter(
      (each) => each.protocol === protocol && each.replicated === replicated,
    );
    return {
      protocol,
      target: { host: VIRTUAL_CIDRS[family].address, port },
      count: Math.max(1, Math.round(count / alike.length)),
    };
  });
}

async function startServers(
  lab: Lab,
  { processes, clock, vipair }: LabPorts,
): Promise<Result<undefined, LabFailure>> {
  const { name } = lab.settings;
  for (const server of BACK_SERVER_NAMES) {
    const command = flowServerCommand(vipair, {
      number: SERVER_NUMBERS[server],
      ports: SERVER_PORTS,
      every: MESSAGE_EVERY,
    });
    const launched = await processes.launch(
      'ip',
      ['netns', 'exec', namespaceOf(name, server), ...command],
      { logFile: logFile(name, server) },
    );
    const outcome = from(server, launched);
    if (!outcome.ok) {
      return outcome;
    }
  }
  const listen = (): boolean =>
    BACK_SERVER_NAMES.every((server) =>
      pidsIn(namespaceOf(name, server)).some((pid) =>
        SERVER_PORTS.every((port) => listensIn(pid, port, 'ipv6')),
      ),
    );
  return (await eventually(clock, { within: STARTS_WITHIN, every: LOOK_EVERY }, listen))
    ? done
    : fail({ code: 'not-ready', detail: `the servers do not listen: ${logFile(name, 's1')}` });
}

async function entriesOf(lab: Lab, node: NodeName, { processes }: LabPorts): Promise<number> {
  const said = await inNamespace(processes, namespaceOf(lab.settings.name, node), [
    ...['sysctl', '-n', 'net.netfilter.nf_conntrack_count'],
  ]);
  return said.ok ? Number(said.value) : 0;
}

/** A UDP flow is assured when it is two seconds old and still answered, and is told to the other node only then. */
const LEAD_IN = millis(5_000);
/** Until the slowest retransmission of what was sent while nobody forwarded, and longer than a flow may be silent. */
const AFTERMATH = millis(5_000);
const LASTS_AT_MOST = millis(120_000);
const SETTLES_WITHIN = millis(30_000);
const STARTS_WITHIN = millis(10_000);
const LOOK_EVERY = millis(20);
