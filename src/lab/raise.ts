/** Raises a lab, finds one that stands, and takes one down. */
import process from 'node:process';
import { rmdirSync } from 'node:fs';
import type { Result } from '../base/result.js';
import { done, fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import { webServerCommand } from './commands.js';
import type { LabFailure } from './failure.js';
import { from } from './failure.js';
import type { LabPorts } from './lab.js';
import { Lab } from './lab.js';
import { makeLabFiles, readRecord, removeLabFiles } from './lab-files.js';
import { listensIn } from './listening.js';
import { tailOf } from './log-tail.js';
import { pidsIn } from './namespace-processes.js';
import { makeNetwork, networkExists, removeNetwork } from './network.js';
import { eventually } from './pause.js';
import type { LabSettings, Scheduling } from './settings.js';
import { LABS_DIRECTORY, logFile } from './state-directory.js';
import type { LabName, WebServerName } from './topology.js';
import {
  NODE_NAMES,
  SERVICE_PORT,
  WEB_SERVER_NAMES,
  WEB_SERVER_PORT,
  namespaceOf,
  namespacesOf,
} from './topology.js';

/** Programs load in 0.3 s, and the slowest election there is waits 4 s at 1 s adverts. */
const READY_WITHIN = millis(30_000);
const LOOK_EVERY = millis(20);
const CHRT_DEADLINE = millis(5_000);

/**
 * Resolves when the address is held, both proxies serve and both web servers answer. Left-overs of a dead
 * lab of that name are removed first; one that lives is refused.
 */
export async function raiseLab(
  settings: LabSettings,
  ports: LabPorts,
): Promise<Result<Lab, LabFailure>> {
  const cleared = await clearTheWay(settings.name, ports);
  if (!cleared.ok) {
    return cleared;
  }
  const scheduling = await feasibleScheduling(settings.scheduling, ports);
  const feasible = { ...settings, scheduling };
  if (makeLabFiles(feasible) === 'taken') {
    return alreadyUp(settings.name);
  }
  const lab = new Lab(feasible, ports);
  const stands = await erect(lab, ports);
  if (stands.ok) {
    return ok(lab);
  }
  await removeLab(settings.name, ports);
  return stands;
}

/** The lab another command raised. */
export function findLab(name: LabName, ports: LabPorts): Result<Lab, LabFailure> {
  const settings = readRecord(name);
  return settings === undefined
    ? fail({ code: 'not-up', detail: `no lab ${name}; raise it with: vipair lab up ${name}` })
    : ok(new Lab(settings, ports));
}

/** Removes every trace, also of a lab that crashed half-way. Nothing there is success. */
export async function removeLab(
  name: LabName,
  ports: LabPorts,
): Promise<Result<undefined, LabFailure>> {
  const removed = await removeNetwork(name, ports);
  if (removed.ok) {
    removeLabFiles(name);
    removeEmpty(LABS_DIRECTORY);
  }
  return removed;
}

/** True while a process lives in one of the lab's namespaces. */
export function isAlive(name: LabName): boolean {
  return namespacesOf(name).some((namespace) => pidsIn(namespace).length > 0);
}

/** Real-time scheduling is refused in some containers; the lab goes on without and says so in its status. */
export async function feasibleScheduling(
  scheduling: Scheduling,
  { processes }: LabPorts,
): Promise<Scheduling> {
  if (scheduling === 'normal') {
    return scheduling;
  }
  const tried = await processes.run('chrt', ['--rr', '10', 'true'], { within: CHRT_DEADLINE });
  return tried.ok ? 'round-robin' : 'normal';
}

async function clearTheWay(name: LabName, ports: LabPorts): Promise<Result<undefined, LabFailure>> {
  if (process.getuid?.() !== 0) {
    return fail({ code: 'not-root', detail: 'network namespaces need root' });
  }
  if (isAlive(name)) {
    return alreadyUp(name);
  }
  return networkExists(name) || readRecord(name) !== undefined ? removeLab(name, ports) : done;
}

async function erect(lab: Lab, ports: LabPorts): Promise<Result<undefined, LabFailure>> {
  const made = await makeNetwork(lab.settings, ports);
  if (!made.ok) {
    return made;
  }
  const started = await Promise.all([
    ...WEB_SERVER_NAMES.map((name) => startWebServer(lab.settings.name, name, ports)),
    ...NODE_NAMES.map((name) => lab.nodes[name].start()),
  ]);
  const refused = started.find((each) => !each.ok);
  if (refused !== undefined) {
    return refused;
  }
  const patience = { within: READY_WITHIN, every: LOOK_EVERY };
  // A daemon that ended has said why; nothing gets better by waiting for it.
  await eventually(ports.clock, patience, async () => hasLostADaemon(lab) || (await isReady(lab)));
  return (await isReady(lab)) ? done : fail({ code: 'not-ready', detail: await complaint(lab) });
}

async function startWebServer(
  lab: LabName,
  name: WebServerName,
  { processes, vipair }: LabPorts,
): Promise<Result<undefined, LabFailure>> {
  const launched = await processes.launch(
    'ip',
    ['netns', 'exec', namespaceOf(lab, name), ...webServerCommand(vipair, name)],
    { logFile: logFile(lab, name) },
  );
  const outcome = from(name, launched);
  return outcome.ok ? done : outcome;
}

async function isReady(lab: Lab): Promise<boolean> {
  const websListen = WEB_SERVER_NAMES.every((name) =>
    pidsIn(namespaceOf(lab.settings.name, name)).some((pid) => listensIn(pid, WEB_SERVER_PORT)),
  );
  const nodesServe = NODE_NAMES.map((name) => lab.nodes[name].processes()).every(
    ({ enginePid, proxyPids }) =>
      enginePid !== undefined && proxyPids.some((pid) => listensIn(pid, SERVICE_PORT)),
  );
  return websListen && nodesServe && (await lab.owner()) !== undefined;
}

function hasLostADaemon(lab: Lab): boolean {
  return NODE_NAMES.some((name) => lab.nodes[name].processes().enginePid === undefined);
}

async function complaint(lab: Lab): Promise<string> {
  const nodes = await lab.status();
  const states = nodes.map((node) => JSON.stringify(node));
  const logs = NODE_NAMES.map((name) => `${name}: ${tailOf(lab.nodes[name].files.engineLog)}`);
  return ['the pair did not become ready', ...states, ...logs].join('\n');
}

function alreadyUp(name: LabName): Result<never, LabFailure> {
  return fail({
    code: 'already-up',
    detail: `lab ${name} is up; take it down first with: vipair lab down ${name}`,
  });
}

/** Fails, as it should, while another lab is there. */
function removeEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    return;
  }
}
