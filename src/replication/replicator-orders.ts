/** What the replicator is told, from the configuration. */
import { invariant } from '../base/unreachable.js';
import type { Config } from '../config/config.js';
import type { ReplicatorOrders } from '../ports/replicator.js';

export interface OrdersFrom {
  readonly config: Config;
  readonly node: string;
  readonly keys: readonly Uint8Array[];
  readonly socketOwner: ReplicatorOrders['socketOwner'];
}

/** Undefined where nothing is to be replicated. */
export function replicatorOrders({
  config: { pair, replicate, runtime },
  node,
  keys,
  socketOwner,
}: OrdersFrom): ReplicatorOrders | undefined {
  if (replicate === undefined) {
    return undefined;
  }
  const own = pair.nodes.find(({ name }) => name === node);
  const peer = pair.nodes.find(({ name }) => name !== node);
  invariant(own !== undefined && peer !== undefined, 'a node is one of two');
  return {
    node,
    peer: peer.name,
    address: own.address,
    peerAddress: peer.address,
    port: replicate.port,
    keys: keys.map((key) => Buffer.from(key).toString('base64')),
    peersSocket: replicate.peersSocket,
    socketOwner,
    tables: replicate.stickTables,
    snapshot:
      replicate.snapshotEvery === undefined
        ? undefined
        : { file: `${runtime.stateDirectory}${SNAPSHOT_FILE}`, every: replicate.snapshotEvery },
  };
}

/** In a directory of its own, which belongs to HAProxy's user. */
/** In the state directory. */
export const SNAPSHOT_FILE = '/tables/snapshot';
