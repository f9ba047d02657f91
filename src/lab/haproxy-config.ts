/** The haproxy.cfg of a lab: one file for both nodes, the node's name comes from its environment. */
import { readFileSync } from 'node:fs';
import { withPort } from '../base/ip.js';
import { NODE_VARIABLE, peersSections } from './peers-sections.js';
import type { LabSettings } from './settings.js';
import { ADMIN_SOCKET, labDirectory } from './state-directory.js';
import type { LabName } from './topology.js';
import {
  HOST_ADDRESSES,
  SERVICE_PORT,
  VIRTUAL_CIDRS,
  WEB_SERVER_NAMES,
  WEB_SERVER_PORT,
} from './topology.js';

/** Debian's own file, whose socket has a path of the lab: two nodes share one /run here. */
function debianBase(lab: LabName): readonly string[] {
  return readFileSync(DEBIAN_FILE, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) =>
      line.includes('stats socket')
        ? `  stats socket "${socketOf(lab)}" mode 660 level admin`
        : line,
    );
}

const DEBIAN_FILE = '/etc/haproxy/haproxy.cfg';

function socketOf(lab: LabName): string {
  return `${labDirectory(lab)}/\${${NODE_VARIABLE}}/${ADMIN_SOCKET}`;
}

/** As Debian's own file has them, with the path of the socket: its time limit is short. */
function systemdGlobals(lab: LabName): readonly string[] {
  return [
    '  chroot /var/lib/haproxy',
    `  stats socket "${socketOf(lab)}" mode 660 level admin`,
    '  stats timeout 2s',
    '  user haproxy',
    '  group haproxy',
    '  daemon',
  ];
}

/**
 * It binds the virtual address itself, which a node does before it owns it (net.ipv4.ip_nonlocal_bind).
 * The time limits are short, so that a rehearsal shows within seconds what a site shows within minutes.
 */
export function haproxyConfig(settings: LabSettings): string {
  const { name, furtherHaproxy } = settings;
  return [
    ...(settings.haproxyBase === 'debian' ? debianBase(name) : labBase(settings)),
    ...service(settings),
    ...peersSections(settings),
    ...(furtherHaproxy === '' ? [] : ['', furtherHaproxy]),
    '',
  ].join('\n');
}

function labBase({ name, proxyRun }: LabSettings): readonly string[] {
  return [
    'global',
    '  maxconn 4000',
    ...(proxyRun === 'systemd' ? systemdGlobals(name) : []),
    '  hard-stop-after 10s',
    '',
    'defaults',
    '  mode http',
    '  timeout connect 500ms',
    '  timeout client 10s',
    '  timeout server 10s',
    '  timeout http-request 5s',
    '  timeout queue 1s',
    '  retries 2',
    '  option redispatch',
  ];
}

function service({ families, serverConnections }: LabSettings): readonly string[] {
  return [
    '',
    'frontend web',
    ...families.map((family) => `  bind ${withPort(VIRTUAL_CIDRS[family].address, SERVICE_PORT)}`),
    // An answer that HAProxy gives itself, such as 503, names the node too.
    `  http-after-response set-header x-node %[env(${NODE_VARIABLE})]`,
    '  default_backend web',
    '',
    'backend web',
    '  balance roundrobin',
    ...(serverConnections === 'shared' ? ['  http-reuse always'] : []),
    ...WEB_SERVER_NAMES.map(
      (name) =>
        `  server ${name} ${HOST_ADDRESSES[name]}:${String(WEB_SERVER_PORT)} check inter 1s fall 2 rise 1`,
    ),
  ];
}
