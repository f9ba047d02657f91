/** The rows of the negative list: virtual routers, what is right for each, and everything that may be wrong with it. */
import type { Ip } from '../../../src/base/ip.js';
import { centis, millis } from '../../../src/base/time.js';
import type { AuthenticationParams } from '../../../src/core/authentication.js';
import type { Arrived, Audience, Rejection } from '../../../src/core/receive-checks.js';
import type { InstancePlan } from '../../../src/engine/group-plan.js';
import { VRRP_GROUPS } from '../../../src/wire/vrrp-groups.js';
import type { AdvertV2, AdvertV3 } from '../../../src/wire/vrrp.js';
import { authenticationFor } from '../../../src/wire/vrrp.js';
import { INSTANCE } from '../engine/fakes.js';
import type { Sent, Signature } from './given-packet.js';
import { arrive } from './given-packet.js';

const OWN = '198.51.100.10' as Ip;
export const PEER = '198.51.100.11' as Ip;
const STRANGER = '203.0.113.66' as Ip;
const OWN_SIX = 'fe80::10' as Ip;
const PEER_SIX = 'fe80::11' as Ip;
const KEY = { id: 1, secret: new Uint8Array(32).fill(1) };
const NEXT_KEY = { id: 2, secret: new Uint8Array(48).fill(2) };
const PASSWORD = new TextEncoder().encode('secret');

const V3: AdvertV3 = {
  version: 3,
  vrid: 51,
  priority: 254,
  maxAdvertInterval: centis(100),
  addresses: ['192.0.2.100' as Ip],
};
const V2: AdvertV2 = { ...V3, version: 2, authentication: authenticationFor(undefined) };
const V2_PASSWORD: AdvertV2 = { ...V2, authentication: authenticationFor(PASSWORD) };

/** A virtual router, and an advert of its peer that it would accept. */
interface Setting {
  readonly plan: InstancePlan;
  readonly right: Sent;
}

interface Choice {
  readonly audience?: Audience;
  readonly password?: Uint8Array;
  readonly minTtl?: number;
  readonly authentication?: AuthenticationParams;
}

function setting(right: Sent, ownAddress: Ip, choice: Choice = {}): Setting {
  const { audience = { kind: 'multicast' }, password, minTtl = 255, authentication } = choice;
  const { version, addresses, vrid } = right.advert;
  const family = ownAddress.includes(':') ? 'ipv6' : 'ipv4';
  const router = { family, version, vrid, ownAddress, audience, addresses } as const;
  const expectations = { ...router, interval: centis(100), minTtl, password };
  return { plan: { ...INSTANCE, ...router, authentication, expectations }, right };
}

const SIGNING: AuthenticationParams = {
  mode: 'enforce',
  keys: [KEY, NEXT_KEY],
  signWith: 1,
  window: millis(5000),
  replay: 'time',
};
/** What the fake machine's clock says, as a sequence. */
export const NOW = BigInt(1_700_000_100) << 32n;
export const SECOND = 1n << 32n;
const SIGNED_BY_PEER: Signature = { keyId: 1, secret: KEY.secret, sequence: NOW };
const fromPeer = { source: PEER, destination: VRRP_GROUPS.ipv4 };
const V3_SIX: AdvertV3 = { ...V3, addresses: ['fd77::100' as Ip] };
const six = { advert: V3_SIX, source: PEER_SIX, destination: VRRP_GROUPS.ipv6 };
const toUs = { kind: 'unicast', peers: [PEER] } as const;

const three = setting({ advert: V3, ...fromPeer }, OWN);
export const SETTINGS = {
  v3: three,
  'v3 signed': setting({ ...three.right, signature: SIGNED_BY_PEER }, OWN, {
    authentication: SIGNING,
  }),
  'v3 unicast': setting({ ...three.right, destination: OWN }, OWN, { audience: toUs }),
  'v3 routed': setting({ ...three.right, destination: OWN, ttl: 250 }, OWN, {
    audience: toUs,
    minTtl: 250,
  }),
  v2: setting({ advert: V2, ...fromPeer }, OWN),
  'v2 password': setting({ advert: V2_PASSWORD, ...fromPeer }, OWN, { password: PASSWORD }),
  'v2 signed': setting({ advert: V2, ...fromPeer, signature: SIGNED_BY_PEER }, OWN, {
    authentication: SIGNING,
  }),
  v6: setting(six, OWN_SIX),
  'v6 signed': setting({ ...six, signature: SIGNED_BY_PEER }, OWN_SIX, { authentication: SIGNING }),
} satisfies Record<string, Setting>;

export type Name = keyof typeof SETTINGS;
export type Outcome = Rejection | 'heard';
export const NAMES = Object.keys(SETTINGS) as readonly Name[];
const OVER_FOUR = NAMES.filter((name) => !name.startsWith('v6'));
const V3_NAMES = NAMES.filter((name) => !name.startsWith('v2'));
const V2_NAMES = NAMES.filter((name) => name.startsWith('v2'));
export const SIGNED_NAMES = NAMES.filter((name) => name.endsWith('signed'));
const MULTICAST_NAMES = NAMES.filter((name) => SETTINGS[name].plan.audience.kind === 'multicast');

export type Row = readonly [
  what: string,
  cause: Outcome,
  where: readonly Name[],
  wrong: Partial<Sent>,
];

/** Of the first byte: version and type. */
const first = (version: number, type = 1): Partial<Sent> => ({
  fields: { 0: (version << 4) | type },
});
export const signedWith = (change: Partial<Signature>): Partial<Sent> => ({
  signature: { ...SIGNED_BY_PEER, ...change },
});

export const ROWS: readonly Row[] = [
  ['TTL or hop limit 254', 'ttl', MULTICAST_NAMES, { ttl: 254 }],
  ['TTL or hop limit 1', 'ttl', NAMES, { ttl: 1 }],
  ['TTL or hop limit 0', 'ttl', NAMES, { ttl: 0 }],
  ['TTL 64 from a unicast peer', 'ttl', ['v3 unicast'], { ttl: 64 }],
  ['TTL 249 where 250 is the least', 'ttl', ['v3 routed'], { ttl: 249 }],
  ['version 0', 'version', NAMES, first(0)],
  ['version 1', 'version', NAMES, first(1)],
  ['version 2 where 3 is spoken', 'version', V3_NAMES, first(2)],
  ['version 3 where 2 is spoken', 'version', V2_NAMES, first(3)],
  ['version 4', 'version', NAMES, first(4)],
  ['version 15', 'version', NAMES, first(15)],
  ...NAMES.flatMap((name): readonly Row[] =>
    [0, 2, 15].map((type) => [
      `type ${String(type)}`,
      'type',
      [name],
      first(SETTINGS[name].plan.version, type),
    ]),
  ),
  ['VRID 0', 'vrid', NAMES, { fields: { 1: 0 } }],
  ['VRID 52, which is not ours', 'vrid', NAMES, { fields: { 1: 52 } }],
  ['VRID 52 in a version that we do not speak', 'vrid', NAMES, { fields: { 0: 0x51, 1: 52 } }],
  ['count 0', 'length', NAMES, { fields: { 3: 0 } }],
  ['count 2 of one address', 'length', NAMES, { fields: { 3: 2 } }],
  ['count 255 of one address', 'length', NAMES, { fields: { 3: 255 } }],
  ['a trailing byte', 'length', NAMES, { more: [0] }],
  ['a trailing address', 'length', NAMES, { more: [192, 0, 2, 101] }],
  ['1,400 trailing bytes', 'length', NAMES, { more: Array<number>(1_400).fill(0) }],
  ['no address', 'length', NAMES, { without: 4 }],
  ['nothing at all', 'truncated', NAMES, { cutTo: 0 }],
  ['seven bytes', 'truncated', NAMES, { cutTo: 7 }],
  ['eight bytes', 'length', NAMES, { cutTo: 8 }],
  ['checksum 0', 'checksum', NAMES, { spoilt: { 6: 0, 7: 0 } }],
  ['a checksum that is one more', 'checksum', NAMES, { checksumOffBy: 1 }],
  ['a checksum that is one less', 'checksum', NAMES, { checksumOffBy: -1 }],
  ['another priority than the checksum covers', 'checksum', NAMES, { spoilt: { 2: 255 } }],
  ['a pseudo-header in version 2', 'checksum', V2_NAMES, { checksum: 'with-pseudo-header' }],
  [
    'no pseudo-header over IPv6',
    'checksum',
    ['v6', 'v6 signed'],
    { checksum: 'without-pseudo-header' },
  ],
  ['a password where none is used', 'auth-type', ['v2', 'v2 signed'], { advert: V2_PASSWORD }],
  ['no password where one is used', 'auth-type', ['v2 password'], { advert: V2 }],
  ['authentication type 2', 'auth-type', V2_NAMES, { fields: { 4: 2 } }],
  ['authentication type 255', 'auth-type', V2_NAMES, { fields: { 4: 255 } }],
  ['a password of another case', 'auth-data', ['v2 password'], { fields: { [-8]: 0x53 } }],
  ['a password that goes on', 'auth-data', ['v2 password'], { fields: { [-2]: 0x73 } }],
  [
    'an empty password',
    'auth-data',
    ['v2 password'],
    { advert: { ...V2, authentication: authenticationFor(new Uint8Array()) } },
  ],
  ['interval 0', 'interval', V3_NAMES, { fields: { 4: 0, 5: 0 } }],
  ['interval 0 under reserved bits', 'interval', V3_NAMES, { fields: { 4: 0xf0, 5: 0 } }],
  ['interval 0 s', 'interval', V2_NAMES, { fields: { 5: 0 } }],
  ['interval 2 s where ours is 1 s', 'interval', V2_NAMES, { fields: { 5: 2 } }],
  ['interval 255 s', 'interval', V2_NAMES, { fields: { 5: 255 } }],
  ['our own address as its source', 'own', OVER_FOUR, { source: OWN }],
  ['our own address as its source, IPv6', 'own', ['v6', 'v6 signed'], { source: OWN_SIX }],
  ['a source that is no peer', 'stranger', ['v3 unicast', 'v3 routed'], { source: STRANGER }],
  [
    'another group as its destination',
    'destination',
    OVER_FOUR,
    { destination: '224.0.0.17' as Ip },
  ],
  [
    'everybody as its destination',
    'destination',
    OVER_FOUR,
    { destination: '255.255.255.255' as Ip },
  ],
  ['us as its destination', 'destination', ['v3', 'v2'], { destination: OWN }],
  [
    'the group as its destination where we are unicast',
    'destination',
    ['v3 unicast'],
    { destination: VRRP_GROUPS.ipv4 },
  ],
  ['all nodes as its destination', 'destination', ['v6'], { destination: 'ff02::1' as Ip }],
  ['us as its destination, IPv6', 'destination', ['v6'], { destination: OWN_SIX }],
  ['a global IPv6 source', 'link-local', ['v6', 'v6 signed'], { source: 'fd77::11' as Ip }],
  ['no IPv6 source', 'link-local', ['v6', 'v6 signed'], { source: '::' as Ip }],
  ['a site-local IPv6 source', 'link-local', ['v6', 'v6 signed'], { source: 'fec0::11' as Ip }],
  ['a first fragment', 'fragment', OVER_FOUR, { header: { 6: 0x20 } }],
  ['a last fragment', 'fragment', OVER_FOUR, { header: { 7: 0x01 } }],
  ['another protocol', 'protocol', OVER_FOUR, { header: { 9: 111 } }],
  ['IP version 6 in an IPv4 header', 'not-ipv4', OVER_FOUR, { header: { 0: 0x65 } }],
  ['an IP header of 16 bytes', 'not-ipv4', OVER_FOUR, { header: { 0: 0x44 } }],
  ['an IP header longer than its packet', 'not-ipv4', OVER_FOUR, { header: { 2: 0, 3: 19 } }],
  ['a packet longer than what arrived', 'not-ipv4', OVER_FOUR, { header: { 2: 0xff, 3: 0xff } }],
  [
    'no trailer',
    'trailer-missing',
    ['v3 signed', 'v2 signed', 'v6 signed'],
    { signature: undefined },
  ],
  ['an unknown scheme', 'trailer-malformed', ['v3 signed', 'v2 signed'], { spoilt: { [-28]: 2 } }],
  ['key id 0', 'trailer-malformed', ['v3 signed', 'v2 signed'], { spoilt: { [-27]: 0 } }],
  [
    'something where zeros belong',
    'trailer-malformed',
    ['v3 signed', 'v2 signed'],
    { spoilt: { [-25]: 1 } },
  ],
  ['an unknown key', 'trailer-key', SIGNED_NAMES, signedWith({ keyId: 3 })],
  ["another key under a known key's id", 'trailer-forged', SIGNED_NAMES, signedWith({ keyId: 2 })],
  [
    'a signature off by one bit',
    'trailer-forged',
    ['v3 signed', 'v2 signed'],
    { spoilt: { [-1]: 0 } },
  ],
  [
    'a sequence of six seconds ago',
    'trailer-stale',
    SIGNED_NAMES,
    signedWith({ sequence: NOW - 6n * SECOND }),
  ],
  [
    'a sequence of in six seconds',
    'trailer-stale',
    SIGNED_NAMES,
    signedWith({ sequence: NOW + 6n * SECOND }),
  ],
  ['sequence 0', 'trailer-stale', SIGNED_NAMES, signedWith({ sequence: 0n })],
  [
    'the last sequence there is',
    'trailer-stale',
    SIGNED_NAMES,
    signedWith({ sequence: (1n << 64n) - 1n }),
  ],
];

/** Trailers and messages cut short, at every length, however many are left. */
export const CUT: readonly Row[] = NAMES.flatMap((name) => {
  const arrived = arrive(SETTINGS[name].right);
  const length = payloadLength(arrived);
  const message = length - (name.endsWith('signed') ? 28 : 0);
  return Array.from({ length }, (_, cutTo): Row => {
    // What is cut off of a signed advert is noticed by its length; without its trailer, it is bare.
    const bare =
      cutTo === message ? (name === 'v6 signed' ? 'checksum' : 'trailer-missing') : 'length';
    const cause = cutTo < 8 ? 'truncated' : bare;
    return [`cut to ${String(cutTo)} bytes`, cause, [name], { cutTo }];
  });
});

/** Unusual and right. */
export const FINE: readonly Row[] = [
  ['what is right', 'heard', NAMES, {}],
  ['priority 0', 'heard', NAMES, { fields: { 2: 0 } }],
  ['priority 1', 'heard', NAMES, { fields: { 2: 1 } }],
  ['priority 254', 'heard', NAMES, { fields: { 2: 254 } }],
  ['priority 255', 'heard', NAMES, { fields: { 2: 255 } }],
  ['interval 1 cs', 'heard', V3_NAMES, { fields: { 4: 0, 5: 1 } }],
  ['interval 4095 cs', 'heard', V3_NAMES, { fields: { 4: 0x0f, 5: 0xff } }],
  ['IP options', 'heard', OVER_FOUR, { options: [7, 7, 4, 0, 0, 0, 0, 0] }],
  ["IP's don't-fragment bit", 'heard', OVER_FOUR, { header: { 6: 0x40 } }],
  [
    'the checksum without a pseudo-header',
    'heard',
    ['v3', 'v3 signed'],
    { checksum: 'without-pseudo-header' },
  ],
  ['the next key', 'heard', SIGNED_NAMES, signedWith({ keyId: 2, secret: NEXT_KEY.secret })],
  ['a source that is off the link, by its address', 'heard', ['v3', 'v2'], { source: STRANGER }],
];

function payloadLength(arrived: Arrived): number {
  return arrived.family === 'ipv6' ? arrived.payload.length : arrived.packet.length - 20;
}
