/**
 * The open connections of a service's servers: whose one is, and how long a server that gets no new ones keeps those it has.
 */
import type { Ip } from '../base/ip.js';
import type { Millis } from '../base/time.js';
import type { FlowKey, FlowTuple } from '../wire/conntrack/flow.js';
import type { ServerStanding, ServerWanted } from './service-servers.js';

/** A service, as far as its connections tell. */
export interface PassedOn {
  readonly name: string;
  readonly address: Ip;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly servers: readonly {
    readonly name: string;
    readonly address: Ip;
    readonly port: number;
  }[];
}

/** IANA's numbers. */
export const PROTOCOL_NUMBERS: Readonly<Record<PassedOn['protocol'], number>> = { tcp: 6, udp: 17 };

/** Tells whose a connection is: `SERVICE/SERVER`; undefined where it is no service's. */
export type WhoseFlow = (flow: FlowKey & { readonly reply: FlowTuple }) => string | undefined;

export function whoseFlow(services: readonly PassedOn[]): WhoseFlow {
  const byPlaces = new Map(
    services.flatMap(({ name, address, port, protocol, servers }) =>
      servers.map((server) => {
        const number = PROTOCOL_NUMBERS[protocol];
        const places = [number, address, port, server.address, server.port].join(' ');
        return [places, nameOf(name, server.name)] as const;
      }),
    ),
  );
  // Whatever becomes of the source on the way, clients ask at the first place and servers answer from the second.
  return ({ protocol, original, reply }) =>
    byPlaces.get(
      [
        ...[protocol, original.destination, original.destinationPort],
        ...[reply.source, reply.sourcePort],
      ].join(' '),
    );
}

/** As commands and registers call a server. */
export function nameOf(service: string, server: string): string {
  return `${service}/${server}`;
}

/** `until`: by the wall clock, in Unix milliseconds. */
export type FlowsDue =
  | { readonly kind: 'stay' }
  | { readonly kind: 'until'; readonly at: number }
  | { readonly kind: 'end' };

interface Drained {
  readonly protocol: PassedOn['protocol'];
  readonly drainTimeout: Millis;
  readonly standing: Pick<ServerStanding, 'admin' | 'opinion'>;
  readonly wanted: Pick<ServerWanted, 'admin'>;
  /** By the wall clock: a drain goes on where another daemon, or the other node, goes on with it. */
  readonly now: number;
  /** How long this node has known of it, by no clock that somebody sets. */
  readonly knownFor: Millis;
}

/**
 * Of two nodes whose wall clocks differ, the one that is ahead keeps connections for the whole time, too.
 * What is drained keeps its connections for a while. A client of UDP does not notice that its server is gone: the kernel
 * would pass its packets on to nobody for as long as it sends, so those of a server that is down, or in maintenance, end at once.
 * A client of TCP notices, and a server that fails a look may well go on serving what it has: those stay.
 */
export function flowsDue(drained: Drained): FlowsDue {
  const { protocol, drainTimeout, standing, wanted, now, knownFor } = drained;
  const { admin, opinion } = standing;
  const isGone = admin === 'maint' || opinion?.kind === 'down';
  if (protocol === 'udp' && isGone) {
    return { kind: 'end' };
  }
  if (admin === 'ready' || wanted.admin === undefined) {
    return { kind: 'stay' };
  }
  const at = Math.max(wanted.admin.at, now - knownFor) + drainTimeout;
  return now < at ? { kind: 'until', at } : { kind: 'end' };
}
