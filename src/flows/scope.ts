/** What the orders of a flow replicator mean for the choice of flows. */
import type { Ip } from '../base/ip.js';
import type { FlowFilter, FlowScope } from '../core/flow-selection.js';
import type { FlowDuty, FlowsAsked } from '../ports/flow-replicator.js';

export function scopeOf(
  { addresses, services }: FlowDuty,
  asked: FlowsAsked | undefined,
  local: readonly Ip[],
): FlowScope {
  const ofGroups = new Set(addresses);
  return {
    addresses: ofGroups,
    local: new Set(local.filter((each) => !ofGroups.has(each))),
    filter: asked === undefined ? undefined : filterOf(asked),
    services,
  };
}

function filterOf({ protocols, ports, zones, networks }: FlowsAsked): FlowFilter {
  return { protocols: setOf(protocols), ports: setOf(ports), zones: setOf(zones), networks };
}

function setOf(numbers: readonly number[] | undefined): ReadonlySet<number> | undefined {
  return numbers === undefined ? undefined : new Set(numbers);
}
