/** What a doctor saw of a healthy backup; each test says what it saw otherwise. */
import type { Ip } from '../../../src/base/ip.js';
import type { MacAddress } from '../../../src/base/mac.js';
import { centis, instant, millis } from '../../../src/base/time.js';
import type { WallTime } from '../../../src/base/time.js';
import type { DaemonSeen, Observations, Router, SeenOn } from '../../../src/doctor/observations.js';
import type { GroupStatus, InstanceCounters, NodeStatus } from '../../../src/telemetry/status.js';
import { VRRP_GROUPS } from '../../../src/wire/vrrp-groups.js';
import { authenticationFor } from '../../../src/wire/vrrp.js';
import type { AdvertV2, AdvertV3 } from '../../../src/wire/vrrp.js';
import type { Sent } from '../core/given-packet.js';
import { arrive } from '../core/given-packet.js';

export const OWN = '198.51.100.10' as Ip;
export const PEER = '198.51.100.11' as Ip;
export const STRANGER = '198.51.100.66' as Ip;
export const VIP = '192.0.2.100' as Ip;
export const PEER_MAC = '02:00:00:00:00:11' as MacAddress;
export const OTHER_MAC = '02:00:00:00:00:66' as MacAddress;
export const NOW = 1_800_000_000_000 as WallTime;

export const ADVERT: AdvertV3 = {
  version: 3,
  vrid: 51,
  priority: 254,
  maxAdvertInterval: centis(100),
  addresses: [VIP],
};
export const ADVERT_TWO: AdvertV2 = {
  ...ADVERT,
  version: 2,
  authentication: authenticationFor(undefined),
};

export const ROUTER: Router = {
  group: 'web',
  interface: 'eth0',
  expectations: {
    family: 'ipv4',
    version: 3,
    vrid: 51,
    interval: centis(100),
    minTtl: 255,
    password: undefined,
    ownAddress: OWN,
    audience: { kind: 'multicast' },
    addresses: [VIP],
  },
  authentication: undefined,
  checksum: 'with-pseudo-header',
  priority: 253,
  mac: 'interface',
};

export function routerWith(
  expectations: Partial<Router['expectations']>,
  rest: Partial<Router> = {},
): Router {
  return { ...ROUTER, ...rest, expectations: { ...ROUTER.expectations, ...expectations } };
}

/** An advert of the peer's that arrives at `at` milliseconds. */
export function heard(sent: Partial<Sent> = {}, at = 0, rest: Partial<SeenOn> = {}): SeenOn {
  const arrived = arrive({
    advert: ADVERT,
    source: PEER,
    destination: VRRP_GROUPS.ipv4,
    ...sent,
  });
  const seen = { interface: 'eth0', direction: 'in', mac: PEER_MAC, arrived } as const;
  return { ...seen, at: instant(at), wallTime: NOW, ...rest };
}

/** One of this node's own. */
export function sent(advert: Partial<AdvertV3> = {}, at = 0): SeenOn {
  const own = { advert: { ...ADVERT, priority: 253, ...advert }, source: OWN };
  return heard(own, at, { direction: 'out', mac: undefined });
}

const COUNTERS: InstanceCounters = {
  advertsSent: 0,
  advertsReceived: 10,
  priorityZeroSent: 0,
  priorityZeroReceived: 0,
  sendErrors: 0,
  rejected: {},
  odd: {},
};

export const GROUP: GroupStatus = {
  name: 'web',
  role: 'backup',
  fault: undefined,
  version: 3,
  vrid: 51,
  interface: 'eth0',
  ownAddress: OWN,
  addresses: [`${VIP}/24`],
  instances: [],
  priority: 253,
  priorityWhy: '253',
  kept: undefined,
  health: { score: 100, parts: [] },
  track: [],
  failback: { policy: 'never', outlook: undefined, inMs: undefined },
  conflict: undefined,
  advertIntervalMs: 1_000,
  master: undefined,
  lease: {
    layers: 'lease and backstop',
    lastsMs: 2_945,
    backstopMs: 4_000,
    leftMs: undefined,
    restartWithinMs: 1_900,
  },
  connections: undefined,
  counters: { ...COUNTERS, announcements: 0, becameMaster: 0, newMasterReason: undefined },
};

/** A daemon whose counters go from `COUNTERS` to `after` while the doctor listens. */
export function running(
  group: Partial<GroupStatus> = {},
  after: Partial<InstanceCounters> = { advertsReceived: 13 },
): DaemonSeen {
  const status = (counters: InstanceCounters): NodeStatus => ({
    node: 'lb2',
    version: '0.1.0',
    pid: 1,
    startedAt: 0,
    intents: { kept: 'on disk', servers: 0, differing: [], problem: undefined },
    orders: { known: 'yes', paused: undefined, maintenance: [] },
    schedules: [],
    drill: undefined,
    groups: [
      {
        ...GROUP,
        instances: [
          {
            family: 'ipv4',
            interface: 'eth0',
            vrid: 51,
            ownAddress: OWN,
            addresses: [VIP],
            counters,
          },
        ],
        ...group,
      },
    ],
    proxy: undefined,
    pair: undefined,
    replication: undefined,
    generation: undefined,
    loop: { samples: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 },
    history: [],
  });
  return {
    kind: 'running',
    before: status(COUNTERS),
    after: status({ ...COUNTERS, ...after }),
  };
}

export function given(otherwise: Partial<Observations> = {}): Observations {
  return {
    node: 'lb2',
    peer: { name: 'lb1', address: PEER },
    refusals: [],
    missingCapabilities: [],
    routers: [ROUTER],
    listenedFor: millis(4_000),
    deaf: [],
    packets: [heard({}, 0), heard({}, 1_000), heard({}, 2_000)],
    asked: [{ interface: 'eth0', address: VIP, where: 'on this link' }],
    claims: [{ interface: 'eth0', address: VIP, mac: PEER_MAC, kind: 'answer' }],
    neighbours: [],
    daemon: running(),
    settings: [],
    managers: [],
    proxy: undefined,
    ...otherwise,
  };
}
