/** Who is who in a lab: its namespaces, addresses and links, all derived from its name. */
import type { Cidr, Family, Ip } from '../base/ip.js';
import { parseIp } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { invariant } from '../base/unreachable.js';

declare const kind: unique symbol;

/** A lab's name, safe in file names and namespace names. */
export type LabName = string & { readonly [kind]: 'lab name' };

export const NODE_NAMES = ['lb1', 'lb2'] as const;
export type NodeName = (typeof NODE_NAMES)[number];

export const WEB_SERVER_NAMES = ['web1', 'web2'] as const;
export type WebServerName = (typeof WEB_SERVER_NAMES)[number];

/** Everything with a cable to the LAN. `watch` only listens: it tells who answers ARP. */
export const HOST_NAMES = ['client', 'watch', 'lb1', 'lb2', 'web1', 'web2'] as const;
export type HostName = (typeof HOST_NAMES)[number];

/** On a LAN behind the nodes, where a lab has one: what a service of the kernel sends its flows to. */
export const BACK_SERVER_NAMES = ['s1', 's2'] as const;
export type BackServerName = (typeof BACK_SERVER_NAMES)[number];
export const BACK_HOST_NAMES = ['lb1', 'lb2', 's1', 's2'] as const;
export type BackHostName = (typeof BACK_HOST_NAMES)[number];

/** `lan` holds the bridges, so that the machine's own namespace stays untouched. */
export const NAMESPACE_ROLES = [
  'lan',
  'client',
  'watch',
  'lb1',
  'lb2',
  'web1',
  'web2',
  's1',
  's2',
] as const;
export type NamespaceRole = (typeof NAMESPACE_ROLES)[number];

/** Whether there is a LAN behind the nodes, which then forward between both. */
export type BackLan = 'none' | 'there';

/** Long enough for people, short enough that every socket path in the lab fits into 107 bytes. */
export const LAB_NAME_MAX_LENGTH = 24;

export const LAN_INTERFACE = 'eth0';
export const LINK_INTERFACE = 'eth1';
export const BACK_INTERFACE = 'eth2';
export const PREFIX_LENGTHS: Readonly<Record<Family, number>> = { ipv4: 24, ipv6: 64 };
export const VIRTUAL_ROUTER_ID = 51;
export const VIRTUAL_ADDRESS: Ip = address('10.77.0.100');
/** By family. A lab has the second only where it was asked for. */
export const VIRTUAL_CIDRS: Readonly<Record<Family, Cidr>> = {
  ipv4: { address: VIRTUAL_ADDRESS, prefixLength: PREFIX_LENGTHS.ipv4 },
  ipv6: { address: address('fd77::100'), prefixLength: PREFIX_LENGTHS.ipv6 },
};
/** The servers' gateway, and the source of what reaches them by source NAT. */
export const BACK_VIRTUAL_CIDRS: Readonly<Record<Family, Cidr>> = {
  ipv4: { address: address('10.78.0.100'), prefixLength: PREFIX_LENGTHS.ipv4 },
  ipv6: { address: address('fd78::100'), prefixLength: PREFIX_LENGTHS.ipv6 },
};
export const BACK_VIRTUAL_ROUTER_ID = 52;
export const SERVICE_PORT = 80;
export const WEB_SERVER_PORT = 8080;

/** On the LAN. */
export const HOST_ADDRESSES: Readonly<Record<HostName, Ip>> = {
  client: address('10.77.0.10'),
  watch: address('10.77.0.11'),
  lb1: address('10.77.0.2'),
  lb2: address('10.77.0.3'),
  web1: address('10.77.0.21'),
  web2: address('10.77.0.22'),
};

/** On the LAN as well: every host has both. */
export const HOST_ADDRESSES_IPV6: Readonly<Record<HostName, Ip>> = {
  client: address('fd77::10'),
  watch: address('fd77::11'),
  lb1: address('fd77::2'),
  lb2: address('fd77::3'),
  web1: address('fd77::21'),
  web2: address('fd77::22'),
};

/** On the dedicated link between the two nodes. */
export const LINK_ADDRESSES: Readonly<Record<NodeName, Ip>> = {
  lb1: address('10.77.1.1'),
  lb2: address('10.77.1.2'),
};

export const BACK_ADDRESSES: Readonly<Record<Family, Readonly<Record<BackHostName, Ip>>>> = {
  ipv4: {
    lb1: address('10.78.0.2'),
    lb2: address('10.78.0.3'),
    s1: address('10.78.0.11'),
    s2: address('10.78.0.12'),
  },
  ipv6: {
    lb1: address('fd78::2'),
    lb2: address('fd78::3'),
    s1: address('fd78::11'),
    s2: address('fd78::12'),
  },
};

/** Fixed hardware addresses: whoever hears an ARP answer knows the node without asking. Locally administered. */
export const HARDWARE_ADDRESSES: Readonly<Record<HostName, string>> = {
  client: '02:77:00:00:00:10',
  watch: '02:77:00:00:00:11',
  lb1: '02:77:00:00:00:02',
  lb2: '02:77:00:00:00:03',
  web1: '02:77:00:00:00:21',
  web2: '02:77:00:00:00:22',
};

export interface NotALabName {
  readonly code: 'not-a-lab-name';
  readonly found: string;
  readonly expected: string;
}

export function parseLabName(text: string): Result<LabName, NotALabName> {
  return /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/u.test(text) && text.length <= LAB_NAME_MAX_LENGTH
    ? ok(text as LabName)
    : fail({
        code: 'not-a-lab-name',
        found: text,
        expected: `1 to ${String(LAB_NAME_MAX_LENGTH)} of a-z, 0-9 and inner hyphens`,
      });
}

export function namespaceOf(lab: LabName, role: NamespaceRole): string {
  return `vipair-${lab}-${role}`;
}

/** All there may be; removing them in any order is fine. */
export function namespacesOf(lab: LabName): readonly string[] {
  return NAMESPACE_ROLES.map((role) => namespaceOf(lab, role));
}

export function rolesWith(backLan: BackLan): readonly NamespaceRole[] {
  return backLan === 'there' ? NAMESPACE_ROLES : ['lan', ...HOST_NAMES];
}

export function otherNode(node: NodeName): NodeName {
  return node === 'lb1' ? 'lb2' : 'lb1';
}

/** The node behind a hardware address; undefined for a stranger. */
export function nodeOfHardwareAddress(hardwareAddress: string): NodeName | undefined {
  return NODE_NAMES.find((node) => HARDWARE_ADDRESSES[node] === hardwareAddress.toLowerCase());
}

function address(text: string): Ip {
  const parsed = parseIp(text);
  invariant(parsed.ok, `the lab's own address is well formed: ${text}`);
  return parsed.value;
}
