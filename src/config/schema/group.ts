/** The shape of a group: every key, what it accepts, and its default with the reason for it. */
import { z } from 'zod';
import type { Cidr, Family, Ip } from '../../base/ip.js';
import { familyOf } from '../../base/ip.js';
import type { Centis, Millis } from '../../base/time.js';
import { centisToMillis, longer, millis, millisToCentis, scale, shorter } from '../../base/time.js';
import { unreachable } from '../../base/unreachable.js';
import type {
  AnnounceConfig,
  AuthenticationConfig,
  ChecksumForm,
  FailbackConfig,
  GroupConfig,
  InstanceConfig,
  NodeConfig,
  TrackConfig,
  UnicastConfig,
} from '../config.js';
import { A_DURATION, parseDuration } from '../duration.js';
import type { DraftAuthentication } from './authentication.js';
import { authentication } from './authentication.js';
import {
  address,
  cidr,
  durationBetween,
  interfaceName,
  listOf,
  mapping,
  name,
  oneOf,
  wholeNumber,
} from './kinds.js';
import { neighbourList, track } from './track.js';

const anHour = millis(3_600_000);
const secondBurst = durationBetween({ from: millis(100), to: anHour })
  // As keepalived's vrrp_garp_master_delay: a switch that was still converging has a second chance.
  .prefault('5s');
const refresh = durationBetween({ from: millis(1000), to: anHour })
  // A neighbour that missed both bursts is wrong for a minute at most; one frame a minute costs nothing.
  .prefault('60s');

export const burstAgainAfter: z.ZodType<Millis> = secondBurst;
export const refreshEvery: z.ZodType<Millis> = refresh;

const announce = mapping({
  burst: wholeNumber('a number of announcements', { from: 1, to: 20 })
    // As keepalived's vrrp_garp_master_repeat: a single frame may be lost, and nobody would repeat it.
    .prefault(5)
    .describe('How many gratuitous ARP announcements follow one another at a takeover.'),
  burst_again_after: secondBurst.describe(
    'How long after the first burst a second one is sent, such as 5s.',
  ),
  refresh_every: refresh.describe(
    'How often the holder announces its addresses again, such as 60s.',
  ),
}).transform((each) => ({
  burst: each.burst,
  burstAgainAfter: each.burst_again_after,
  refreshEvery: each.refresh_every,
}));

export const vrid: z.ZodType<number> = wholeNumber('a virtual router id', { from: 1, to: 255 });
export const version: z.ZodType<2 | 3> = z
  .union([z.literal(3), z.literal(2)], { error: '3 or 2' })
  .prefault(3);

// 12 bits of hundredths of a second (RFC 9568 §5.2.7); below 10ms there is none.
export const advertInterval: z.ZodType<Centis> = durationBetween({
  from: millis(10),
  to: millis(40_950),
  step: millis(10),
})
  .transform(millisToCentis)
  // The default of RFC 9568 §6.1 and of keepalived, so that a mixed pair agrees without being told.
  .prefault('1s');

const addressList = listOf(cidr, { from: 1, to: 20, of: 'addresses' });

const further = mapping({
  interface: interfaceName.describe('The interface that holds the addresses.'),
  vrid: vrid.describe('Its virtual router id.'),
  addresses: addressList.describe('Its virtual addresses.'),
});

const ANSWER = '`never`, `manual` or `after` and a duration, such as after 5m';

const failback = z
  .string({ error: ANSWER })
  .transform((text, context): FailbackConfig => {
    const [word, duration = '', ...rest] = text.split(' ');
    const stableFor = parseDuration(duration);
    if ((word === 'never' || word === 'manual') && duration === '') {
      return { kind: word };
    }
    if (word === 'after' && rest.length === 0 && stableFor.ok && stableFor.value >= LEAST_STABLE) {
      return { kind: 'after', stableFor: stableFor.value };
    }
    const expected = word === 'after' ? `${A_DURATION}, of at least 1s, behind after` : ANSWER;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  })
  // A node that comes back may be about to fall again, and every move breaks connections.
  .prefault('never');
const LEAST_STABLE = millis(1000);

const oneOrMore = z
  .union([address, listOf(address, { from: 1, to: 2, of: 'addresses' })], {
    error: 'an address, or a list of one for each family',
  })
  .transform((each) => (typeof each === 'string' ? [each] : each));

const unicast = z.union(
  [
    z.literal('pair'),
    z.record(z.string(), oneOrMore).transform((nodes) => new Map(Object.entries(nodes))),
  ],
  { error: "the word pair, or a mapping of both nodes, name to the node's LAN address" },
);

const wirePriority = wholeNumber('a priority', { from: 1, to: 254 });

export const group: z.ZodType<RawGroup> = mapping({
  name: name.describe('What commands and logs call the group.'),
  version: version.describe('The version of VRRP: 3, or 2 beside old routers (IPv4 only).'),
  interface: interfaceName.describe('The interface that holds the addresses, such as eth0.'),
  vrid: vrid.describe(
    'The virtual router id, 1 to 255: unique on the LAN, the same on both nodes.',
  ),
  advert_interval: advertInterval.describe(
    'How often the master advertises, 10ms to 40.95s. A dead master is missed after about three.',
  ),
  addresses: addressList.describe(
    'The virtual addresses, which move together, such as 10.77.0.100/24 and fd77::100/64.',
  ),
  instances: listOf(further, { from: 1, to: 8, of: 'instances' })
    .optional()
    .describe('Virtual routers on other interfaces that move along with this one.'),
  prefer: name
    .optional()
    .describe(
      'The node that wins when both are fit and nobody holds the group. The first, if not given.',
    ),
  priority: z
    .record(z.string(), wirePriority, { error: 'a mapping of both nodes, name to priority' })
    .transform((nodes) => new Map(Object.entries(nodes)))
    .optional()
    .describe('Priorities of both nodes by name, beside other routers: 254 and 253, if not given.'),
  failback: failback.describe(
    'Whether a preferred node that comes back takes the group back: never, manual, or after 5m.',
  ),
  start_hold: durationBetween({ from: millis(0), to: millis(600_000) })
    // A switch port learns and a bond negotiates within this; at 1s adverts listening takes as long anyway.
    .prefault('3s')
    .describe('How long a daemon that has just started waits, at least, before it takes over.'),
  unicast: unicast
    .optional()
    .describe(
      "For networks that carry no multicast: pair, or each node's own LAN addresses by node name.",
    ),
  unicast_peers: listOf(address, { from: 1, to: 16, of: 'addresses' })
    .optional()
    .describe('Other routers that speak for these addresses, such as keepalived in a migration.'),
  unicast_min_ttl: wholeNumber('a TTL', { from: 1, to: 255 })
    // Anything less may come from beyond this link (RFC 9568 §5.1.1.3).
    .prefault(255)
    .describe('The least TTL that is heard, less than 255 where a router lies between.'),
  checksum: oneOf(['with-pseudo-header', 'without-pseudo-header'])
    // As keepalived sends it for IPv4; RFC 9568 §5.2.8 leaves it out. What is received may be either.
    .prefault('with-pseudo-header')
    .describe('The form of the checksum in IPv4 adverts we send: as keepalived, or as RFC 9568.'),
  authentication: authentication.optional().describe('How adverts prove where they come from.'),
  track: listOf(track, { from: 1, to: 32, of: 'things to track' })
    .optional()
    .describe('What makes this node less fit for the group, or unfit.'),
  reachability: neighbourList
    .optional()
    .describe('Machines on the LAN, such as the gateway: unfit while none of them answers.'),
  virtual_mac: z
    .boolean({ error: 'true or false' })
    .prefault(false)
    .describe('Whether the addresses have the MAC of RFC 9568 §7.3, on an interface of their own.'),
  accept: z
    .boolean({ error: 'true or false' })
    // RFC 9568 §6.1 has false; behind the addresses of this pair there is always a service.
    .prefault(true)
    .describe('Whether the addresses take packets, or only answer ARP and neighbour discovery.'),
  duplicate_probe: z
    .boolean({ error: 'true or false' })
    .prefault(true)
    .describe('Whether the link is asked who has the addresses before the first claim.'),
  keep_connections: durationBetween({ from: millis(1000), to: millis(3_600_000) })
    .optional()
    .describe(
      'How long open TCP connections are kept over a planned move, such as 30s. Not given: they are cut.',
    ),
  announce: announce.prefault({}).describe('How the neighbours are told of a takeover.'),
});

/** As the file has it, each value read; `| undefined` stands for a key that was not given. */
export interface RawGroup extends RawInstance {
  readonly name: string;
  readonly version: 2 | 3;
  readonly advert_interval: Centis;
  readonly instances?: readonly RawInstance[] | undefined;
  readonly prefer?: string | undefined;
  readonly priority?: ReadonlyMap<string, number> | undefined;
  readonly failback: FailbackConfig;
  readonly start_hold: Millis;
  readonly unicast?: 'pair' | ReadonlyMap<string, readonly Ip[]> | undefined;
  readonly unicast_peers?: readonly Ip[] | undefined;
  readonly unicast_min_ttl: number;
  readonly checksum: ChecksumForm;
  readonly authentication?: DraftAuthentication | undefined;
  readonly track?: readonly TrackConfig[] | undefined;
  readonly reachability?: readonly Ip[] | undefined;
  readonly virtual_mac: boolean;
  readonly accept: boolean;
  readonly duplicate_probe: boolean;
  readonly keep_connections?: Millis | undefined;
  readonly announce: AnnounceConfig;
}

interface RawInstance {
  readonly interface: string;
  readonly vrid: number;
  readonly addresses: readonly Cidr[];
}

/** Fills in what follows from other keys. */
export function completeGroup(raw: RawGroup, nodes: readonly NodeConfig[]): GroupConfig {
  return {
    name: raw.name,
    version: raw.version,
    instances: [raw, ...(raw.instances ?? [])].flatMap(instancesOf),
    advertInterval: raw.advert_interval,
    prefer: raw.prefer,
    priority: raw.priority,
    failback: raw.failback,
    startHold: raw.start_hold,
    unicast: unicastOf(raw, nodes),
    checksum: raw.checksum,
    authentication: authenticationOf(raw.authentication, centisToMillis(raw.advert_interval)),
    track: trackOf(raw, centisToMillis(raw.advert_interval)),
    virtualMac: raw.virtual_mac,
    accept: raw.accept,
    duplicateProbe: raw.duplicate_probe,
    keepConnections: raw.keep_connections,
    announce: raw.announce,
  };
}

/** Addresses of both families are two virtual routers (RFC 9568 §1.2): the VRIDs of IPv4 and IPv6 are apart. */
function instancesOf(routers: RawInstance): readonly InstanceConfig[] {
  const families: readonly Family[] = ['ipv4', 'ipv6'];
  return families.flatMap((family) => {
    const addresses = routers.addresses.filter((each) => familyOf(each.address) === family);
    return addresses.length === 0
      ? []
      : [{ interface: routers.interface, vrid: routers.vrid, family, addresses }];
  });
}

function unicastOf(raw: RawGroup, nodes: readonly NodeConfig[]): UnicastConfig | undefined {
  if (raw.unicast === undefined) {
    return undefined;
  }
  const named: ReadonlyMap<string, readonly Ip[]> =
    raw.unicast === 'pair'
      ? new Map(nodes.map((node) => [node.name, [node.address]]))
      : raw.unicast;
  return { nodes: named, foreignPeers: raw.unicast_peers ?? [], minTtl: raw.unicast_min_ttl };
}

function authenticationOf(
  draft: DraftAuthentication | undefined,
  interval: Millis,
): AuthenticationConfig | undefined {
  if (draft?.kind !== 'hmac') {
    return draft;
  }
  // As keepalived: long enough for three adverts, and for clocks that NTP keeps.
  const window = draft.window ?? longer(scale(interval, 3), SHORTEST_WINDOW);
  return { ...draft, window };
}
const SHORTEST_WINDOW = millis(5000);

function trackOf(raw: RawGroup, interval: Millis): readonly TrackConfig[] {
  // As often as adverts are sent, within what neighbours may be asked: a master that is cut off should know it as soon.
  const every = shorter(longer(interval, SOONEST_LOOK), LATEST_LOOK);
  const reachability: readonly TrackConfig[] =
    raw.reachability === undefined
      ? []
      : [
          {
            name: 'reachability',
            consequence: { kind: 'fault' },
            thing: {
              kind: 'neighbours',
              interface: raw.interface,
              addresses: raw.reachability,
              every,
              timeout: scale(every, 0.5),
              rise: 2,
              fall: 2,
            },
          },
        ];
  return [...reachability, ...(raw.track ?? []).map((each) => inGroup(raw, each))];
}

/** What a tracked thing has of its group. */
function inGroup(raw: RawGroup, tracked: TrackConfig): TrackConfig {
  const { thing } = tracked;
  switch (thing.kind) {
    case 'neighbours':
      return { ...tracked, thing: { ...thing, interface: raw.interface } };
    case 'listeners':
      return { ...tracked, thing: { ...thing, addresses: addressesOf(raw) } };
    case 'services':
      return { ...tracked, thing: { ...thing, addresses: addressesOf(raw) } };
    case 'interface':
    case 'script':
    case 'process':
    case 'file':
    case 'backends':
    case 'proxy':
      return tracked;
    default:
      return unreachable(thing);
  }
}

function addressesOf(raw: RawGroup): readonly Ip[] {
  const routers = [raw, ...(raw.instances ?? [])];
  return routers.flatMap((each) => each.addresses.map(({ address: own }) => own));
}
const SOONEST_LOOK = millis(200);
const LATEST_LOOK = millis(1000);
