/** What `ip -batch` is told, so that a lab's whole network is made in a few processes. */
import type {
  BackHostName,
  BackLan,
  BackServerName,
  HostName,
  LabName,
  NamespaceRole,
  NodeName,
} from './topology.js';
import {
  BACK_ADDRESSES,
  BACK_HOST_NAMES,
  BACK_INTERFACE,
  BACK_SERVER_NAMES,
  BACK_VIRTUAL_CIDRS,
  HARDWARE_ADDRESSES,
  HOST_ADDRESSES,
  HOST_ADDRESSES_IPV6,
  HOST_NAMES,
  LAN_INTERFACE,
  LINK_ADDRESSES,
  LINK_INTERFACE,
  NODE_NAMES,
  PREFIX_LENGTHS,
  namespaceOf,
  rolesWith,
} from './topology.js';

/** The lines one namespace is told. */
export interface NamespacePlan {
  readonly namespace: string;
  readonly lines: readonly string[];
}

const BRIDGE = 'lan0';
const BACK_BRIDGE = 'back0';

/** Made from the machine's own namespace, in which nothing is left: both ends are born in theirs. */
export function cablePlan(lab: LabName, backLan: BackLan = 'none'): readonly string[] {
  // Without spanning tree and forward delay a port forwards as soon as it is up; without snooping
  // multicast adverts go everywhere, as on a plain switch.
  const bridge = (name: string): string =>
    `link add ${name} netns ${namespaceOf(lab, 'lan')} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`;
  return [
    ...rolesWith(backLan).map((role) => `netns add ${namespaceOf(lab, role)}`),
    bridge(BRIDGE),
    ...HOST_NAMES.map(
      (host) =>
        `link add port-${host} netns ${namespaceOf(lab, 'lan')} type veth ` +
        `peer name ${LAN_INTERFACE} address ${HARDWARE_ADDRESSES[host]} netns ${namespaceOf(lab, host)}`,
    ),
    `link add ${LINK_INTERFACE} netns ${namespaceOf(lab, 'lb1')} type veth ` +
      `peer name ${LINK_INTERFACE} netns ${namespaceOf(lab, 'lb2')}`,
    ...(backLan === 'there'
      ? [
          bridge(BACK_BRIDGE),
          ...BACK_HOST_NAMES.map(
            (host) =>
              `link add back-${host} netns ${namespaceOf(lab, 'lan')} type veth ` +
              `peer name ${BACK_INTERFACE} netns ${namespaceOf(lab, host)}`,
          ),
        ]
      : []),
  ];
}

/** What is said inside each namespace afterwards; the namespaces may be told side by side. */
export function namespacePlans(lab: LabName, backLan: BackLan = 'none'): readonly NamespacePlan[] {
  return rolesWith(backLan).map((role) => ({
    namespace: namespaceOf(lab, role),
    lines: ['link set lo up', ...linesFor(role, backLan)],
  }));
}

/**
 * Nobody else has these addresses, and duplicate address detection would keep each from being used for a second or two.
 * Said before the links come up; of `all` and the link the greater counts.
 */
export function promptSysctls(role: NamespaceRole, backLan: BackLan = 'none'): readonly string[] {
  return ['default', ...linksOf(role, backLan)].map((name) => `net.ipv6.conf.${name}.accept_dad=0`);
}

/** What makes routers of the nodes. */
export const FORWARDING_SYSCTLS: readonly string[] = [
  'net.ipv4.ip_forward=1',
  'net.ipv6.conf.all.forwarding=1',
];

/** A node's links to others. */
export function nodeLinks(backLan: BackLan): readonly string[] {
  return [LAN_INTERFACE, LINK_INTERFACE, ...(backLan === 'there' ? [BACK_INTERFACE] : [])];
}

/** One node's cables pulled. All go in one process, so that each follows the one before within a millisecond or two. */
export function unplugLines(backLan: BackLan = 'none'): readonly string[] {
  return nodeLinks(backLan).map((link) => `link set ${link} down`);
}

/** What a boot finds: none of the addresses of the former life, then its own, then links that come up. */
export function bootLines(node: NodeName, backLan: BackLan = 'none'): readonly string[] {
  return [
    ...nodeLinks(backLan).map((link) => `address flush dev ${link}`),
    ...linesFor(node, backLan),
  ];
}

function linksOf(role: NamespaceRole, backLan: BackLan): readonly string[] {
  if (role === 'lan') {
    return [BRIDGE, ...(backLan === 'there' ? [BACK_BRIDGE] : [])];
  }
  if (isBackServer(role)) {
    return [BACK_INTERFACE];
  }
  return isNode(role) ? nodeLinks(backLan) : [LAN_INTERFACE];
}

function linesFor(role: NamespaceRole, backLan: BackLan): readonly string[] {
  if (role === 'lan') {
    return [
      ...bridgeLines(
        BRIDGE,
        HOST_NAMES.map((host) => `port-${host}`),
      ),
      ...(backLan === 'there'
        ? bridgeLines(
            BACK_BRIDGE,
            BACK_HOST_NAMES.map((host) => `back-${host}`),
          )
        : []),
    ];
  }
  if (isBackServer(role)) {
    return [...backLines(role), ...gatewayLines()];
  }
  return [...hostLines(role), ...(isNode(role) && backLan === 'there' ? backLines(role) : [])];
}

function bridgeLines(bridge: string, ports: readonly string[]): readonly string[] {
  return [
    ...ports.flatMap((port) => [`link set ${port} master ${bridge}`, `link set ${port} up`]),
    `link set ${bridge} up`,
  ];
}

function hostLines(host: HostName): readonly string[] {
  return [
    `address add ${HOST_ADDRESSES[host]}/${String(PREFIX_LENGTHS.ipv4)} dev ${LAN_INTERFACE}`,
    `address add ${HOST_ADDRESSES_IPV6[host]}/${String(PREFIX_LENGTHS.ipv6)} dev ${LAN_INTERFACE}`,
    `link set ${LAN_INTERFACE} up`,
    ...(isNode(host)
      ? [
          `address add ${LINK_ADDRESSES[host]}/${String(PREFIX_LENGTHS.ipv4)} dev ${LINK_INTERFACE}`,
          `link set ${LINK_INTERFACE} up`,
        ]
      : []),
  ];
}

function backLines(host: BackHostName): readonly string[] {
  return [
    ...(['ipv4', 'ipv6'] as const).map(
      (family) =>
        `address add ${BACK_ADDRESSES[family][host]}/${String(PREFIX_LENGTHS[family])} dev ${BACK_INTERFACE}`,
    ),
    `link set ${BACK_INTERFACE} up`,
  ];
}

/** Answers to clients go through the node that has the address. */
function gatewayLines(): readonly string[] {
  return [
    `route add 0.0.0.0/0 via ${BACK_VIRTUAL_CIDRS.ipv4.address} dev ${BACK_INTERFACE}`,
    `route add ::/0 via ${BACK_VIRTUAL_CIDRS.ipv6.address} dev ${BACK_INTERFACE}`,
  ];
}

function isNode(role: NamespaceRole): role is NodeName {
  return NODE_NAMES.some((node) => node === role);
}

function isBackServer(role: NamespaceRole): role is BackServerName {
  return BACK_SERVER_NAMES.some((server) => server === role);
}
