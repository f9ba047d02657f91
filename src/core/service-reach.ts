/** Whether this node reaches enough of the servers of services, for a group that tracks them. */
import type { Ip } from '../base/ip.js';
import type { ServerStanding } from './served.js';
import { lackOf, lackSample } from './served.js';
import type { ServerKnown, ServerStanding as ServiceServerStanding } from './service-servers.js';
import { ownOpinion } from './service-servers.js';
import type { Sample } from './tracking.js';

/** One service, as this node's own looks find its servers. */
export interface ServiceReach {
  readonly name: string;
  readonly address: Ip;
  /** `nobody`: it has no check. */
  readonly looked: 'by this node' | 'by nobody';
  readonly servers: readonly ServerStanding[];
}

/**
 * Only what this node itself has found counts: what the other node says of a server tells nothing of the way from here.
 * One that was not looked at yet is up, as HAProxy takes its servers; one that an operator gives nothing new is out.
 */
export function reachOf(
  known: ServerKnown,
  { admin, weight }: Pick<ServiceServerStanding, 'admin' | 'weight'>,
): ServerStanding {
  if (admin !== 'ready' || weight === 0) {
    return 'out';
  }
  return ownOpinion(known)?.kind ?? 'up';
}

export interface TrackedServices {
  /** `all`: those at the group's addresses that are looked at. */
  readonly services: readonly string[] | 'all';
  /** The group's. */
  readonly addresses: readonly Ip[];
  /** In percent. */
  readonly quorum: number;
}

/** Whether so large a share of the servers of each service is up, of those that nobody took out of service. */
export function servicesSample(
  { services, addresses, quorum }: TrackedServices,
  reached: readonly ServiceReach[],
): Sample {
  const own = reached.filter(
    ({ address, looked }) => looked === 'by this node' && addresses.includes(address),
  );
  const wanted = services === 'all' ? own.map(({ name }) => name) : services;
  return lackSample(
    wanted.flatMap((name) => {
      const service = reached.find((each) => each.name === name);
      return service === undefined
        ? [`there is no service ${name}`]
        : lackOf(name, quorum, service.servers);
    }),
  );
}
