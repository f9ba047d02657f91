/** `vipair lab up|down|status`: a whole pair on this machine, to try and to rehearse on. */
import { withPort } from '../base/ip.js';
import { millisToCentis } from '../base/time.js';
import { parseDuration } from '../config/duration.js';
import type { LabFailure } from '../lab/failure.js';
import type { Lab, LabPorts } from '../lab/lab.js';
import { findLab, raiseLab, removeLab } from '../lab/raise.js';
import type { LabSettings } from '../lab/settings.js';
import { defaultSettings } from '../lab/settings.js';
import type { LabName } from '../lab/topology.js';
import { namespaceOf, parseLabName, SERVICE_PORT, VIRTUAL_CIDRS } from '../lab/topology.js';
import type { LabAsked, LabUpAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { renderTable } from './table.js';
import type { OutputForm } from './terminal.js';
import { complain, print, printJson } from './terminal.js';

export async function labUp(asked: LabUpAsked, ports: LabPorts): Promise<ExitCode> {
  const name = labName(asked.name);
  const interval = parseDuration(asked.adverts);
  if (!interval.ok) {
    complain(`--adverts ${asked.adverts}: ${interval.error}`);
  }
  if (name === undefined || !interval.ok) {
    return EXIT.usage;
  }
  const settings: LabSettings = {
    ...defaultSettings(name),
    advertInterval: millisToCentis(interval.value),
    families: asked.families === 'both' ? ['ipv4', 'ipv6'] : ['ipv4'],
  };
  const raised = await raiseLab(settings, ports);
  if (!raised.ok) {
    return reportLabFailure(raised.error);
  }
  if (asked.form === 'text') {
    print(`lab ${name} is up: two nodes, a client, two web servers, all in network namespaces`);
    for (const family of settings.families) {
      const url = `http://${withPort(VIRTUAL_CIDRS[family].address, SERVICE_PORT)}/`;
      print(`  try:    ip netns exec ${namespaceOf(name, 'client')} curl ${url}`);
    }
    print(`  remove: vipair lab down ${name}`);
  }
  return show(raised.value, asked.form);
}

/** Removes every trace, also of a lab that crashed. Nothing there is success. */
export async function labDown(asked: LabAsked, ports: LabPorts): Promise<ExitCode> {
  const name = labName(asked.name);
  if (name === undefined) {
    return EXIT.usage;
  }
  const removed = await removeLab(name, ports);
  if (removed.ok && asked.form === 'text') {
    print(`nothing of lab ${name} is left`);
  }
  return removed.ok ? EXIT.ok : reportLabFailure(removed.error);
}

export async function labStatus(asked: LabAsked, ports: LabPorts): Promise<ExitCode> {
  const name = labName(asked.name);
  if (name === undefined) {
    return EXIT.usage;
  }
  const lab = findLab(name, ports);
  return lab.ok ? show(lab.value, asked.form) : reportLabFailure(lab.error);
}

export function reportLabFailure(failure: LabFailure): ExitCode {
  complain(`vipair lab: ${failure.detail}`);
  return EXIT.failed;
}

async function show(lab: Lab, form: OutputForm): Promise<ExitCode> {
  const nodes = await lab.status();
  if (form === 'json') {
    printJson({ lab: lab.settings.name, nodes });
    return EXIT.ok;
  }
  const rows = nodes.map((node) => [
    node.name,
    node.address,
    node.link,
    node.enginePid === undefined ? 'not running' : `pid ${String(node.enginePid)}`,
    node.proxyPids.length === 0 ? 'not running' : `pids ${node.proxyPids.join(' ')}`,
    `vipair status -c ${lab.nodes[node.name].files.vipairConfig}`,
  ]);
  print(renderTable(['NODE', 'ADDRESS', 'LINK', 'DAEMON', 'HAPROXY', 'ASK IT WITH'], rows));
  return EXIT.ok;
}

function labName(text: string): LabName | undefined {
  const name = parseLabName(text);
  if (!name.ok) {
    complain(`vipair lab: found the name ${text}, expected ${name.error.expected}`);
  }
  return name.ok ? name.value : undefined;
}
