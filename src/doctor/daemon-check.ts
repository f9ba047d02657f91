/** Whether the daemon that runs here is the one that the configuration file means, and whether it takes part. */
import { list } from './differences.js';
import type { Finding, Said } from './finding.js';
import { note, problem, well } from './finding.js';
import type { Router } from './observations.js';
import type { RouterScene, Scene } from './scene.js';

export function checkDaemon({ routers, observations }: Scene): readonly Finding[] {
  const { daemon, node } = observations;
  if (daemon.kind === 'absent') {
    return [
      {
        check: 'daemon',
        about: node,
        ...note(`No daemon runs on this node (${daemon.detail}); looking at the wire only.`),
      },
    ];
  }
  const stale = routers.flatMap((each) => staleness(each) ?? []);
  const restart = 'restart the daemon, with the configuration file that the doctor was given';
  return [
    ...stale.map((sentence) => ({
      check: 'daemon' as const,
      about: node,
      ...problem(sentence, restart),
    })),
    ...daemon.after.groups.map((group) => ({
      // Why somebody has the address without being heard is a matter of what is heard first.
      check: group.conflict === undefined ? ('daemon' as const) : ('address' as const),
      about: group.name,
      ...participation(group),
    })),
  ];
}

/** How the running daemon differs from the file. */
function staleness({ router, daemon }: RouterScene): string | undefined {
  const { vrid } = router.expectations;
  if (daemon === undefined) {
    return `The running daemon has no VRID ${String(vrid)} on ${router.interface} in group ${router.group}: it was started with another configuration.`;
  }
  const running = daemon.group.instances.find(
    (each) => each.vrid === vrid && each.interface === router.interface,
  );
  const differing = [
    ...(daemon.group.version === router.expectations.version ? [] : ['version']),
    ...(daemon.group.advertIntervalMs === intervalMs(router) ? [] : ['interval']),
    ...(sameSet(running?.addresses ?? [], router.expectations.addresses) ? [] : ['addresses']),
  ];
  return differing.length === 0
    ? undefined
    : `The running daemon has another ${list(differing)} for group ${router.group} than the configuration file: it was started with another one.`;
}

function intervalMs({ expectations }: Router): number {
  return expectations.interval * 10;
}

/** With or without a prefix length. */
function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const bare = new Set(a.map((each) => each.split('/')[0] ?? each));
  return bare.size === b.length && b.every((each) => bare.has(each));
}

function participation(group: {
  readonly name: string;
  readonly role: string;
  readonly fault: string | undefined;
  readonly conflict: { readonly address: string; readonly mac: string } | undefined;
}): Said {
  if (group.conflict !== undefined) {
    const { mac, address } = group.conflict;
    return problem(
      `The daemon does not claim ${address} for group ${group.name}, because ${mac} has it without advertising.`,
    );
  }
  return group.fault === undefined
    ? well(`The daemon is ${group.role} of group ${group.name}.`)
    : problem(`This node takes no part in group ${group.name}: ${group.fault}.`);
}
