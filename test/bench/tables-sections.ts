/** The sections of haproxy.cfg that the benchmark of stick tables needs, and the sockets by which it is reached. */
import type { Lab } from '../../src/lab/lab.js';
import { PEERS_SECTION } from '../../src/lab/peers-sections.js';
import type { LabSettings } from '../../src/lab/settings.js';
import { labDirectory } from '../../src/lab/state-directory.js';
import type { LabName, NodeName } from '../../src/lab/topology.js';

/** Rows that requests make. */
export const LIVE_TABLE = 'live';
/** Rows that a third peer brings, as many as are wanted, each bound to a server. */
export const FED_TABLE = 'fed';
export const FEEDER = 'feeder';
export const SERVERS = 8;
export const FED_KEY_LENGTH = 32;
export const EXPIRE_MS = 1_800_000;

export type Socket = 'load' | 'look' | 'feeder';

export function socketOf(lab: Lab, node: NodeName, socket: Socket): string {
  return pathOf(lab.settings.name, node, socket);
}

/** The first line goes on with the section of peers, which is the last before it. */
export function benchSections(name: LabName, replicate: LabSettings['replicate']): string {
  const own = (socket: Socket): string => `unix@${pathOf(name, '${VIPAIR_NODE}', socket)}`;
  const peer = replicate === 'haproxy' ? 'peer' : 'server';
  return [
    `  ${peer} ${FEEDER} "${own('feeder')}"`,
    '',
    'global',
    // Two processors for two HAProxys.
    '  nbthread 1',
    '',
    'frontend load',
    `  bind "${own('load')}" mode 600`,
    // A request costs HAProxy more than a row: with three it is the rows that are measured.
    ...[0, 1, 2].map(
      (each) =>
        `  http-request track-sc${String(each)} path,field(${String(each + 2)},/) table ${LIVE_TABLE} if { path,field(${String(each + 2)},/) -m found }`,
    ),
    '  http-request return status 204',
    '',
    'frontend look',
    `  bind "${own('look')}" mode 600`,
    `  http-request return status 200 content-type text/plain lf-string "%[path,field(2,/),table_http_req_cnt(${LIVE_TABLE})]"`,
    '',
    `backend ${LIVE_TABLE}`,
    `  stick-table type string len 16 size 2m expire ${String(EXPIRE_MS)}ms store http_req_cnt peers ${PEERS_SECTION}`,
    '',
    `backend ${FED_TABLE}`,
    `  stick-table type string len ${String(FED_KEY_LENGTH)} size 2m expire ${String(EXPIRE_MS)}ms store gpc0 peers ${PEERS_SECTION}`,
    '  stick on path',
    ...[...Array.from({ length: SERVERS }).keys()].map(
      (index) => `  server s${String(index + 1)} 127.0.0.1:9`,
    ),
  ].join('\n');
}

function pathOf(name: LabName, node: string, socket: Socket): string {
  return `${labDirectory(name)}/${node}/${socket}.sock`;
}
