/** Pushes of HAProxy's files in a lab, and what each node has on its disk and runs afterwards. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { askPush, askReload } from '../api/client.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import type { LabFailure } from './failure.js';
import { from } from './failure.js';
import type { Lab, LabPorts } from './lab.js';
import type { LabNode } from './node.js';
import { PROBE_DEFAULTS } from './measure.js';
import { summarize } from '../prober/gaps.js';
import { proxyWorker } from './haproxy-socket.js';
import type { PushStep } from './push-steps.js';
import { controlSocketOf, untilRedundant } from './readiness.js';
import type { NodeName } from './topology.js';
import { NODE_NAMES, otherNode } from './topology.js';

/** What became of one push. */
export interface PushSeen {
  readonly step: string;
  readonly expected: PushStep['expected'];
  readonly outcome: string;
  /** Why, where it was not pushed. */
  readonly said: string;
  readonly runs: Readonly<Record<NodeName, NodeFilesSeen>>;
  readonly requests: number;
  readonly failedRequests: number;
  readonly tookMs: number;
  readonly verdict: 'as expected' | 'not as expected';
}

export interface NodeFilesSeen {
  /** Of haproxy.cfg and the certificate on the disk: the same for the same files. */
  readonly files: string;
  /** Of HAProxy: another one after a reload. */
  readonly worker: number | undefined;
}

/** What the lab was raised with, and certificates for it. */
export interface PushGiven {
  readonly owner: NodeName;
  readonly haproxy: string;
  readonly pems: Readonly<Record<PushStep['certificate'], string>>;
}

/** Both nodes take pushes from now on, and watch for a short while. */
export async function givenPushes(
  lab: Lab,
  ports: LabPorts,
): Promise<Result<PushGiven, LabFailure>> {
  const redundant = await untilRedundant(lab, ports.clock, SETTLES_WITHIN);
  const owner = (await lab.owner())?.name;
  if (!redundant.ok || owner === undefined) {
    return redundant.ok ? fail({ code: 'not-ready', detail: 'nobody owns it' }) : redundant;
  }
  for (const name of NODE_NAMES) {
    const { vipairConfig } = lab.nodes[name].files;
    const text = readFileSync(vipairConfig, 'utf8');
    writeFileSync(vipairConfig, `${text}push: { accept: true, watch: ${WATCH} }\n`);
    const reloaded = await askReload(controlSocketOf(lab.nodes[name]), 'applied');
    if (!reloaded.ok) {
      return fail({ code: 'not-ready', detail: `${name} does not reload: ${reloaded.error.code}` });
    }
  }
  const pems = await makePems(lab.nodes[owner].files.directory, ports);
  const haproxy = readFileSync(lab.nodes[owner].files.haproxyConfig, 'utf8');
  return pems.ok ? ok({ owner, haproxy, pems: pems.value }) : pems;
}

export async function seePush(
  step: PushStep,
  { owner, haproxy, pems }: PushGiven,
  { lab, ports }: { readonly lab: Lab; readonly ports: LabPorts },
): Promise<Result<PushSeen, LabFailure>> {
  const node = lab.nodes[owner];
  const peer = lab.nodes[otherNode(owner)];
  const before = await whatRuns(lab);
  const probe = await lab.startProbe(PROBE_DEFAULTS);
  if (!probe.ok) {
    return probe;
  }
  writeFileSync(node.files.haproxyConfig, step.edit(haproxy).replaceAll('OTHER', peer.name));
  const pem = pemOf(node);
  mkdirSync(dirname(pem), { recursive: true });
  writeFileSync(pem, pems[step.certificate], { mode: 0o600 });
  const began = ports.clock.now();
  const pushed = await askPush(controlSocketOf(node), {
    ...{ mode: 'push', to: 'standby', then: 'wait', shared: 'newer' },
  });
  const tookMs = Math.round(ports.clock.now() - began);
  const probed = await probe.value.finish();
  if (!probed.ok) {
    return probed;
  }
  if (!pushed.ok && pushed.error.code !== 'refused') {
    return fail({ code: 'not-ready', detail: pushed.error.detail });
  }
  const { failed, launched } = summarize(probed.value);
  const became = inWords(pushed);
  const runs = await whatRuns(lab);
  const isRight = isAsExpected(step, became, {
    here: { before: before[owner], after: runs[owner] },
    there: { before: before[peer.name], after: runs[peer.name] },
  });
  return ok({
    ...{ step: step.name, expected: step.expected, ...became, runs, tookMs },
    ...{ requests: launched, failedRequests: failed },
    verdict: isRight && failed === 0 ? 'as expected' : 'not as expected',
  });
}

type Became = Pick<PushSeen, 'outcome' | 'said'>;

function inWords(pushed: Awaited<ReturnType<typeof askPush>>): Became {
  if (pushed.ok) {
    return { outcome: pushed.value.outcome, said: pushed.value.why ?? '' };
  }
  const { error } = pushed;
  return { outcome: 'refused', said: error.code === 'refused' ? error.refusal.detail : '' };
}

interface Change {
  readonly before: NodeFilesSeen;
  readonly after: NodeFilesSeen;
}

/** Where nothing was pushed, this node's HAProxy was not reloaded, and the other one's only to go back. */
function isAsExpected(
  { expected, because }: PushStep,
  { outcome, said }: Became,
  { here, there }: { readonly here: Change; readonly there: Change },
): boolean {
  const isReloaded = ({ before, after }: Change): boolean => before.worker !== after.worker;
  const hasRightFiles =
    there.after.files === (expected === 'pushed' ? here.after.files : there.before.files);
  return (
    outcome === expected &&
    said.includes(because) &&
    hasRightFiles &&
    isReloaded(here) === (expected === 'pushed') &&
    isReloaded(there) === (expected !== 'refused')
  );
}

async function whatRuns(lab: Lab): Promise<PushSeen['runs']> {
  const [lb1, lb2] = await Promise.all([runsOn(lab.nodes.lb1), runsOn(lab.nodes.lb2)]);
  return { lb1, lb2 };
}

async function runsOn(node: LabNode): Promise<NodeFilesSeen> {
  const hash = createHash('sha256').update(readFileSync(node.files.haproxyConfig));
  if (existsSync(pemOf(node))) {
    hash.update(readFileSync(pemOf(node)));
  }
  const worker = await proxyWorker(node);
  return { files: hash.digest('hex').slice(0, 8), worker };
}

function pemOf({ files }: LabNode): string {
  return join(dirname(files.haproxyConfig), 'certs', 'site.pem');
}

async function makePems(
  directory: string,
  { processes }: LabPorts,
): Promise<Result<PushGiven['pems'], LabFailure>> {
  const made: { readonly certificate: string; readonly key: string }[] = [];
  for (const name of ['one', 'two']) {
    const [key, certificate] = [`${directory}/${name}.key`, `${directory}/${name}.crt`];
    const run = await processes.run(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ...['-keyout', key, '-out', certificate, '-days', '2', '-subj', `/CN=${name}`],
      ],
      { within: OPENSSL_WITHIN },
    );
    const ran = from('openssl', run);
    if (!ran.ok) {
      return ran;
    }
    made.push({
      certificate: readFileSync(certificate, 'utf8'),
      key: readFileSync(key, 'utf8'),
    });
  }
  const [one, two] = made;
  return one === undefined || two === undefined
    ? fail({ code: 'not-ready', detail: 'no certificates' })
    : ok({
        right: one.certificate + one.key,
        'of another key': one.certificate + two.key,
        'right, and another': two.certificate + two.key,
      });
}

const SETTLES_WITHIN = millis(30_000);
const OPENSSL_WITHIN = millis(10_000);
/** Longer than two checks of a server that are a second apart. */
const WATCH = '3s';
