/** What another configuration would change, and what it takes to change it. */
import { createHash } from 'node:crypto';
import type { Config } from './config.js';
import type { ConfigLine } from './config-lines.js';
import { configLines, groupLines } from './config-lines.js';

export interface ConfigChange {
  /** Such as `groups.web.failback.kind`. */
  readonly path: string;
  /** Undefined where it was not there before. */
  readonly from: string | undefined;
  /** Undefined where it is there no more. */
  readonly to: string | undefined;
  readonly takes: Takes;
}

/**
 * - `nothing`: this node alone changes it while it runs; no address and no socket is touched.
 * - `agreement`: the other node must change it at the same moment, or they would not understand each other.
 * - `restart`: the daemon is built on it.
 */
export type Takes = 'nothing' | 'agreement' | 'restart';

/** In the order of their paths; none where both mean the same. */
export function changesBetween(before: Config, after: Config): readonly ConfigChange[] {
  const old = valuesOf(configLines(before));
  const next = valuesOf(configLines(after));
  return [...new Set([...old.keys(), ...next.keys()])].toSorted().flatMap((path) => {
    const from = old.get(path);
    const to = next.get(path);
    return from === to ? [] : [{ path, from, to, takes: takesOf(path, isBuiltOn(before, after)) }];
  });
}

/** The same configuration with its groups and virtual routers in the order of another one, where they are the same. */
export function inOrderOf(other: Config, config: Config): Config {
  return {
    ...config,
    groups: sorted(other.groups, config.groups, ({ name }) => name).map((group) => {
      const like = other.groups.find(({ name }) => name === group.name);
      return { ...group, instances: sorted(like?.instances ?? [], group.instances, routerName) };
    }),
  };
}

function sorted<T>(
  other: readonly T[],
  list: readonly T[],
  nameOf: (each: T) => string,
): readonly T[] {
  const order = new Map(other.map((each, index) => [nameOf(each), index]));
  const place = (each: T): number => order.get(nameOf(each)) ?? order.size;
  return list.toSorted((a, b) => place(a) - place(b));
}

/** As the lines of a configuration call it. */
function routerName({
  family,
  interface: on,
}: Config['groups'][number]['instances'][number]): string {
  return `${family} on ${on}`;
}

/** Such as `groups.web.failback.kind: never → manual`. */
export function changeInWords({ path, from, to }: ConfigChange): string {
  return `${path}: ${from ?? 'nothing'} → ${to ?? 'nothing'}`;
}

/** Of a group, what takes agreement, as a digest: nodes that say the same understand each other. */
export function agreementOf(group: Config['groups'][number]): string {
  return digestOf(groupLines(group).filter(({ path }) => isShared(path)));
}

/** What both nodes must be configured with just the same, line by line. */
export function sharedLines(config: Config): readonly ConfigLine[] {
  return configLines(config).filter(({ path }) => isShared(path));
}

/** Of such lines: files that say the same have the same. */
export function digestOf(lines: readonly ConfigLine[]): string {
  return createHash('sha256').update(JSON.stringify(lines)).digest('hex').slice(0, DIGEST_DIGITS);
}

function valuesOf(lines: readonly ConfigLine[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { path, value } of lines) {
    const known = values.get(path);
    // What is tracked twice under one name has its lines twice.
    values.set(path, known === undefined ? value : `${known}; ${value}`);
  }
  return values;
}

function takesOf(path: string, isBuilt: (path: string) => boolean): Takes {
  if (LIVE.test(path)) {
    return 'nothing';
  }
  return isShared(path) && !isBuilt(path) ? 'agreement' : 'restart';
}

function isShared(path: string): boolean {
  return path.startsWith('groups.') && !LIVE.test(path) && !path.endsWith('.keep_connections');
}

/** Sockets and interfaces of groups: what comes or goes with a virtual router, and how its packets travel. */
function isBuiltOn(before: Config, after: Config): (path: string) => boolean {
  const [old, next] = [routersOf(before), routersOf(after)];
  const kept = [...old].filter((each) => next.has(each));
  // The longest first: what eth0. begins with is how eth0.100. begins, too.
  const known = [...new Set([...old, ...next])].toSorted((a, b) => b.length - a.length);
  const virtual = [...before.groups, ...after.groups].flatMap(({ name, virtualMac }) =>
    virtualMac ? [`groups.${name}.`] : [],
  );
  return (path) => {
    const group = /^groups\.[^.]+\./u.exec(path)?.[0] ?? '';
    const isOfRouter = /^groups\.[^.]+\.ipv[46] on /u.test(path);
    const router = known.find((each) => path.startsWith(each)) ?? '';
    const isKept = isOfRouter ? kept.includes(router) : kept.some((each) => each.startsWith(group));
    // The MAC of a virtual interface follows from the VRID (RFC 9568 §7.3).
    const isMac = path.endsWith('.vrid') && virtual.includes(group);
    return !isKept || isMac || BUILT.test(path);
  };
}

/** The beginnings of the paths of every virtual router. */
function routersOf({ groups }: Config): ReadonlySet<string> {
  return new Set(
    groups.flatMap(({ name, instances }) =>
      instances.map((each) => `groups.${name}.${routerName(each)}.`),
    ),
  );
}

const BUILT = /^groups\.[^.]+\.(?:unicast|virtual_mac)(?:\.|$)/u;
/** What a group makes of what it sees and hears, what a push asks for, how the kernel passes on: nothing that the other node would have to understand. */
const LIVE =
  /^(?:groups\.[^.]+\.(?:failback|start_hold|track|duplicate_probe|announce)(?:\.|$)|proxy\.probe_|push\.|drills\.|services\.)/u;
/** Said with every heartbeat; an accident does not hit the same. */
const DIGEST_DIGITS = 16;
