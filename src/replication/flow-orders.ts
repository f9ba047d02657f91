/** What the flow replicator is told, from the configuration and from what this node is now. */
import type { Ip } from '../base/ip.js';
import type { Config } from '../config/config.js';
import { FLOWS_PORT } from '../config/config.js';
import { FLOW_PROTOCOLS } from '../core/flow-selection.js';
import type { FlowSelection } from '../ports/flow-events.js';
import type { FlowDuty, FlowOrders } from '../ports/flow-replicator.js';
import { replicatedPair } from './replicated-pair.js';

export interface FlowOrdersFrom {
  readonly config: Config;
  readonly node: string;
  /** None: no connection that could be encrypted. */
  readonly keys: readonly Uint8Array[];
}

/** Not where none are asked for and no service wants it, nor without a key. */
export function flowsWanted({ flows, services = [] }: Config, keys: readonly unknown[]): boolean {
  const isAsked = flows !== undefined || services.some(({ replicateFlows }) => replicateFlows);
  return isAsked && keys.length > 0;
}

/** Undefined where no flows are to be copied. */
export function flowOrders({
  config,
  node,
  keys,
}: FlowOrdersFrom): Omit<FlowOrders, 'duty'> | undefined {
  const { flows } = config;
  if (!flowsWanted(config, keys)) {
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

/** Of which flows the kernel is to tell in few words: of those that are copied. */
export function flowSelection(
  filter: FlowOrders['filter'],
  { addresses, services }: FlowDuty,
): FlowSelection {
  return filter === undefined
    ? { addresses: services.flatMap((each) => each.addresses), networks: [] }
    : { addresses, networks: filter.networks };
}
