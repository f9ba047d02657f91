/** The keepalived.conf of a node, written the way keepalived's documentation shows it. */
import { formatCidr } from '../base/ip.js';
import { centisToMillis } from '../base/time.js';
import type { LabSettings } from './settings.js';
import type { NodeFiles } from './state-directory.js';
import type { NodeName } from './topology.js';
import {
  BACK_INTERFACE,
  BACK_VIRTUAL_CIDRS,
  LAN_INTERFACE,
  VIRTUAL_CIDRS,
  VIRTUAL_ROUTER_ID,
} from './topology.js';

const MILLIS_PER_SECOND = 1000;
const REAL_TIME_PRIORITY = 10;
/**
 * By default the kernel kills keepalived after 10 ms of work without a pause, and in the namespaces of a
 * lab the work of its neighbours' network is booked on it: it died at one take-over in ten.
 */
const REAL_TIME_LIMIT_MICROS = 1_000_000;

/**
 * The proxy is tracked by a script. keepalived's `track_process` needs the kernel's process connector,
 * which answers only in the machine's own network namespace. The script looks at the pid file, not at the
 * name `haproxy`: all nodes of all labs share one list of processes.
 */
export function keepalivedConfig(node: NodeName, settings: LabSettings, files: NodeFiles): string {
  const interval = centisToMillis(settings.advertInterval) / MILLIS_PER_SECOND;
  return [
    'global_defs {',
    `  router_id ${node}`,
    '  script_user root',
    '  enable_script_security',
    ...(settings.scheduling === 'round-robin'
      ? [
          `  vrrp_rt_priority ${String(REAL_TIME_PRIORITY)}`,
          `  vrrp_rlimit_rttime ${String(REAL_TIME_LIMIT_MICROS)}`,
        ]
      : []),
    '}',
    'vrrp_script proxy {',
    `  script "/usr/bin/pkill -0 -F ${files.haproxyPid}"`,
    `  interval ${String(settings.keepalived.checkEvery)}`,
    '  fall 1',
    '  rise 1',
    '}',
    'vrrp_instance web {',
    // BACKUP on both nodes is what `nopreempt` asks for: a node that comes back leaves the address alone.
    '  state BACKUP',
    '  nopreempt',
    `  version ${String(settings.version)}`,
    `  interface ${LAN_INTERFACE}`,
    `  virtual_router_id ${String(VIRTUAL_ROUTER_ID)}`,
    `  priority ${String(settings.keepalived.priorities[node])}`,
    `  advert_int ${String(interval)}`,
    `  virtual_ipaddress {`,
    `    ${formatCidr(VIRTUAL_CIDRS.ipv4)} dev ${LAN_INTERFACE}`,
    '  }',
    ...movedAlong(settings),
    ...settings.keepalived.further[node].map((line) => `  ${line}`),
    '  track_script {',
    '    proxy',
    '  }',
    '}',
    '',
  ].join('\n');
}

/** An instance speaks one family on one interface; what it moves along without a word is of either, and anywhere. */
function movedAlong({ families, backLan }: LabSettings): readonly string[] {
  const addresses = families.flatMap((family) => [
    ...(family === 'ipv4' ? [] : [`${formatCidr(VIRTUAL_CIDRS[family])} dev ${LAN_INTERFACE}`]),
    ...(backLan === 'there'
      ? [`${formatCidr(BACK_VIRTUAL_CIDRS[family])} dev ${BACK_INTERFACE}`]
      : []),
  ]);
  return addresses.length === 0
    ? []
    : ['  virtual_ipaddress_excluded {', ...addresses.map((each) => `    ${each}`), '  }'];
}
