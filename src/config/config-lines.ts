/**
 * A configuration as lines, one for each thing that was settled, whichever way the file says it: with comments, order and
 * defaults out of the way, two of them can be compared.
 */
import type { Cidr } from '../base/ip.js';
import { formatCidr } from '../base/ip.js';
import type { Centis } from '../base/time.js';
import { centisToMillis } from '../base/time.js';
import type { Config } from './config.js';

export interface ConfigLine {
  /** Such as `groups.web.vrid`. */
  readonly path: string;
  /** As people read it. */
  readonly value: string;
}

/** In the order of their paths. */
export function configLines(config: Config): readonly ConfigLine[] {
  return inOrder(linesOf('', config));
}

function inOrder(lines: readonly ConfigLine[]): readonly ConfigLine[] {
  return lines.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Those of one group. */
export function groupLines(group: Config['groups'][number]): readonly ConfigLine[] {
  return inOrder(linesOf('groups', [group]));
}

/** Those that mean the same on both nodes: where a machine keeps its files is its own affair. */
export function commonLines(config: Config): readonly ConfigLine[] {
  return configLines(config).filter(({ path }) => !OWN_AFFAIRS.test(path));
}

const OWN_AFFAIRS =
  /^(?:runtime|proxy\.(?:config|program|runtime_socket)$|replicate\.peers_socket$|push\.accept$|drills\.(?:enabled$|prober$|watcher$|power\.))/u;

function linesOf(path: string, value: unknown): readonly ConfigLine[] {
  if (value === undefined) {
    return [];
  }
  if (value instanceof Map) {
    return entriesOf(path, [...(value as ReadonlyMap<string, unknown>)]);
  }
  if (Array.isArray(value)) {
    return listOf(path, value);
  }
  if (typeof value === 'object' && value !== null) {
    return isCidr(value) ? [{ path, value: formatCidr(value) }] : entriesOf(path, keysOf(value));
  }
  return [{ path, value: shown(path, value as string | number | boolean) }];
}

function entriesOf(
  path: string,
  entries: readonly (readonly [string, unknown])[],
): readonly ConfigLine[] {
  return entries.flatMap(([key, each]) => linesOf(path === '' ? key : `${path}.${key}`, each));
}

/** In the file, `advertInterval` is `advert_interval`. */
function keysOf(value: object): readonly (readonly [string, unknown])[] {
  return Object.entries(value).map(([key, each]) => [
    key.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`),
    each,
  ]);
}

/** Things that have a name go by it, so that their order does not count; plain values share a line. */
function listOf(path: string, list: readonly unknown[]): readonly ConfigLine[] {
  const isPlain = list.every((each) => typeof each !== 'object' || isCidr(each));
  if (!isPlain) {
    const above = path.replace(/\.instances$/u, '');
    return list.flatMap((each) => {
      const [name, rest] = named(each as Readonly<Record<string, unknown>>);
      return linesOf(`${above}.${name}`, rest);
    });
  }
  const texts = list.map((each) => (isCidr(each) ? formatCidr(each) : String(each)));
  const ordered = /addresses$|foreign_peers$|stick_tables$/u.test(path) ? texts.toSorted() : texts;
  return ordered.length === 0 ? [] : [{ path, value: ordered.join(', ') }];
}

/** What a thing goes by, and the rest of it. A virtual router has no name: there is one of a family on an interface. */
function named({
  name,
  id,
  ...thing
}: Readonly<Record<string, unknown>>): readonly [string, Readonly<Record<string, unknown>>] {
  if (name !== undefined || id !== undefined) {
    return [String(name ?? id), thing];
  }
  const { family, interface: on, ...rest } = thing;
  return [`${String(family)} on ${String(on)}`, rest];
}

function isCidr(value: unknown): value is Cidr {
  return typeof value === 'object' && value !== null && 'prefixLength' in value;
}

function shown(path: string, value: string | number | boolean): string {
  if (typeof value !== 'number') {
    return String(value);
  }
  const key = path.slice(path.lastIndexOf('.') + 1);
  if (key === 'advert_interval') {
    return `${String(centisToMillis(value as Centis))}ms`;
  }
  return DURATIONS.has(key) ? `${String(value)}ms` : String(value);
}

const DURATIONS: ReadonlySet<string> = new Set([
  'heartbeat',
  'start_hold',
  'keep_connections',
  'stable_for',
  'watch',
  'window',
  'debounce',
  'every',
  'timeout',
  'burst_again_after',
  'refresh_every',
  'snapshot_every',
  'probe_every',
  'probe_timeout',
  'drain_timeout',
]);
