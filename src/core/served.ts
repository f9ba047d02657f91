/** What the proxy and the kernel say of what is served: servers by backend, and the ports that are listened on. */
import type { Ip } from '../base/ip.js';
import type { ServersWord, TroubledServer } from '../wire/pair/servers-word.js';
import { isIpv6 } from '../base/ip.js';
import type { Sample } from './tracking.js';

export type { ServerLoad } from '../wire/pair/loads-word.js';

/** One server of HAProxy, as that sees it by its own checks. */
export interface ServerSeen {
  readonly backend: string;
  readonly name: string;
  /** HAProxy's word, such as `UP`, `DOWN 1/2`, `MAINT`, `no check`. */
  readonly status: string;
  /** What its last check found, such as `L4CON`; undefined where it is not checked. */
  readonly check: string | undefined;
}

/** A socket that takes connections. */
export interface Listening {
  /** Undefined: every address of its family, or of both. */
  readonly address: Ip | undefined;
  readonly family: 'ipv4' | 'ipv6' | 'both';
  readonly port: number;
}

/** `out`: an operator took it out of service, which is no failure. */
export type ServerStanding = 'up' | 'down' | 'out';

/** HAProxy’s management guide, `show stat`, field 17. A name that cannot be resolved is a failure, and no operator's wish. */
export function standingOf({ status }: Pick<ServerSeen, 'status'>): ServerStanding {
  if (status.startsWith('UP') || status.startsWith('NOLB') || status === 'no check') {
    return 'up';
  }
  const isOut = status.startsWith('DRAIN') || status.startsWith('MAINT');
  return isOut && status !== RESOLUTION ? 'out' : 'down';
}

/** In the order in which they were first named. */
export function backendsOf(servers: readonly ServerSeen[]): readonly string[] {
  return [...new Set(servers.map(({ backend }) => backend))];
}

/** Whether so large a share of the servers of each backend is up, of those that nobody took out of service. */
export function backendsSample(
  { backends, quorum }: { readonly backends: readonly string[] | 'all'; readonly quorum: number },
  servers: readonly ServerSeen[],
): Sample {
  const wanted = backends === 'all' ? backendsOf(servers) : backends;
  return lackSample(
    wanted.flatMap((backend) => {
      const its = servers.filter((each) => each.backend === backend);
      return its.length === 0
        ? [`there is no backend ${backend}`]
        : lackOf(backend, quorum, its.map(standingOf));
    }),
  );
}

/** What so many servers of one name lack, in words; nothing where the quorum is met. */
export function lackOf(
  name: string,
  quorum: number,
  servers: readonly ServerStanding[],
): readonly string[] {
  const counted = servers.filter((each) => each !== 'out');
  const up = counted.filter((each) => each === 'up').length;
  return up * PERCENT >= counted.length * quorum
    ? []
    : [`${name} has ${String(up)} of ${String(counted.length)} servers up`];
}

/** Well where nothing is lacking. */
export function lackSample(lacking: readonly string[]): Sample {
  if (lacking.length === 0) {
    return { kind: 'well' };
  }
  const further =
    lacking.length > MOST_NAMED ? ` and ${String(lacking.length - MOST_NAMED)} more` : '';
  return { kind: 'failing', why: `${lacking.slice(0, MOST_NAMED).join(', ')}${further}` };
}

/** The servers of one node in short: what is not said of a server is that it is up. */
export type ServersSummary = ServersWord;

/** A server that one node calls up and the other does not. */
export interface ServerDifference {
  readonly server: string;
  readonly here: string;
  readonly there: string;
}

export function summarizeServers(servers: readonly ServerSeen[]): ServersSummary {
  const troubled = servers.flatMap((server): readonly TroubledServer[] => {
    const standing = standingOf(server);
    const { backend, name, status, check } = server;
    return standing === 'up'
      ? []
      : [
          {
            name: `${backend}/${name}`,
            standing,
            status: check === undefined ? status : `${status}, ${check}`,
          },
        ];
  });
  return {
    total: servers.length,
    up: servers.length - troubled.length,
    troubled: troubled.slice(0, MOST_TROUBLED),
  };
}

/**
 * Where both are right, one of them has lost its way to the server; an operator's wish that differs is shown as well. Of
 * a server that a list is too long to name nothing is said, and of one that a node may not have no more than that.
 */
export function differingServers(
  here: ServersSummary,
  there: ServersSummary,
): readonly ServerDifference[] {
  const names = [...here.troubled, ...there.troubled].map(({ name }) => name);
  return [...new Set(names)].flatMap((server) => {
    const ours = here.troubled.find(({ name }) => name === server);
    const theirs = there.troubled.find(({ name }) => name === server);
    const isUnsure = (ours === undefined && isCut(here)) || (theirs === undefined && isCut(there));
    const unnamed = here.total === there.total ? UP : NOT_NAMED;
    return isUnsure || ours?.standing === theirs?.standing
      ? []
      : [{ server, here: ours?.status ?? unnamed, there: theirs?.status ?? unnamed }];
  });
}

function isCut({ total, up, troubled }: ServersSummary): boolean {
  return troubled.length < total - up;
}

/** Whether every port is listened on, at every one of the addresses. */
export function listenersSample(
  { addresses, ports }: { readonly addresses: readonly Ip[]; readonly ports: readonly number[] },
  listening: readonly Listening[],
): Sample {
  const deaf = addresses.flatMap((address) =>
    ports
      .filter((port) => !listening.some((each) => takes(each, address, port)))
      .map((port) => `${address} port ${String(port)}`),
  );
  return deaf.length === 0
    ? { kind: 'well' }
    : { kind: 'failing', why: `nothing listens on ${deaf.slice(0, MOST_NAMED).join(', ')}` };
}

function takes(socket: Listening, address: Ip, port: number): boolean {
  const family = isIpv6(address) ? 'ipv6' : 'ipv4';
  const reaches =
    socket.address === undefined
      ? socket.family === 'both' || socket.family === family
      : socket.address === address;
  return reaches && socket.port === port;
}

export const MOST_TROUBLED = 100;
const UP = 'UP';
/** Where the nodes have not as many servers: it is up there, or is not there. */
const NOT_NAMED = 'not named';
const RESOLUTION = 'MAINT (resolution)';
const PERCENT = 100;
/** In one sentence. */
const MOST_NAMED = 3;
