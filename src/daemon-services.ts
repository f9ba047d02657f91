/** What a daemon has of services: those of its configuration, on the machine that it runs on. */
import type { Ip } from './base/ip.js';
import type { Result } from './base/result.js';
import { fail, ok } from './base/result.js';
import type { Config } from './config/config.js';
import type { NodeState } from './core/node.js';
import type { DaemonPorts } from './daemon-ports.js';
import type { OtherServers } from './daemon-intents.js';
import type { GroupPlan } from './engine/group-plan.js';
import type { PairLink } from './pair/pair-link.js';
import type { Loads, ServedFailure } from './ports/served.js';
import type { ServicesPorts } from './services/services.js';
import { Services } from './services/services.js';
import type { ServerLoad } from './wire/pair/loads-word.js';

export interface ServicesParts extends Pick<ServicesPorts, 'register' | 'known'> {
  readonly pair: () => PairLink | undefined;
  readonly plans: () => readonly GroupPlan[];
  readonly state: () => NodeState;
}

/** Undefined on a machine that has no rules for them. */
export function servicesFor(
  { services = [] }: Config,
  { services: machine, ...ports }: DaemonPorts,
  { register, known, pair, plans, state }: ServicesParts,
): Services | undefined {
  return machine === undefined
    ? undefined
    : new Services(services, {
        ...ports,
        ...machine,
        ...{ register, known },
        owned: () => ownedNow(plans(), state()),
        ask: async (ask, body, within) => {
          const link = pair();
          return link === undefined
            ? fail({ detail: 'there is no pair channel' })
            : await link.ask(ask, body, within);
        },
      });
}

/** The virtual addresses that this node answers for. */
function ownedNow(plans: readonly GroupPlan[], { groups }: NodeState): readonly Ip[] {
  return plans
    .filter((...[, index]) => groups[index]?.vrrp.name === 'master')
    .flatMap(({ addresses }) => addresses.map(({ cidr }) => cidr.address));
}

/** As `vipair server` has them, beside the proxy's. */
export function otherServers(services: () => Services | undefined): OtherServers {
  return {
    has: (server) => services()?.has(server) ?? false,
    rows: () => services()?.rows() ?? [],
    settled: async () => {
      await services()?.settled();
    },
  };
}

/** What the proxy's servers have to do, and those of services. */
export function loadsOf(proxy: Loads | undefined, services: Services | undefined): Loads {
  return {
    loads: async (): Promise<Result<readonly ServerLoad[], ServedFailure>> => {
      if (proxy === undefined && services?.status() === undefined) {
        return fail({ detail: 'no proxy is configured' });
      }
      const ofProxy = await (proxy?.loads() ?? ok([]));
      const ofServices = await (services?.loads() ?? ok([]));
      if (!ofServices.ok) {
        return fail({ detail: `connections of services: ${ofServices.error}` });
      }
      return ofProxy.ok ? ok([...ofProxy.value, ...ofServices.value]) : ofProxy;
    },
  };
}
