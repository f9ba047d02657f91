/** How a node finds itself in the one file that both nodes share. */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Config, NodeConfig } from './config.js';

export type WhichNodeRefusal =
  /** This machine has no node's address, and no node has its name. */
  | {
      readonly code: 'neither-node';
      readonly hostname: string;
      readonly nodes: readonly NodeConfig[];
    }
  /** This machine has the addresses of both nodes, so its name decides nothing either. */
  | { readonly code: 'both-nodes'; readonly nodes: readonly NodeConfig[] };

/** By its address, or else by its host name: an address is proof, and a name may be copied with a disk image. */
export function whichNode(
  config: Config,
  ownAddresses: readonly Ip[],
  hostname: string,
): Result<NodeConfig, WhichNodeRefusal> {
  const { nodes } = config.pair;
  const byAddress = nodes.filter((node) => ownAddresses.includes(node.address));
  if (byAddress.length > 1) {
    return fail({ code: 'both-nodes', nodes });
  }
  const node = byAddress[0] ?? nodes.find((each) => each.name === shortName(hostname));
  return node === undefined ? fail({ code: 'neither-node', hostname, nodes }) : ok(node);
}

/** `LB1.example.org` is `lb1`: host names ignore case (RFC 4343), and node names have no dots. */
function shortName(hostname: string): string {
  return (hostname.split('.')[0] ?? '').toLowerCase();
}
