/** What can be read of a configuration file that may have mistakes: what the cross-field rules look at. */
import type { Cidr, Ip } from '../base/ip.js';
import type { Centis, Millis } from '../base/time.js';

/** Undefined stands for what is missing or mistaken; the schema has said so already, and the rules pass over it. */
export interface Draft {
  readonly nodes: readonly NodeDraft[] | undefined;
  readonly groups: readonly GroupDraft[];
  readonly proxy: 'configured' | 'none';
  /** Whether the pair has a key, and so a channel. */
  readonly channel: 'keyed' | 'none';
  readonly pairPort: number | undefined;
  /** Undefined where nothing is to be replicated. */
  readonly replicate: ReplicateDraft | undefined;
  readonly proxyRun: 'supervised' | 'systemd';
  readonly runtimeSocket: 'default' | 'given';
  readonly probeEvery: Millis | undefined;
  readonly probeTimeout: Millis | undefined;
  /** What the kernel passes on to servers. */
  readonly services: readonly ServiceDraft[];
}

export interface ReplicateDraft {
  readonly port: number | undefined;
  /** Undefined where only those of services are. */
  readonly flows: { readonly port: number | undefined } | undefined;
}

export interface NodeDraft {
  readonly name: string;
  readonly address: Ip | undefined;
  readonly fallback: Ip | undefined;
}

export interface GroupDraft {
  readonly name: string | undefined;
  readonly interface: string | undefined;
  readonly vrid: number | undefined;
  readonly version: 2 | 3 | undefined;
  readonly advertInterval: Centis | undefined;
  /** In the order of the file, so that a position is a path. */
  readonly addresses: readonly (Cidr | undefined)[];
  /** The virtual routers on other interfaces. */
  readonly instances: readonly InstanceDraft[];
  readonly prefer: string | undefined;
  /** The nodes that have a priority of their own; undefined where none is given. */
  readonly priority: readonly string[] | undefined;
  /** By node name; undefined where adverts are multicast. */
  readonly unicast: 'pair' | ReadonlyMap<string, readonly Ip[] | undefined> | undefined;
  /** Keys that only make sense with unicast, where they are given. */
  readonly unicastExtras: readonly string[];
  readonly authentication: 'hmac' | 'password' | undefined;
  /** Positions in the list of tracked things that need a proxy, and by which key. */
  readonly trackedProxies: readonly { readonly position: number; readonly key: string }[];
  /** Services to track, by the position in the list of tracked things. */
  readonly trackedServices: readonly TrackedServicesDraft[];
  /** Keys that open connections could not be kept with, where they are given; none where they are not to be kept. */
  readonly cutsConnections: readonly string[];
  /** Whether its addresses take packets. */
  readonly accept: 'yes' | 'no';
  readonly burstAgainAfter: Millis | undefined;
  readonly refreshEvery: Millis | undefined;
}

export interface TrackedServicesDraft {
  readonly position: number;
  /** In the order of the file. */
  readonly names: 'all' | readonly (string | undefined)[];
}

export interface InstanceDraft {
  readonly interface: string | undefined;
  readonly vrid: number | undefined;
  readonly addresses: readonly (Cidr | undefined)[];
}

export interface ServiceDraft {
  readonly name: string | undefined;
  readonly address: Ip | undefined;
  readonly port: number | undefined;
  readonly protocol: 'tcp' | 'udp' | undefined;
  readonly source: Ip | undefined;
  /** Whether anybody looks at its servers. */
  readonly checked: 'yes' | 'no';
  /** In the order of the file. */
  readonly servers: readonly ServerDraft[];
}

export interface ServerDraft {
  readonly name: string | undefined;
  readonly address: Ip | undefined;
  /** The service's, where it has none of its own. */
  readonly port: number | undefined;
  readonly weight: number | undefined;
}

/** Reads one value of a kind; undefined where it is mistaken, and the default where it is missing and has one. */
export type Reader<Value> = (value: unknown) => Value | undefined;

export interface Readers {
  readonly name: Reader<string>;
  readonly interface: Reader<string>;
  readonly vrid: Reader<number>;
  readonly address: Reader<Ip>;
  readonly cidr: Reader<Cidr>;
  readonly version: Reader<2 | 3>;
  readonly advertInterval: Reader<Centis>;
  readonly burstAgainAfter: Reader<Millis>;
  readonly refreshEvery: Reader<Millis>;
  readonly probeEvery: Reader<Millis>;
  readonly probeTimeout: Reader<Millis>;
  readonly pairPort: Reader<number>;
  readonly replicatePort: Reader<number>;
  readonly flowsPort: Reader<number>;
  readonly servicePort: Reader<number>;
  readonly serviceProtocol: Reader<'tcp' | 'udp'>;
  readonly serverName: Reader<string>;
  readonly serverWeight: Reader<number>;
}

/** Takes from the plain value of a file whatever can be taken. */
export function readDraft(value: unknown, read: Readers): Draft {
  const haproxy = at(at(value, 'proxy'), 'haproxy');
  const pair = at(value, 'pair');
  const replicate = at(value, 'replicate');
  return {
    nodes: entries(at(pair, 'nodes'))?.map(([name, node]) => ({
      name,
      address: read.address(at(node, 'address')),
      fallback: read.address(at(node, 'fallback')),
    })),
    groups: items(at(value, 'groups')).map((group) => readGroup(group, read)),
    proxy: haproxy === undefined ? 'none' : 'configured',
    runtimeSocket: at(haproxy, 'runtime_socket') === undefined ? 'default' : 'given',
    proxyRun: at(haproxy, 'run') === 'systemd' ? 'systemd' : 'supervised',
    channel: at(pair, 'key_file') === undefined ? 'none' : 'keyed',
    pairPort: read.pairPort(at(pair, 'port')),
    replicate: replicate === undefined ? undefined : readReplicate(replicate, read),
    probeEvery: read.probeEvery(at(haproxy, 'probe_every')),
    probeTimeout: read.probeTimeout(at(haproxy, 'probe_timeout')),
    services: items(at(value, 'services')).map((service) => readService(service, read)),
  };
}

function readService(service: unknown, read: Readers): ServiceDraft {
  const port = read.servicePort(at(service, 'port'));
  const protocol = read.serviceProtocol(at(service, 'protocol'));
  const check = at(service, 'check');
  const isUnchecked = check === 'none' || (check === undefined && protocol === 'udp');
  return {
    name: read.name(at(service, 'name')),
    address: read.address(at(service, 'address')),
    port,
    protocol,
    checked: isUnchecked ? 'no' : 'yes',
    source: read.address(at(service, 'source')),
    servers: items(at(service, 'servers')).map((server) => {
      const own = at(server, 'port');
      return {
        name: read.serverName(at(server, 'name')),
        address: read.address(at(server, 'address')),
        port: own === undefined ? port : read.servicePort(own),
        weight: read.serverWeight(at(server, 'weight')),
      };
    }),
  };
}

function readReplicate(replicate: unknown, read: Readers): ReplicateDraft {
  const flows = at(replicate, 'flows');
  return {
    port: read.replicatePort(at(replicate, 'port')),
    flows: flows === undefined ? undefined : { port: read.flowsPort(at(flows, 'port')) },
  };
}

function readGroup(group: unknown, read: Readers): GroupDraft {
  const announce = at(group, 'announce');
  return {
    name: read.name(at(group, 'name')),
    ...readInstance(group, read),
    version: read.version(at(group, 'version')),
    advertInterval: read.advertInterval(at(group, 'advert_interval')),
    instances: items(at(group, 'instances')).map((each) => readInstance(each, read)),
    prefer: read.name(at(group, 'prefer')),
    priority: entries(at(group, 'priority'))?.map(([name]) => name),
    unicast: readUnicast(at(group, 'unicast'), read),
    unicastExtras: ['unicast_peers', 'unicast_min_ttl'].filter(
      (key) => at(group, key) !== undefined,
    ),
    authentication: readAuthentication(at(at(group, 'authentication'), 'mode')),
    trackedProxies: items(at(group, 'track')).flatMap((each, position) =>
      ['proxy', 'backends']
        .filter((key) => at(each, key) !== undefined)
        .map((key) => ({ position, key })),
    ),
    trackedServices: readTrackedServices(at(group, 'track'), read),
    cutsConnections: readCuts(group),
    accept: at(group, 'accept') === false ? 'no' : 'yes',
    burstAgainAfter: read.burstAgainAfter(at(announce, 'burst_again_after')),
    refreshEvery: read.refreshEvery(at(announce, 'refresh_every')),
  };
}

function readTrackedServices(track: unknown, read: Readers): readonly TrackedServicesDraft[] {
  return items(track).flatMap((each, position) => {
    const named = at(each, 'services');
    if (named === undefined) {
      return [];
    }
    return [{ position, names: named === 'all' ? named : items(named).map(read.name) }];
  });
}

/** The former owner serves on at its own MAC, on the same link, what came in before. */
function readCuts(group: unknown): readonly string[] {
  const cuts = {
    virtual_mac: at(group, 'virtual_mac') === true,
    accept: at(group, 'accept') === false,
    unicast_min_ttl: at(group, 'unicast_min_ttl') !== undefined,
  };
  return at(group, 'keep_connections') === undefined
    ? []
    : Object.entries(cuts).flatMap(([key, isGiven]) => (isGiven ? [key] : []));
}

function readInstance(instance: unknown, read: Readers): InstanceDraft {
  return {
    interface: read.interface(at(instance, 'interface')),
    vrid: read.vrid(at(instance, 'vrid')),
    addresses: items(at(instance, 'addresses')).map(read.cidr),
  };
}

/** What is right in it, where not all is. */
function readUnicast(value: unknown, read: Readers): GroupDraft['unicast'] {
  if (value === 'pair') {
    return value;
  }
  const nodes = entries(value)?.map(([name, each]) => {
    const addresses = (Array.isArray(each) ? items(each) : [each]).map(read.address);
    const known = addresses.filter((address) => address !== undefined);
    return [name, known.length === addresses.length ? known : undefined] as const;
  });
  return nodes === undefined ? undefined : new Map(nodes);
}

function readAuthentication(mode: unknown): GroupDraft['authentication'] {
  if (mode === undefined) {
    return undefined;
  }
  return mode === 'password' ? 'password' : 'hmac';
}

/** Of a list or mapping: more than the schema allows of any, and few enough to compare each with each. */
const MOST_TAKEN = 64;

function at(value: unknown, key: string): unknown {
  const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
  return isThere ? Reflect.get(value, key) : undefined;
}

function entries(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMapping ? Object.entries(value).slice(0, MOST_TAKEN) : undefined;
}

function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, MOST_TAKEN) : [];
}
