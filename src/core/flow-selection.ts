/**
 * Which flows both nodes are to have, and which of the nodes knows them best: those that go through a node, and that the
 * other one could carry on when it has the group's addresses.
 */
import type { Cidr, Ip } from '../base/ip.js';
import { networkHolds } from '../base/network.js';
import type { Flow } from '../wire/conntrack/flow.js';
import { PROTOCOL } from '../wire/conntrack/protocol.js';

export interface FlowScope {
  /** Of all groups: whichever node is their master has them. */
  readonly addresses: ReadonlySet<Ip>;
  /** Of this machine alone. */
  readonly local: ReadonlySet<Ip>;
  /** What is asked for beside the flows of services; undefined: nothing. */
  readonly filter: FlowFilter | undefined;
  readonly services: readonly ServedPort[];
}

/** Undefined: all. */
export interface FlowFilter {
  /** By IANA's numbers. */
  readonly protocols: ReadonlySet<number> | undefined;
  /** To which the first packet goes. */
  readonly ports: ReadonlySet<number> | undefined;
  readonly zones: ReadonlySet<number> | undefined;
  /** Flows of these networks that are routed by the node, whether or not they have an address of a group. */
  readonly networks: readonly Cidr[];
}

/** Where a service that the kernel forwards is asked for. */
export interface ServedPort {
  readonly addresses: readonly Ip[];
  readonly protocol: number;
  readonly port: number;
  readonly replicate: 'yes' | 'no';
}

/** `ends here`: the machine, or its proxy, is one of the two ends, and they do not move. */
export type FlowChoice = 'selected' | 'ends here' | 'no address of a group' | 'not asked for';

/** Those that can be asked for by name. */
export const FLOW_PROTOCOLS: Readonly<Record<'tcp' | 'udp' | 'sctp', number>> = PROTOCOL;

/** IPS_ASSURED (linux/netfilter/nf_conntrack_common.h). */
const ASSURED = 1 << 2;

/** enum tcp_conntrack: TIME_WAIT and CLOSE. */
const TCP_OVER: ReadonlySet<number> = new Set([7, 8]);

/**
 * `young`: nobody would miss it yet, its packets may begin it anew on either node; the kernel calls no
 * flow of ICMP assured. `over`: its entry only keeps the ports from
 * being used again too soon.
 */
export type FlowStage = 'young' | 'established' | 'over';

export function stageOf({ status, tcp }: Flow): FlowStage {
  if ((status & ASSURED) === 0) {
    return 'young';
  }
  return tcp !== undefined && TCP_OVER.has(tcp.state) ? 'over' : 'established';
}

/** Whether both nodes are to have it, as far as its addresses, ports and the like say. */
export function chooseFlow(scope: FlowScope, flow: Flow): FlowChoice {
  const { original, reply } = flow;
  // Answers come from where the first packet went in the end: from the machine itself, where nobody translated that.
  if (isOfMachine(scope, original.source) || isOfMachine(scope, reply.source)) {
    return 'ends here';
  }
  if (scope.local.has(original.destination) || scope.local.has(reply.destination)) {
    return 'ends here';
  }
  const service = scope.services.find((each) => isServed(each, flow));
  if (service !== undefined) {
    return service.replicate === 'yes' ? 'selected' : 'not asked for';
  }
  const { filter } = scope;
  if (filter === undefined) {
    return 'not asked for';
  }
  const isOurs = addressesOf(scope, flow).length > 0 || isRouted(filter, flow);
  if (!isOurs) {
    return 'no address of a group';
  }
  return passes(filter, flow) ? 'selected' : 'not asked for';
}

/** Whose kernel follows it: `both` and `nobody` while the nodes do not agree. */
export type FlowHolder = 'here' | 'there' | 'both' | 'nobody';

export interface Ownership {
  /** Addresses of groups of which this node is the master. */
  readonly here: ReadonlySet<Ip>;
  /** And those of which the other one says so. */
  readonly there: ReadonlySet<Ip>;
}

/** Of a routed flow without an address of a group it is the one that has any; where both have some, the addresses do not say. */
export function holderOf(
  scope: Pick<FlowScope, 'addresses'>,
  { here, there }: Ownership,
  flow: Pick<Flow, 'original' | 'reply'>,
): FlowHolder {
  const of = addressesOf(scope, flow);
  if (of.length === 0 && here.size > 0 && there.size > 0) {
    return 'nobody';
  }
  const isHere = of.length === 0 ? here.size > 0 : of.some((each) => here.has(each));
  const isThere = of.length === 0 ? there.size > 0 : of.some((each) => there.has(each));
  if (isHere) {
    return isThere ? 'both' : 'here';
  }
  return isThere ? 'there' : 'nobody';
}

/** Whether the addresses of groups say where its packets go; those of a flow that is only routed may go through either node. */
export function hasGroupAddress(
  scope: Pick<FlowScope, 'addresses'>,
  flow: Pick<Flow, 'original' | 'reply'>,
): boolean {
  return addressesOf(scope, flow).length > 0;
}

function addressesOf(
  { addresses }: Pick<FlowScope, 'addresses'>,
  { original, reply }: Pick<Flow, 'original' | 'reply'>,
): readonly Ip[] {
  return [original.destination, reply.destination].filter((each) => addresses.has(each));
}

function isOfMachine({ addresses, local }: FlowScope, address: Ip): boolean {
  return addresses.has(address) || local.has(address);
}

function isServed({ addresses, protocol, port }: ServedPort, flow: Flow): boolean {
  const { destination, destinationPort } = flow.original;
  return flow.protocol === protocol && destinationPort === port && addresses.includes(destination);
}

function isRouted({ networks }: FlowFilter, { original, reply }: Flow): boolean {
  return networks.some(
    (network) => networkHolds(network, original.source) || networkHolds(network, reply.source),
  );
}

function passes({ protocols, ports, zones }: FlowFilter, flow: Flow): boolean {
  return (
    (protocols?.has(flow.protocol) ?? true) &&
    (ports?.has(flow.original.destinationPort) ?? true) &&
    (zones?.has(flow.zone) ?? true)
  );
}
