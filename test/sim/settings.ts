/** The configuration of a simulated pair. */
import { formatCidr, parseCidr } from '../../src/base/ip.js';
import type { Cidr, Ip } from '../../src/base/ip.js';
import type { Millis } from '../../src/base/time.js';
import { millis, millisToCentis, scale } from '../../src/base/time.js';
import type {
  AnnounceConfig,
  AuthenticationConfig,
  Config,
  FailbackConfig,
  GroupConfig,
  ProxyConfig,
  TrackConfig,
} from '../../src/config/config.js';
import type { Weights } from './service-settings.js';
import { servicesFor, servicesText } from './service-settings.js';

/** What schedules vary. */
export interface Settings {
  readonly version: 2 | 3;
  readonly interval: Millis;
  readonly proxy: ProxySettings | 'none';
  /** How long a daemon that has just started listens, at least. */
  readonly startHold: Millis;
  readonly failback: FailbackConfig;
  readonly authentication: 'none' | 'signed';
  /** Whether the two daemons talk over the dedicated link, and whether the second node speaks an older version. */
  readonly channel:
    'none' | 'open' | 'peer of version 1' | 'peer of version 2' | 'peer of version 3';
  /** Whether the nodes have second addresses for the channel. */
  readonly paths: 'one' | 'two';
  /** Whether transitions are kept on a disk. */
  readonly journal: 'none' | 'kept';
  /** Whether the group tracks the proxy's servers. */
  readonly backends: 'tracked' | 'untracked';
  /** Whether the kernel passes connections on to servers. */
  readonly services: 'none' | 'two';
  /** For each machine: how many milliseconds its clock counts in one of the world's. */
  readonly clockRates: readonly [number, number];
}

/** The farthest a machine's clock is off: a quartz is within a hundredth of that. */
export const FASTEST_CLOCK = 1.01;
export const SLOWEST_CLOCK = 0.99;

/** An ordinary pair, where a story does not ask for another. */
export const ORDINARY: Settings = {
  version: 3,
  interval: millis(1000),
  proxy: 'none',
  startHold: millis(0),
  failback: { kind: 'never' },
  authentication: 'none',
  channel: 'none',
  paths: 'one',
  journal: 'none',
  backends: 'untracked',
  services: 'none',
  clockRates: [1, 1],
};

export interface ProxySettings {
  /** How often it is asked whether it answers: that only decides how soon a hung one is noticed. */
  readonly probeEvery: Millis;
  /** Who starts it, and starts it again: the daemon, where nothing is said. */
  readonly run?: 'supervised' | 'systemd';
}

/** Whether systemd runs the proxy, and the daemon neither starts nor ends it. */
export function isAdopted({ proxy }: Pick<Settings, 'proxy'>): boolean {
  return proxy !== 'none' && proxy.run === 'systemd';
}

export const ANNOUNCE: AnnounceConfig = {
  burst: 2,
  burstAgainAfter: millis(5000),
  refreshEvery: millis(20_000),
};

export const VIP: Cidr = cidr('10.77.0.100/24');
export const GATEWAY: Cidr = cidr('10.77.0.1/24');
/** On the dedicated link. */
const LB1: Cidr = cidr('10.77.1.1/24');
const LB2: Cidr = cidr('10.77.1.2/24');
/** On another link. */
const LB1_SECOND: Cidr = cidr('10.78.1.1/24');
const LB2_SECOND: Cidr = cidr('10.78.1.2/24');
export const SECOND_ADDRESSES: readonly Ip[] = [LB1_SECOND.address, LB2_SECOND.address];
export const VRID = 51;
/** At 1 s adverts ten times fewer than by default: what they decide is the same. */
const HEARTBEAT_IN_INTERVALS = 1;

/** How far the clocks of nodes that sign may be apart. */
export const SIGNED_WINDOW = millis(5000);

const SIGNED: AuthenticationConfig = {
  kind: 'hmac',
  mode: 'enforce',
  keys: [{ id: 1, secret: { kind: 'file', path: '/etc/vipair/vrrp.key' } }],
  signWith: 1,
  window: SIGNED_WINDOW,
  replay: 'time',
};

/** The same as a file, for a daemon that reads it again. */
export function configText(settings: Settings, vrid: number, weights: Weights = 'usual'): string {
  const { version, interval, proxy, startHold, failback, authentication, channel } = settings;
  const after = failback.kind === 'after' ? ` ${String(failback.stableFor)}ms` : '';
  return [
    'pair:',
    '  nodes:',
    `    lb1: { address: ${LB1.address}${secondText(LB1_SECOND, settings)} }`,
    `    lb2: { address: ${LB2.address}${secondText(LB2_SECOND, settings)} }`,
    ...(channel === 'none' ? [] : ['  key_file: /etc/vipair/pair.key']),
    `  heartbeat: ${String(scale(settings.interval, HEARTBEAT_IN_INTERVALS))}ms`,
    'groups:',
    '  - name: web',
    `    version: ${String(version)}`,
    '    interface: eth0',
    `    vrid: ${String(vrid)}`,
    `    addresses: [${formatCidr(VIP)}]`,
    `    advert_interval: ${String(interval)}ms`,
    '    prefer: lb1',
    `    failback: ${failback.kind}${after}`,
    // A file cannot say 0, and a reload makes no difference to who has listened already.
    `    start_hold: ${String(Math.max(1, startHold))}ms`,
    `    announce: { burst: ${String(ANNOUNCE.burst)}, refresh_every: ${String(ANNOUNCE.refreshEvery)}ms }`,
    ...(channel === 'none' ? [] : [`    keep_connections: ${String(KEEP_CONNECTIONS)}ms`]),
    ...(authentication === 'none'
      ? []
      : [
          '    authentication:',
          '      mode: enforce',
          '      keys: [{ id: 1, file: /etc/vipair/vrrp.key }]',
          '      sign_with: 1',
          // By default it follows the interval, and what runs does not.
          `      window: ${String(SIGNED_WINDOW)}ms`,
        ]),
    ...trackText(settings),
    ...(proxy === 'none'
      ? []
      : [
          'proxy:',
          '  haproxy:',
          '    config: /etc/haproxy/haproxy.cfg',
          `    run: ${proxy.run ?? 'supervised'}`,
          `    probe_every: ${String(proxy.probeEvery)}ms`,
          // A file cannot say less than probe_every.
          `    probe_timeout: ${String(Math.max(PROBE_TIMEOUT, proxy.probeEvery))}ms`,
        ]),
    ...(settings.services === 'none' ? [] : servicesText(weights)),
    '',
  ].join('\n');
}

/** Both nodes have the same. */
export function configFor(settings: Settings, vrid = VRID, weights: Weights = 'usual'): Config {
  return {
    pair: {
      nodes: [
        { name: 'lb1', address: LB1.address, ...second(LB1_SECOND, settings) },
        { name: 'lb2', address: LB2.address, ...second(LB2_SECOND, settings) },
      ],
      keyFiles: settings.channel === 'none' ? [] : ['/etc/vipair/pair.key'],
      port: 5112,
      heartbeat: scale(settings.interval, HEARTBEAT_IN_INTERVALS),
    },
    groups: [groupFor(settings, vrid)],
    proxy: settings.proxy === 'none' ? undefined : proxyFor(settings.proxy),
    replicate: undefined,
    hooks: [],
    ...(settings.services === 'none' ? {} : { services: servicesFor(weights) }),
    runtime: {
      directory: '/run/vipair',
      stateDirectory: '/var/lib/vipair',
      controlSocket: '/run/vipair/control.sock',
    },
  };
}

function trackText({ channel, interval, backends }: Settings): readonly string[] {
  const things = [
    ...(channel === 'none'
      ? []
      : [
          `      - { name: gateway, neighbours: [${GATEWAY.address}], fault: true, every: ${String(interval)}ms, timeout: ${String(interval / 2)}ms, rise: 1, fall: 3 }`,
        ]),
    ...(backends === 'tracked' ? ['      - { name: servers, backends: all }'] : []),
  ];
  return things.length === 0 ? [] : ['    track:', ...things];
}

function secondText({ address }: Cidr, { paths }: Settings): string {
  return paths === 'two' ? `, fallback: ${address}` : '';
}

function second({ address }: Cidr, { paths }: Settings): { readonly fallback?: Ip } {
  return paths === 'two' ? { fallback: address } : {};
}

const KEEP_CONNECTIONS = millis(10_000);
const PROBE_TIMEOUT = millis(1000);

function proxyFor({ probeEvery, run = 'supervised' }: ProxySettings): ProxyConfig {
  return {
    kind: 'haproxy',
    program: '/usr/sbin/haproxy',
    config: '/etc/haproxy/haproxy.cfg',
    run,
    runtimeSocket: '/run/haproxy/admin.sock',
    probeEvery,
    probeTimeout: PROBE_TIMEOUT,
    workerAge: millis(86_400_000),
  };
}

function groupFor(settings: Settings, vrid: number): GroupConfig {
  const { version, interval, startHold, failback, authentication, channel } = settings;
  return {
    name: 'web',
    version,
    instances: [{ interface: 'eth0', vrid, family: 'ipv4', addresses: [VIP] }],
    advertInterval: millisToCentis(interval),
    prefer: 'lb1',
    priority: undefined,
    failback,
    startHold,
    unicast: undefined,
    checksum: 'with-pseudo-header',
    authentication: authentication === 'none' ? undefined : SIGNED,
    track: [
      ...(channel === 'none' ? [] : [gatewayOf(interval)]),
      ...(settings.backends === 'tracked' ? [BACKENDS] : []),
    ],
    virtualMac: false,
    accept: true,
    duplicateProbe: true,
    keepConnections: channel === 'none' ? undefined : KEEP_CONNECTIONS,
    announce: ANNOUNCE,
  };
}

/** Without it a master could not say that its LAN answers, and would not be believed. */
function gatewayOf(interval: Millis): TrackConfig {
  return {
    name: 'gateway',
    thing: {
      kind: 'neighbours',
      interface: 'eth0',
      addresses: [GATEWAY.address],
      timeout: scale(interval, 0.5),
      every: interval,
      rise: 1,
      fall: 3,
    },
    consequence: { kind: 'fault' },
  };
}

/** As they are looked at by default. */
const BACKENDS: TrackConfig = {
  name: 'servers',
  thing: { kind: 'backends', backends: 'all', quorum: 50, every: millis(2000), rise: 5, fall: 5 },
  consequence: { kind: 'fault' },
};

function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (!parsed.ok) {
    throw new Error(text);
  }
  return parsed.value;
}
