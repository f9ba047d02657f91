/** A site's HAProxy is adopted, and whatever happens to the pair afterwards: is it still as it was, and does the address move? */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import type { AdoptStep } from './adopt-steps.js';
import { ADOPT_STEPS } from './adopt-steps.js';
import { TLS_PORT } from './adopted-sites.js';
import type { LabFailure } from './failure.js';
import { proxyWorker } from './haproxy-socket.js';
import type { Lab, LabPorts } from './lab.js';
import type { LabNode } from './node.js';
import { PROBE_DEFAULTS } from './measure.js';
import { inNamespace } from './network.js';
import { recallPid } from './node-processes.js';
import { pause } from './pause.js';
import { summarize } from '../prober/gaps.js';
import { untilRedundant } from './readiness.js';
import type { Stepping } from './steps.js';
import { takeSteps } from './steps.js';
import type { NodeName } from './topology.js';
import { NODE_NAMES, namespaceOf, otherNode, VIRTUAL_ADDRESS } from './topology.js';

/** What one step made of a pair. */
export interface AdoptSeen {
  readonly site: string;
  readonly step: string;
  readonly owner: NodeName | 'nobody';
  /** Pids of HAProxy's master and of the worker that answers, on each node. */
  readonly proxies: Readonly<Record<NodeName, string>>;
  readonly requests: number;
  readonly failed: number;
  readonly gapMs: number;
  /** What a client got over TLS of each name of the site. */
  readonly tls: readonly string[];
  readonly verdict: 'as expected' | 'not as expected';
  /** What was not; empty where all was. */
  readonly wrong: readonly string[];
}

interface Site {
  readonly title: string;
  readonly names: readonly string[];
}

/** The pair is up, and its daemons are ended first: what is left is a site that never heard of vipair. */
export async function withoutVipair(lab: Lab): Promise<Result<undefined, LabFailure>> {
  for (const name of NODE_NAMES) {
    const stopped = await lab.nodes[name].stopEngine('for-good');
    if (!stopped.ok) {
      return stopped;
    }
  }
  return ok(undefined);
}

/** All steps, or those before the operator has had enough. */
export function seeAdopted(
  lab: Lab,
  site: Site,
  { ports, ...stepping }: Stepping<AdoptStep> & { readonly ports: LabPorts },
): Promise<Result<readonly AdoptSeen[], LabFailure>> {
  return takeSteps(ADOPT_STEPS, stepping, (step) => seeStep(step, { lab, site, ports }));
}

interface Setting {
  readonly lab: Lab;
  readonly site: Site;
  readonly ports: LabPorts;
}

async function seeStep(
  step: AdoptStep,
  { lab, site, ports }: Setting,
): Promise<Result<AdoptSeen, LabFailure>> {
  const { clock } = ports;
  const owner = (await lab.owner()) ?? lab.nodes.lb1;
  const before = await proxiesOf(lab);
  const files = filesOf(lab);
  const probe = await lab.startProbe(PROBE_DEFAULTS);
  if (!probe.ok) {
    return probe;
  }
  const acted = await step.act({ lab, owner, clock });
  const calm =
    !acted.ok || step.address === 'goes' ? acted : await untilRedundant(lab, clock, SETTLES_WITHIN);
  await pause(clock, CALM);
  const report = await probe.value.finish();
  if (!calm.ok) {
    return calm;
  }
  if (!report.ok) {
    return report;
  }
  const { launched, failed, longestGap } = summarize(report.value);
  const now = (await lab.owner())?.name;
  const after = await proxiesOf(lab);
  const tls = step.address === 'goes' ? [] : await tlsAnswers(site.names, { lab, ports });
  const expected = site.names.map((name) => `${name} by ${name} on ${now ?? 'nobody'}`);
  const wrong = [
    ...wrongOwner(step, owner.name, now),
    ...wrongProxies(step, owner.name, before, after),
    ...(filesOf(lab) === files ? [] : ['haproxy.cfg was changed']),
    ...(step.address === 'stays' && failed > 0 ? ['requests failed'] : []),
    ...tls.filter((each, index) => each !== expected[index]).map((each) => `over TLS: ${each}`),
  ];
  return ok({
    site: site.title,
    step: step.name,
    owner: now ?? 'nobody',
    proxies: { lb1: textOf(after.lb1), lb2: textOf(after.lb2) },
    ...{ requests: launched, failed, gapMs: longestGap, tls },
    verdict: wrong.length === 0 ? 'as expected' : 'not as expected',
    wrong,
  });
}

interface ProxyPids {
  readonly master: number | undefined;
  readonly worker: number | undefined;
}

type Proxies = Readonly<Record<NodeName, ProxyPids>>;

async function proxiesOf(lab: Lab): Promise<Proxies> {
  return { lb1: await pidsOf(lab.nodes.lb1), lb2: await pidsOf(lab.nodes.lb2) };
}

async function pidsOf(node: LabNode): Promise<ProxyPids> {
  return { master: recallPid(node.files.haproxyPid), worker: await proxyWorker(node) };
}

function textOf({ master, worker }: ProxyPids): string {
  return `${String(master ?? '–')}/${String(worker ?? '–')}`;
}

function wrongOwner(
  { address }: AdoptStep,
  before: NodeName,
  now: NodeName | undefined,
): readonly string[] {
  const expected = {
    comes: now !== undefined,
    stays: now === before,
    moves: now === otherNode(before),
    goes: now === undefined,
  }[address];
  return expected ? [] : [`the address is on ${now ?? 'no node, or on both'}`];
}

/** Of the owner's HAProxy what the step may change, and nothing of the other one. */
function wrongProxies(
  { proxy }: AdoptStep,
  owner: NodeName,
  before: Proxies,
  after: Proxies,
): readonly string[] {
  return NODE_NAMES.filter((name) => {
    const was = before[name];
    const is = after[name];
    const may = name === owner ? proxy : 'untouched';
    const sameMaster = was.master !== undefined && was.master === is.master;
    const sameWorker = was.worker !== undefined && was.worker === is.worker;
    return !{
      untouched: sameMaster && sameWorker,
      reloaded: sameMaster && !sameWorker && is.worker !== undefined,
      another: is.worker !== undefined && !sameWorker,
    }[may];
  }).map((name) => `HAProxy on ${name}: ${textOf(before[name])} became ${textOf(after[name])}`);
}

function filesOf(lab: Lab): string {
  const hash = createHash('sha256');
  for (const name of NODE_NAMES) {
    hash.update(readFileSync(lab.nodes[name].files.haproxyConfig));
  }
  return hash.digest('hex');
}

/** Of each name: whose certificate was shown, which backend answered, and on which node. */
async function tlsAnswers(
  names: readonly string[],
  { lab, ports }: Omit<Setting, 'site'>,
): Promise<readonly string[]> {
  const client = namespaceOf(lab.settings.name, 'client');
  // The program of vipair is a script: what runs it is first.
  const [node = 'node'] = ports.vipair;
  const answers: string[] = [];
  for (const name of names) {
    const script = tlsScript(name);
    const asked = await inNamespace(ports.processes, client, [node, '-e', script]);
    answers.push(asked.ok ? asked.value.trim() : asked.error.detail);
  }
  return answers;
}

/** The certificates are signed by nobody; whose they are is looked at. */
function tlsScript(name: string): string {
  const options = JSON.stringify({
    ...{ host: VIRTUAL_ADDRESS, port: TLS_PORT, servername: name, rejectUnauthorized: false },
    ...{ path: '/', headers: { host: name }, agent: false, timeout: TLS_WITHIN },
  });
  return `require('node:https').get(${options}, (answer) => {
    const { headers, socket } = answer;
    const { CN } = socket.getPeerCertificate().subject;
    console.log(CN + ' by ' + headers['x-backend'] + ' on ' + headers['x-node']);
    socket.destroy();
  }).on('error', (error) => console.log(error.message));`;
}

/** What doctor says of a node, as text; it also ends well where it found something. */
export async function doctorsList(
  node: LabNode,
  ports: LabPorts,
): Promise<Result<string, LabFailure>> {
  // 7 says that it found something.
  const tolerant = ['sh', '-c', '"$@" || [ $? = 7 ]', 'sh', ...ports.vipair];
  const ran = await ports.processes.run(
    'ip',
    [
      ...['netns', 'exec', node.namespace, ...tolerant],
      ...['doctor', '-c', node.files.vipairConfig, '--listen', '3s'],
    ],
    { within: DOCTOR_WITHIN },
  );
  return ran.ok
    ? ok(ran.value.stdout)
    : fail({ code: 'program', program: 'doctor', detail: ran.error.detail });
}

const SETTLES_WITHIN = millis(30_000);
/** Whoever means to move does so by then. */
const CALM = millis(500);
const TLS_WITHIN = 2_000;
const DOCTOR_WITHIN = millis(20_000);
