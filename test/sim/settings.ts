/** The configuration of a simulated pair. */
import { parseCidr } from '../../src/base/ip.js';
import type { Cidr } from '../../src/base/ip.js';
import type { Millis } from '../../src/base/time.js';
import { millis, millisToCentis } from '../../src/base/time.js';
import type { AnnounceConfig, Config, GroupConfig, ProxyConfig } from '../../src/config/config.js';

/** What schedules vary. */
export interface Settings {
  readonly interval: Millis;
  readonly proxy: ProxySettings | 'none';
  /** How long a daemon that has just started listens, at least. */
  readonly startHold: Millis;
}

export interface ProxySettings {
  /** How often it is asked whether it answers: that only decides how soon a hung one is noticed. */
  readonly probeEvery: Millis;
}

export const ANNOUNCE: AnnounceConfig = {
  burst: 2,
  burstAgainAfter: millis(5000),
  refreshEvery: millis(20_000),
};

export const VIP: Cidr = cidr('10.77.0.100/24');

/** Both nodes have the same. */
export function configFor(settings: Settings): Config {
  return {
    pair: {
      nodes: [
        { name: 'lb1', address: cidr('10.77.1.1/24').address },
        { name: 'lb2', address: cidr('10.77.1.2/24').address },
      ],
    },
    groups: [groupFor(settings)],
    proxy: settings.proxy === 'none' ? undefined : proxyFor(settings.proxy),
    runtime: { directory: '/run/vipair', controlSocket: '/run/vipair/control.sock' },
  };
}

function proxyFor({ probeEvery }: ProxySettings): ProxyConfig {
  return {
    kind: 'haproxy',
    program: '/usr/sbin/haproxy',
    config: '/etc/haproxy/haproxy.cfg',
    run: 'supervised',
    probeEvery,
    probeTimeout: millis(1000),
  };
}

function groupFor({ interval, startHold }: Settings): GroupConfig {
  return {
    name: 'web',
    version: 3,
    instances: [{ interface: 'eth0', vrid: 51, family: 'ipv4', addresses: [VIP] }],
    advertInterval: millisToCentis(interval),
    prefer: 'lb1',
    priority: undefined,
    failback: { kind: 'never' },
    startHold,
    unicast: undefined,
    checksum: 'with-pseudo-header',
    authentication: undefined,
    track: [],
    virtualMac: false,
    accept: true,
    duplicateProbe: true,
    announce: ANNOUNCE,
  };
}

function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (!parsed.ok) {
    throw new Error(text);
  }
  return parsed.value;
}
