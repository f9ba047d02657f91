/** A node's power: cut without a word to anybody, and restored as a boot would. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { LabFailure } from './failure.js';
import type { Fault } from './fault.js';
import { killAllIn, pidsIn, signalAll } from './namespace-processes.js';
import type { NetworkPorts } from './network.js';
import { inNamespace, ipBatch } from './network.js';
import { bootLines, nodeLinks, unplugLines } from './network-plan.js';
import type { BackLan, NodeName } from './topology.js';

export interface PoweredNode {
  readonly name: NodeName;
  readonly namespace: string;
  readonly backLan: BackLan;
}

/** What a daemon may have set, and a boot sets back. */
function bootSysctls(backLan: BackLan): readonly string[] {
  return [
    'net.ipv4.ip_nonlocal_bind=0',
    'net.ipv6.ip_nonlocal_bind=0',
    'net.netfilter.nf_conntrack_events=2',
    ...['all', 'default', ...nodeLinks(backLan)].flatMap((name) => [
      `net.ipv4.conf.${name}.arp_ignore=0`,
      `net.ipv4.conf.${name}.arp_announce=0`,
    ]),
  ];
}

/**
 * First every process is stopped, all within a fraction of a millisecond: from then on nothing is sent
 * that a program decides. Then both cables are pulled, and only then the processes are killed, because the
 * kernel closes a killed program's connections with packets that no power loss sends.
 */
export async function cutPower(
  node: PoweredNode,
  ports: NetworkPorts,
): Promise<Result<Fault, LabFailure>> {
  const pids = pidsIn(node.namespace);
  const earliest = ports.clock.now();
  signalAll(pids, 'SIGSTOP');
  const unplugged = await ipBatch(ports.processes, unplugLines(node.backLan), [
    '-n',
    node.namespace,
  ]);
  const latest = ports.clock.now();
  if (!unplugged.ok) {
    signalAll(pids, 'SIGCONT');
    return unplugged;
  }
  const dead = await killAllIn([node.namespace], ports.clock);
  await forget(node, ports);
  return dead
    ? ok({ earliest, latest })
    : fail({ code: 'not-ready', detail: `processes of ${node.name} do not end` });
}

/** Brings the links back with the addresses a boot finds, and nothing of the former life. */
export function restorePower(
  node: PoweredNode,
  { processes }: NetworkPorts,
): Promise<Result<undefined, LabFailure>> {
  return ipBatch(processes, bootLines(node.name, node.backLan), ['-n', node.namespace]);
}

/** What lives in the namespace, not in a process, and so survives the kill but no reboot. */
async function forget(node: PoweredNode, { processes }: NetworkPorts): Promise<void> {
  const inside = (command: readonly string[]): Promise<unknown> =>
    inNamespace(processes, node.namespace, command);
  await Promise.all([
    inside(['nft', 'flush', 'ruleset']),
    inside(['sysctl', '-q', '-w', ...bootSysctls(node.backLan)]),
    // Connections of the dead would go on sending their last words once the links are back.
    inside(['ss', '--kill', '--tcp', '--no-header']),
    // Not installed everywhere, and then there is nothing it would have to remove.
    inside(['conntrack', '-F']),
    ipBatch(
      processes,
      nodeLinks(node.backLan).map((link) => `address flush dev ${link}`),
      ['-n', node.namespace],
    ),
  ]);
}
