/** The vipair.yaml of a lab. It is the same on both nodes but for the directory each keeps its files in. */
import type { Cidr, Family } from '../base/ip.js';
import { formatCidr } from '../base/ip.js';
import { centisToMillis } from '../base/time.js';
import type { LabSettings } from './settings.js';
import type { NodeFiles } from './state-directory.js';
import { keyFile } from './state-directory.js';
import {
  BACK_INTERFACE,
  BACK_VIRTUAL_CIDRS,
  BACK_VIRTUAL_ROUTER_ID,
  HOST_ADDRESSES,
  LAN_INTERFACE,
  LINK_ADDRESSES,
  NODE_NAMES,
  VIRTUAL_CIDRS,
  VIRTUAL_ROUTER_ID,
} from './topology.js';

export function vipairConfig(settings: LabSettings, files: NodeFiles): string {
  return [
    'pair:',
    ...(settings.pairChannel === 'open' ? [`  key_file: ${keyFile(settings.name)}`] : []),
    '  nodes:',
    ...NODE_NAMES.map((node) => `    ${node}: { address: ${LINK_ADDRESSES[node]} }`),
    'groups:',
    '  - name: web',
    ...(settings.version === 2 ? ['    version: 2'] : []),
    `    interface: ${LAN_INTERFACE}`,
    `    vrid: ${String(VIRTUAL_ROUTER_ID)}`,
    `    advert_interval: ${String(centisToMillis(settings.advertInterval))}ms`,
    `    addresses: [${cidrs(settings, VIRTUAL_CIDRS)}]`,
    ...(settings.backLan === 'there'
      ? [
          '    instances:',
          `      - interface: ${BACK_INTERFACE}`,
          `        vrid: ${String(BACK_VIRTUAL_ROUTER_ID)}`,
          `        addresses: [${cidrs(settings, BACK_VIRTUAL_CIDRS)}]`,
        ]
      : []),
    // A master that could not say that its LAN answers would not be believed over the channel alone.
    ...(settings.pairChannel === 'open'
      ? [
          `    reachability: [${HOST_ADDRESSES.web1}, ${HOST_ADDRESSES.web2}]`,
          // Both nodes have to say that they do so.
          '    keep_connections: 10s',
        ]
      : []),
    `    prefer: ${settings.prefer}`,
    ...(settings.tracksBackends === 'yes'
      ? // The two HAProxies find a server down, and up again, as much as a second or two apart.
        ['    track: [{ backends: all, every: 1s, fall: 3, rise: 3, fault: true }]']
      : []),
    'proxy:',
    '  haproxy:',
    `    config: ${files.haproxyConfig}`,
    ...(settings.proxyRun === 'systemd'
      ? ['    run: systemd', `    runtime_socket: ${files.haproxySocket}`]
      : []),
    `    probe_every: ${String(settings.proxyProbe.every)}ms`,
    `    probe_timeout: ${String(settings.proxyProbe.timeout)}ms`,

    ...(settings.replicate === 'vipair'
      ? [`replicate: { peers_socket: ${files.peersSocket} }`]
      : []),
    'runtime:',
    // Each machine of a real pair has its own /run and /var; the two nodes of a lab share them.
    `  directory: ${files.runtimeDirectory}`,
    `  state_directory: ${files.vipairStateDirectory}`,
    ...(settings.furtherVipair === '' ? [] : [settings.furtherVipair]),
    '',
  ].join('\n');
}

function cidrs({ families }: LabSettings, ofFamily: Readonly<Record<Family, Cidr>>): string {
  return families.map((family) => formatCidr(ofFamily[family])).join(', ');
}
