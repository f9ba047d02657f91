/** Whether a pair is whole again: one owner, a backup that would take over, and two proxies that serve. */
import { readFileSync } from 'node:fs';
import { askStatus } from '../../src/api/client.js';
import { millis } from '../../src/base/time.js';
import type { Lab } from '../../src/lab/lab.js';
import { listensIn } from '../../src/lab/listening.js';
import type { LabNode } from '../../src/lab/node.js';
import { eventually } from '../../src/lab/pause.js';
import { NODE_NAMES, SERVICE_PORT } from '../../src/lab/topology.js';
import type { Clock } from '../../src/ports/clock.js';

/** A proxy that died often waits some seconds for its restart; the slowest election takes four. */
const FIT_WITHIN = millis(40_000);
const LOOK_EVERY = millis(100);

/** Resolves with the node that owns the address; the other one is fit to take over. */
export async function whole(lab: Lab, clock: Clock): Promise<LabNode> {
  let missing = '';
  await eventually(clock, { within: FIT_WITHIN, every: LOOK_EVERY }, async () => {
    missing = await lacking(lab);
    return missing === '';
  });
  const owner = await lab.owner();
  if (missing !== '' || owner === undefined) {
    throw new Error(`lab ${lab.settings.name} did not heal: ${missing}`);
  }
  return owner;
}

/** Empty when nothing is lacking. */
async function lacking(lab: Lab): Promise<string> {
  const nodes = NODE_NAMES.map((name) => lab.nodes[name]);
  const deaf = nodes.find(
    (node) => !node.processes().proxyPids.some((pid) => listensIn(pid, SERVICE_PORT)),
  );
  if (deaf !== undefined) {
    return `the proxy of ${deaf.name} does not listen`;
  }
  const roles = await Promise.all(
    nodes.map((node) =>
      lab.settings.engine === 'vipair' ? askedRole(node) : Promise.resolve(loggedRole(node)),
    ),
  );
  if (roles.toSorted().join(' ') !== 'backup master') {
    return `roles ${roles.join(', ')}`;
  }
  const owner = await lab.owner();
  const master = nodes[roles.indexOf('master')];
  return owner !== undefined && owner.name === master?.name ? '' : 'the master does not own it';
}

async function askedRole(node: LabNode): Promise<string> {
  const status = await askStatus(`${node.files.runtimeDirectory}/control.sock`);
  if (!status.ok) {
    return 'no answer';
  }
  const { groups, proxy } = status.value;
  return proxy?.state === 'serving' ? (groups[0]?.role ?? 'no group') : 'proxy not serving';
}

/** keepalived cannot be asked, but it logs each state it enters. */
function loggedRole(node: LabNode): string {
  if (node.processes().enginePid === undefined) {
    return 'not running';
  }
  const log = readFileSync(node.files.engineLog, 'utf8');
  const states = [...log.matchAll(/Entering (\w+) STATE/gu)].map((found) => found[1]);
  return states.at(-1)?.toLowerCase() ?? 'none yet';
}
