/** The visitors of a lab in which persistence is looked at: each has a name, and one way in which it is known again. */
import type { Ip } from '../../base/ip.js';
import { parseIp } from '../../base/ip.js';
import { invariant } from '../../base/unreachable.js';

/** By what HAProxy knows a visitor again; its port and its backend. */
export const WAYS = {
  source: { port: 8001, table: 'by-source' },
  cookie: { port: 8002, table: 'by-cookie' },
  header: { port: 8003, table: 'by-header' },
} as const;
export type Way = keyof typeof WAYS;
export const WAY_NAMES: readonly Way[] = ['source', 'cookie', 'header'];

export interface Visitor {
  readonly number: number;
  /** In the header that is counted by, and where it is known by cookie or header. */
  readonly name: string;
  readonly way: Way;
  /** Undefined: the client's usual one. */
  readonly source: Ip | undefined;
  /** Of its row in the table of its way. */
  readonly key: string;
}

/** Those that are known by their address each need one. */
export const MOST_VISITORS = 270;

const FIRST_SOURCE = 110;

/** Numbers from 0 on; a third of them is known in each way. */
export function visitor(number: number): Visitor {
  const way = WAY_NAMES[number % WAY_NAMES.length];
  invariant(way !== undefined && number < MOST_VISITORS, 'a visitor has a number of the lab');
  const name = `visitor-${String(number)}`;
  const address = `10.77.0.${String(FIRST_SOURCE + Math.floor(number / WAY_NAMES.length))}`;
  const source = way === 'source' ? parsed(address) : undefined;
  return { number, name, way, source, key: source ?? name };
}

/** What `ip -batch` is told in the client's namespace, so that it has all of their addresses. */
export function visitorAddressLines(device: string): readonly string[] {
  return [...Array.from({ length: MOST_VISITORS }).keys()]
    .map((number) => visitor(number).source)
    .filter((source) => source !== undefined)
    .map((source) => `address add ${source}/32 dev ${device}`);
}

function parsed(text: string): Ip {
  const ip = parseIp(text);
  invariant(ip.ok, 'the addresses of visitors are well formed');
  return ip.value;
}
