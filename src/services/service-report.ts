/** Services as they are, for people. */
import type { ServiceConfig, ServiceServerConfig } from '../config/config.js';
import type { FlowsDue } from '../core/service-flows.js';
import type { Register } from '../core/registers.js';
import type { Opinion, ServerStanding } from '../core/service-servers.js';
import { sharesOf, SLOTS } from '../core/service-slots.js';
import type { IntentRow, ServerRow } from '../telemetry/servers.js';
import type { ServiceServerStatus, ServicesStatus } from '../telemetry/services.js';
import type { ServerLoad } from '../wire/pair/loads-word.js';

/** One server with all that follows from what is known and wanted. */
export interface PlacedServer {
  /** `SERVICE/SERVER`. */
  readonly name: string;
  readonly service: ServiceConfig;
  readonly server: ServiceServerConfig;
  readonly standing: ServerStanding;
  /** What becomes of the connections that it has. */
  readonly due: FlowsDue;
}

export interface ReportSources {
  readonly slots: (service: ServiceConfig) => readonly ServiceServerConfig[];
  readonly left: (name: string) => number | undefined;
  readonly peer: (name: string) => Opinion | undefined;
  readonly rules: ServicesStatus['rules'];
  readonly problems: readonly string[];
}

export function servicesStatus(
  services: readonly ServiceConfig[],
  servers: readonly PlacedServer[],
  sources: ReportSources,
): ServicesStatus {
  return {
    services: services.map((service) => {
      const { name, address, port, protocol, hash, source } = service;
      const shares = sharesOf(sources.slots(service));
      return {
        ...{ name, address, port, protocol, hash, source },
        servers: servers
          .filter((each) => each.service === service)
          .map((each) => serverStatus(each, shares.get(each.server.name) ?? 0, sources)),
      };
    }),
    rules: sources.rules,
    problems: sources.problems,
  };
}

function serverStatus(
  { name, server, standing, due }: PlacedServer,
  slots: number,
  { left, peer }: ReportSources,
): ServiceServerStatus {
  const { opinion, by, admin, weight } = standing;
  return {
    ...{ name: server.name, address: server.address, port: server.port },
    state: opinion?.kind ?? 'unknown',
    why: opinion?.kind === 'down' ? opinion.why : undefined,
    ...{ by, there: peer(name)?.kind, admin, weight },
    share: slots / SLOTS,
    connections: left(name),
    endsAt: due.kind === 'until' ? due.at : undefined,
  };
}

/** What operators have stated of a server. */
export interface ServerRegisters {
  readonly admin: Register | undefined;
  readonly weight: Register | undefined;
}

/** `here`: whether the kernel goes by what is wanted. */
export function serverRow(
  { name, server, standing }: PlacedServer,
  { admin, weight }: ServerRegisters,
  here: IntentRow['here'],
): ServerRow {
  const intent = (register: Register | undefined): IntentRow | undefined =>
    register === undefined
      ? undefined
      : {
          ...{ value: register.value, node: register.stamp.node, at: register.at },
          ...{ here, refused: undefined },
        };
  return {
    ...{ name, of: 'service' },
    here: {
      ...{ state: standing.opinion?.kind ?? 'not checked', admin: standing.admin },
      ...{ inherited: 'nothing', weight: standing.weight, configuredWeight: server.weight },
    },
    ...{ admin: intent(admin), weight: intent(weight), existence: undefined },
  };
}

/**
 * In HAProxy's words, which stand beside them. `here`: whether the kernel goes by what is wanted. While it does not, it may
 * give new connections to one that is to have none, and whoever waits for its last one is not done.
 */
export function serverLoad(
  { name, standing: { admin, opinion, use } }: PlacedServer,
  connections: ReadonlyMap<string, number>,
  here: 'agrees' | 'differs',
): ServerLoad {
  const seen = { up: 'UP', down: 'DOWN', unknown: 'no check' }[opinion?.kind ?? 'unknown'];
  const word = admin === 'ready' ? seen : admin.toUpperCase();
  return {
    ...{ name, status: here === 'differs' && use === 'unused' ? `to be ${word}` : word },
    check: opinion?.kind === 'down' ? opinion.why : undefined,
    sessions: connections.get(name) ?? 0,
    failed: { checks: 0, connects: 0, answers: 0 },
  };
}

/** Why connections of such a server end, where they do. */
export function whyEnded({ admin, opinion }: ServerStanding): string {
  if (admin !== 'ready') {
    return `its time was up after ${admin}`;
  }
  return opinion?.kind === 'down' ? `it is down: ${opinion.why}` : '';
}
