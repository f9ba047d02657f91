/** What `ip -batch` is told, so that a lab's whole network is made in a few processes. */
import type { HostName, LabName, NamespaceRole, NodeName } from './topology.js';
import {
  HARDWARE_ADDRESSES,
  HOST_ADDRESSES,
  HOST_ADDRESSES_IPV6,
  HOST_NAMES,
  LAN_INTERFACE,
  LINK_ADDRESSES,
  LINK_INTERFACE,
  NAMESPACE_ROLES,
  NODE_NAMES,
  PREFIX_LENGTHS,
  namespaceOf,
} from './topology.js';

/** The lines one namespace is told. */
export interface NamespacePlan {
  readonly namespace: string;
  readonly lines: readonly string[];
}

const BRIDGE = 'lan0';

/** Made from the machine's own namespace, in which nothing is left: both ends are born in theirs. */
export function cablePlan(lab: LabName): readonly string[] {
  return [
    ...NAMESPACE_ROLES.map((role) => `netns add ${namespaceOf(lab, role)}`),
    // Without spanning tree and forward delay a port forwards as soon as it is up; without snooping
    // multicast adverts go everywhere, as on a plain switch.
    `link add ${BRIDGE} netns ${namespaceOf(lab, 'lan')} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    ...HOST_NAMES.map(
      (host) =>
        `link add port-${host} netns ${namespaceOf(lab, 'lan')} type veth ` +
        `peer name ${LAN_INTERFACE} address ${HARDWARE_ADDRESSES[host]} netns ${namespaceOf(lab, host)}`,
    ),
    `link add ${LINK_INTERFACE} netns ${namespaceOf(lab, 'lb1')} type veth ` +
      `peer name ${LINK_INTERFACE} netns ${namespaceOf(lab, 'lb2')}`,
  ];
}

/** What is said inside each namespace afterwards; the namespaces may be told side by side. */
export function namespacePlans(lab: LabName): readonly NamespacePlan[] {
  return NAMESPACE_ROLES.map((role) => ({
    namespace: namespaceOf(lab, role),
    lines: ['link set lo up', ...(role === 'lan' ? bridgeLines() : hostLines(role))],
  }));
}

/**
 * Nobody else has these addresses, and duplicate address detection would keep each from being used for a second or two.
 * Said before the links come up; of `all` and the link the greater counts.
 */
export function promptSysctls(role: NamespaceRole): readonly string[] {
  const links = role === 'lan' ? [BRIDGE] : [LAN_INTERFACE];
  const dedicated = NODE_NAMES.some((node) => node === role) ? [LINK_INTERFACE] : [];
  return ['default', ...links, ...dedicated].map((name) => `net.ipv6.conf.${name}.accept_dad=0`);
}

/** One node's cables pulled. Both go in one process, so that the second follows the first within a millisecond or two. */
export function unplugLines(): readonly string[] {
  return [`link set ${LAN_INTERFACE} down`, `link set ${LINK_INTERFACE} down`];
}

/** What a boot finds: none of the addresses of the former life, then its own, then links that come up. */
export function bootLines(node: NodeName): readonly string[] {
  return [
    `address flush dev ${LAN_INTERFACE}`,
    `address flush dev ${LINK_INTERFACE}`,
    ...hostLines(node),
  ];
}

function bridgeLines(): readonly string[] {
  return [
    ...HOST_NAMES.flatMap((host) => [
      `link set port-${host} master ${BRIDGE}`,
      `link set port-${host} up`,
    ]),
    `link set ${BRIDGE} up`,
  ];
}

function hostLines(host: Exclude<NamespaceRole, 'lan'>): readonly string[] {
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

function isNode(host: HostName): host is NodeName {
  return NODE_NAMES.some((node) => node === host);
}
