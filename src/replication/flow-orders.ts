/** What the flow replicator is told, from the configuration and from what this node is now. */
import type { Ip } from '../base/ip.js';
import type { Config } from '../config/config.js';
import { FLOWS_PORT } from '../config/config.js';
import { FLOW_PROTOCOLS } from '../core/flow-selection.js';
import type { FlowDuty, FlowOrders } from '../ports/flow-replicator.js';
import { replicatedPair } from './replicated-pair.js';

export interface FlowOrdersFrom {
  readonly config: Config;
  readonly node: string;
  /** None: no connection that could be encrypted. */
  readonly keys: readonly Uint8Array[];
}

/** Undefined where no flows are to be copied: none are asked for, and no service wants it. */
export function flowOrders({
  config,
  node,
  keys,
}: FlowOrdersFrom): Omit<FlowOrders, 'duty'> | undefined {
  const { flows, services = [] } = config;
  const isWanted = flows !== undefined || services.some(({ replicateFlows }) => replicateFlows);
  if (!isWanted || keys.length === 0) {
    return undefined;
  }
  return {
    ...replicatedPair(config, node, keys),
    port: flows?.port ?? FLOWS_PORT,
    filter: flows,
  };
}

/** `owned`: of the groups of which this node is the master. */
export function flowDuty({ groups, services = [] }: Config, owned: readonly Ip[]): FlowDuty {
  return {
    addresses: groups.flatMap(({ instances }) =>
      instances.flatMap(({ addresses }) => addresses.map(({ address }) => address)),
    ),
    owned,
    services: services.map(({ address, protocol, port, replicateFlows }) => ({
      addresses: [address],
      protocol: FLOW_PROTOCOLS[protocol],
      port,
      replicate: replicateFlows ? 'yes' : 'no',
    })),
  };
}
