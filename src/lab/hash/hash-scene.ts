/** The service of the lab: ten servers behind one port of the virtual address, and the programs at both ends. */
import { readFileSync, writeFileSync } from 'node:fs';
import { askReload } from '../../api/client.js';
import type { Ip } from '../../base/ip.js';
import { parseIp } from '../../base/ip.js';
import type { Result } from '../../base/result.js';
import { done, fail } from '../../base/result.js';
import { millis } from '../../base/time.js';
import { invariant } from '../../base/unreachable.js';
import type { LabFailure } from '../failure.js';
import { from } from '../failure.js';
import type { Lab, LabPorts } from '../lab.js';
import { inNamespace, ipBatch } from '../network.js';
import { eventually } from '../pause.js';
import { controlSocketOf } from '../readiness.js';
import { labDirectory, logFile } from '../state-directory.js';
import { LAN_INTERFACE, NODE_NAMES, namespaceOf, VIRTUAL_ADDRESS } from '../topology.js';
import { askLine } from './line-socket.js';

export const HASH_SERVICE = 'hash';
export const HASH_PORT = 8090;

/** All in the namespace of the first web server. */
export const HASH_SERVERS: readonly { readonly name: string; readonly address: Ip }[] = Array.from(
  { length: 10 },
  (...[, index]) => ({ name: `s${String(index + 1)}`, address: at(31 + index) }),
);

/** Where clients come from, beside the client's own address: those of many. */
export const HASH_SOURCES: readonly Ip[] = Array.from({ length: 100 }, (...[, index]) =>
  at(101 + index),
);

export type HashPart = 'servers' | 'clients';

export function socketOf(lab: Lab, part: HashPart): string {
  return `${labDirectory(lab.settings.name)}/hash-${part}.sock`;
}

/** Servers, clients, forwarding, and the service on both nodes. */
export async function setTheScene(
  lab: Lab,
  ports: LabPorts,
): Promise<Result<undefined, LabFailure>> {
  const { processes } = ports;
  const name = lab.settings.name;
  const added = async (role: 'web1' | 'client', addresses: readonly Ip[]) =>
    await ipBatch(
      processes,
      addresses.map((each) => `address add ${each}/24 dev ${LAN_INTERFACE}`),
      ['-n', namespaceOf(name, role)],
    );
  const made = [
    await added(
      'web1',
      HASH_SERVERS.map(({ address }) => address),
    ),
    await added('client', HASH_SOURCES),
    ...(await Promise.all(
      NODE_NAMES.map((node) =>
        inNamespace(processes, namespaceOf(name, node), ['sysctl', '-qw', 'net.ipv4.ip_forward=1']),
      ),
    )),
    await launch(lab, ports, 'servers'),
    await launch(lab, ports, 'clients'),
    await configure(lab, 'flow'),
  ];
  return made.find((each): each is Extract<typeof each, { ok: false }> => !each.ok) ?? done;
}

/** The service as the file has it from now on, on both nodes: a reload each. */
export async function configure(
  lab: Lab,
  hash: 'flow' | 'source',
): Promise<Result<undefined, LabFailure>> {
  for (const node of NODE_NAMES.map((each) => lab.nodes[each])) {
    const { vipairConfig } = node.files;
    const text = readFileSync(vipairConfig, 'utf8').replace(/^services:\n(?: .*\n)*/mu, '');
    writeFileSync(vipairConfig, `${text.trimEnd()}\n${serviceSection(hash)}`);
    const said = await askReload(controlSocketOf(node), 'applied');
    if (!said.ok) {
      const { error } = said;
      const detail = error.code === 'refused' ? error.refusal.detail : error.detail;
      return fail({ code: 'not-ready', detail: `reload on ${node.name}: ${detail}` });
    }
  }
  return done;
}

function serviceSection(hash: 'flow' | 'source'): string {
  return [
    'services:',
    `  - name: ${HASH_SERVICE}`,
    `    address: ${VIRTUAL_ADDRESS}`,
    `    port: ${String(HASH_PORT)}`,
    `    hash: ${hash}`,
    // Clients and servers are on one link, so answers would not come through the node.
    `    source: ${VIRTUAL_ADDRESS}`,
    '    drain_timeout: 1s',
    '    check: { tcp: true, every: 250ms, timeout: 200ms, rise: 2, fall: 2 }',
    '    servers:',
    ...HASH_SERVERS.map(({ name, address }) => `      - { name: ${name}, address: ${address} }`),
    '',
  ].join('\n');
}

async function launch(
  lab: Lab,
  { processes, clock, vipair }: LabPorts,
  part: HashPart,
): Promise<Result<undefined, LabFailure>> {
  const role = part === 'servers' ? 'web1' : 'client';
  const { name } = lab.settings;
  const path = socketOf(lab, part);
  const command = [...vipair, 'lab-hash-part', '--part', part, '--socket', path];
  const launched = await processes.launch(
    'ip',
    ['netns', 'exec', namespaceOf(name, role), ...command],
    { logFile: logFile(name, role), env: {} },
  );
  const begun = from('vipair', launched);
  if (!begun.ok) {
    return begun;
  }
  const patience = { within: millis(10_000), every: millis(50) };
  const isThere = async (): Promise<boolean> => (await askLine(path, 'ready')).ok;
  return (await eventually(clock, patience, isThere))
    ? done
    : fail({ code: 'not-ready', detail: `the ${part} do not begin` });
}

function at(host: number): Ip {
  const parsed = parseIp(`10.77.0.${String(host)}`);
  invariant(parsed.ok, 'an address of the lab is well formed');
  return parsed.value;
}
