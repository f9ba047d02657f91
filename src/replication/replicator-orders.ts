/** What the replicator is told, from the configuration. */
import type { Config } from '../config/config.js';
import type { ReplicatorOrders } from '../ports/replicator.js';
import { replicatedPair } from './replicated-pair.js';

export interface OrdersFrom {
  readonly config: Config;
  readonly node: string;
  readonly keys: readonly Uint8Array[];
  readonly socketOwner: ReplicatorOrders['socketOwner'];
}

/** Undefined where nothing is to be replicated. */
export function replicatorOrders({
  config,
  node,
  keys,
  socketOwner,
}: OrdersFrom): ReplicatorOrders | undefined {
  const { replicate, runtime } = config;
  if (replicate === undefined) {
    return undefined;
  }
  return {
    ...replicatedPair(config, node, keys),
    port: replicate.port,
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
