/** What can be read of a configuration file that may have mistakes: what the cross-field rules look at. */
import type { Cidr, Ip } from '../base/ip.js';
import type { Millis } from '../base/time.js';

/** Undefined stands for what is missing or mistaken; the schema has said so already, and the rules pass over it. */
export interface Draft {
  readonly nodes: readonly NodeDraft[] | undefined;
  readonly groups: readonly GroupDraft[];
  readonly probeEvery: Millis | undefined;
  readonly probeTimeout: Millis | undefined;
}

export interface NodeDraft {
  readonly name: string;
  readonly address: Ip | undefined;
}

export interface GroupDraft {
  readonly name: string | undefined;
  readonly interface: string | undefined;
  readonly vrid: number | undefined;
  /** In the order of the file, so that a position is a path. */
  readonly addresses: readonly (Cidr | undefined)[];
  readonly prefer: string | undefined;
  /** By node name; undefined where adverts are multicast. */
  readonly unicast: ReadonlyMap<string, Ip | undefined> | undefined;
  readonly burstAgainAfter: Millis | undefined;
  readonly refreshEvery: Millis | undefined;
}

/** Reads one value of a kind; undefined where it is mistaken, and the default where it is missing and has one. */
export type Reader<Value> = (value: unknown) => Value | undefined;

export interface Readers {
  readonly name: Reader<string>;
  readonly interface: Reader<string>;
  readonly vrid: Reader<number>;
  readonly address: Reader<Ip>;
  readonly cidr: Reader<Cidr>;
  readonly burstAgainAfter: Reader<Millis>;
  readonly refreshEvery: Reader<Millis>;
  readonly probeEvery: Reader<Millis>;
  readonly probeTimeout: Reader<Millis>;
}

/** Takes from the plain value of a file whatever can be taken. */
export function readDraft(value: unknown, read: Readers): Draft {
  const haproxy = at(at(value, 'proxy'), 'haproxy');
  return {
    nodes: entries(at(at(value, 'pair'), 'nodes'))?.map(([name, node]) => ({
      name,
      address: read.address(at(node, 'address')),
    })),
    groups: items(at(value, 'groups')).map((group) => readGroup(group, read)),
    probeEvery: read.probeEvery(at(haproxy, 'probe_every')),
    probeTimeout: read.probeTimeout(at(haproxy, 'probe_timeout')),
  };
}

function readGroup(group: unknown, read: Readers): GroupDraft {
  const announce = at(group, 'announce');
  const unicast = entries(at(group, 'unicast'));
  return {
    name: read.name(at(group, 'name')),
    interface: read.interface(at(group, 'interface')),
    vrid: read.vrid(at(group, 'vrid')),
    addresses: items(at(group, 'addresses')).map(read.cidr),
    prefer: read.name(at(group, 'prefer')),
    unicast:
      unicast === undefined
        ? undefined
        : new Map(unicast.map(([name, each]) => [name, read.address(each)])),
    burstAgainAfter: read.burstAgainAfter(at(announce, 'burst_again_after')),
    refreshEvery: read.refreshEvery(at(announce, 'refresh_every')),
  };
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
