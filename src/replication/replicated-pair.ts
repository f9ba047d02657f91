/** What a process is told of the two nodes that it stands between. */
import { invariant } from '../base/unreachable.js';
import type { Config } from '../config/config.js';
import type { ReplicatedPair } from '../ports/replicator.js';

export function replicatedPair(
  { pair }: Pick<Config, 'pair'>,
  node: string,
  keys: readonly Uint8Array[],
): ReplicatedPair {
  const own = pair.nodes.find(({ name }) => name === node);
  const peer = pair.nodes.find(({ name }) => name !== node);
  invariant(own !== undefined && peer !== undefined, 'a node is one of two');
  return {
    node,
    peer: peer.name,
    address: own.address,
    peerAddress: peer.address,
    keys: keys.map((key) => Buffer.from(key).toString('base64')),
  };
}
