/** How the HAProxy of a lab is told who its peers are: the other HAProxy itself, or vipair, which plays it. */
import type { LabSettings } from './settings.js';
import { nodeFiles } from './state-directory.js';
import type { LabName, NodeName } from './topology.js';
import { LINK_ADDRESSES, NODE_NAMES, otherNode } from './topology.js';

/** Names the node to HAProxy: to its peers, and by it to the client. */
export const NODE_VARIABLE = 'VIPAIR_NODE';

/** What tables name behind `peers`. */
export const PEERS_SECTION = 'pair';

const NATIVE_PORT = 10_000;

/** The same lines on both nodes, as a site would have them. */
export function peersSections({
  name,
  replicate,
}: Pick<LabSettings, 'name' | 'replicate'>): readonly string[] {
  if (replicate === 'none') {
    return [];
  }
  return [
    '',
    'global',
    `  localpeer "\${${NODE_VARIABLE}}"`,
    '',
    `peers ${PEERS_SECTION}`,
    ...(replicate === 'haproxy'
      ? NODE_NAMES.map((node) => `  peer ${node} ${LINK_ADDRESSES[node]}:${String(NATIVE_PORT)}`)
      : NODE_NAMES.flatMap((node) => [
          `.if streq("$${NODE_VARIABLE}",${node})`,
          ...linesFor(name, node),
          '.endif',
        ])),
  ];
}

function linesFor(lab: LabName, node: NodeName): readonly string[] {
  const { peersSocket, ownPeersSocket } = nodeFiles(lab, node);
  return [
    `  bind unix@${ownPeersSocket} mode 600`,
    `  server ${node}`,
    `  server ${otherNode(node)} unix@${peersSocket}`,
  ];
}
