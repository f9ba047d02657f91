/** The sections of haproxy.cfg by which a lab knows its visitors again and counts what they do. */
import type { Millis } from '../../base/time.js';
import { millis } from '../../base/time.js';
import { NODE_VARIABLE, PEERS_SECTION } from '../peers-sections.js';
import { HOST_ADDRESSES, WEB_SERVER_NAMES, WEB_SERVER_PORT } from '../topology.js';
import { WAYS, WAY_NAMES } from './visitor.js';

/** Far longer than anything that happens in the lab. */
export const ROWS_EXPIRE: Millis = millis(900_000);

/** What `http-request` rules count by visitor. */
export const COUNTED_TABLES = ['counted', 'arrays'] as const;

export const PERSISTENCE_TABLES: readonly string[] = [
  ...WAY_NAMES.map((way) => WAYS[way].table),
  ...COUNTED_TABLES,
];

/** The headers of an answer. */
export const NODE_HEADER = 'x-node';
export const SERVER_HEADER = 'x-sticky';
export const NAME_HEADER = 'x-user';
export const COOKIE = 'visitor';

/** Several for each web server, so that hardly anybody meets the same one again by chance. */
const SERVERS = 8;
const TAGGED = 7;

const KEYS = {
  source: { type: 'ip', on: 'src' },
  cookie: { type: 'string len 32', on: `req.cook(${COOKIE})` },
  header: { type: 'string len 32', on: `req.hdr(${NAME_HEADER})` },
} as const;

export function persistenceSections(): string {
  return [frontend(), ...WAY_NAMES.map(sticky), counted()].join('\n\n');
}

function frontend(): string {
  return [
    'frontend persistence',
    // Of the node as well, so that both can be visited at once.
    ...WAY_NAMES.map((way) => `  bind *:${String(WAYS[way].port)}`),
    `  http-request track-sc0 hdr(${NAME_HEADER}) table counted`,
    `  http-request track-sc1 hdr(${NAME_HEADER}) table arrays`,
    '  http-request sc-inc-gpc0(0)',
    `  http-request sc-set-gpt0(0) int(${String(TAGGED)})`,
    '  http-request sc-inc-gpc(0,1)',
    '  http-request sc-inc-gpc(1,1)',
    `  http-request sc-set-gpt(2,1) int(${String(TAGGED)})`,
    `  http-response set-header ${SERVER_HEADER} %[srv_name]`,
    `  http-after-response set-header ${NODE_HEADER} %[env(${NODE_VARIABLE})]`,
    ...WAY_NAMES.map(
      (way) => `  use_backend ${WAYS[way].table} if { dst_port ${String(WAYS[way].port)} }`,
    ),
  ].join('\n');
}

function sticky(way: (typeof WAY_NAMES)[number]): string {
  const { type, on } = KEYS[way];
  return [
    `backend ${WAYS[way].table}`,
    '  balance random',
    `  stick-table type ${type} ${sized()}`,
    `  stick on ${on}`,
    ...[...Array.from({ length: SERVERS }).keys()].map((index) => {
      const web = WEB_SERVER_NAMES[index % WEB_SERVER_NAMES.length] ?? WEB_SERVER_NAMES[0];
      return `  server s${String(index + 1)} ${HOST_ADDRESSES[web]}:${String(WEB_SERVER_PORT)}`;
    }),
  ].join('\n');
}

function counted(): string {
  const counters = 'gpt0,gpc0,gpc0_rate(30m),http_req_cnt,http_req_rate(30m),bytes_out_cnt';
  return [
    'backend counted',
    `  stick-table type string len 32 ${sized()} store ${counters}`,
    '',
    'backend arrays',
    `  stick-table type string len 32 ${sized()} store gpt(3),gpc(2),gpc_rate(2,30m)`,
  ].join('\n');
}

function sized(): string {
  return `size 100k expire ${String(ROWS_EXPIRE)}ms peers ${PEERS_SECTION}`;
}
