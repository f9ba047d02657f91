/**
 * The checks every received packet passes before the state machine hears of it (RFC 9568 §7.1).
 * A packet that fails one must change nothing but that check's counter: otherwise anybody on the link could silence a
 * master with noise.
 */
import type { Family, Ip } from '../base/ip.js';
import { isIpv6 } from '../base/ip.js';
import type { Ipv6 } from '../base/ipv6.js';
import { isLinkLocal } from '../base/ipv6.js';
import type { Centis } from '../base/time.js';
import { unreachable } from '../base/unreachable.js';
import { readIpv4Packet } from '../wire/ipv4-packet.js';
import type { ChecksumForm } from '../wire/vrrp-checksum.js';
import { VRRP_GROUPS } from '../wire/vrrp-groups.js';
import type { Advert, AdvertMalformation, VrrpVersion } from '../wire/vrrp.js';
import {
  authenticationFor,
  readAdvert,
  verifyAdvert,
  vridOf,
  VRRP_PROTOCOL,
  VRRP_TTL,
} from '../wire/vrrp.js';

/** Every way to fail, one counter each, in the order the checks are made. */
export const REJECTIONS = [
  'not-ipv4',
  'fragment',
  'protocol',
  'ttl',
  'destination',
  'own',
  'stranger',
  'link-local',
  'truncated',
  'version',
  'type',
  'length',
  'checksum',
  'vrid',
  'interval',
  'auth-type',
  'auth-data',
  'trailer-missing',
  'trailer-malformed',
  'trailer-stale',
  'trailer-key',
  'trailer-forged',
  'trailer-replayed',
] as const;

/** Why a packet was dropped. Those about trailers come from `authentication.ts`. */
export type Rejection = (typeof REJECTIONS)[number];

/** What is odd about an advert that is obeyed all the same. */
export type AdvertWarning = 'address-list-differs' | 'interval-differs';

/** Whom adverts go to and come from: the group 224.0.0.18 (RFC 9568 §5.1.1.2), or the named peers only. */
export type Audience =
  { readonly kind: 'multicast' } | { readonly kind: 'unicast'; readonly peers: readonly Ip[] };

/** What a socket heard: all of the packet, or, where the kernel keeps the header to itself, what it tells of it. */
export type Arrived =
  | { readonly family: 'ipv4'; readonly packet: Uint8Array }
  | {
      readonly family: 'ipv6';
      readonly source: Ipv6;
      readonly destination: Ipv6;
      readonly hopLimit: number;
      readonly payload: Uint8Array;
    };

/** What one virtual router expects of the adverts meant for it. */
export interface Expectations {
  readonly family: Family;
  readonly version: VrrpVersion;
  /** 1–255. */
  readonly vrid: number;
  /** Ours: version 2 hears no other (RFC 3768 §7.1), version 3 learns it. */
  readonly interval: Centis;
  /** The interface's own address: adverts leave from it, and unicast ones arrive at it. */
  readonly ownAddress: Ip;
  readonly audience: Audience;
  /** The least TTL or hop limit of unicast adverts; multicast ones have 255 (RFC 9568 §5.1.1.3). */
  readonly minTtl: number;
  /** The virtual addresses configured here, in any order. */
  readonly addresses: readonly Ip[];
  /** The simple password of version 2; undefined: none. */
  readonly password: Uint8Array | undefined;
}

export interface Accepted {
  readonly kind: 'accepted';
  readonly source: Ip;
  readonly advert: Advert;
  /** How the sender computes its checksum. */
  readonly checksum: ChecksumForm;
  readonly warnings: readonly AdvertWarning[];
  /** The message itself, and what authenticates it, for `authentication.ts` to check. */
  readonly message: Uint8Array;
  readonly trailer: Uint8Array | undefined;
}

export type Verdict = Accepted | { readonly kind: 'rejected'; readonly cause: Rejection };

/** How a packet came, whichever family carried it. */
interface Delivery {
  readonly source: Ip;
  readonly destination: Ip;
  readonly ttl: number;
  readonly payload: Uint8Array;
}

/**
 * Judges what arrived. Never throws, whatever the bytes.
 * Two points of RFC 9568 §7.1 are not here, because they are things to tell people and no reasons to drop: that we own
 * the addresses ourselves and should hear nobody (erratum 8298), and that the sender's interval is not ours.
 */
export function judge(arrived: Arrived, expected: Expectations): Verdict {
  const delivery = deliveryOf(arrived);
  if (typeof delivery === 'string') {
    return reject(delivery);
  }
  const misdelivered = checkDelivery(delivery, expected);
  if (misdelivered !== undefined) {
    return reject(misdelivered);
  }
  const { payload, source } = delivery;
  const verified = verifyAdvert(payload, delivery, expected.version);
  if (!verified.ok) {
    return reject(causeOf(verified.error, payload, expected));
  }
  // Other virtual routers on the link are common and harmless; their addresses are not even read.
  if (vridOf(payload) !== expected.vrid) {
    return reject('vrid');
  }
  const { checksum, message, trailer } = verified.value;
  const read = readAdvert(message, expected.version, expected.family);
  if (!read.ok) {
    return reject('interval');
  }
  const advert = read.value;
  const foreign = checkVersionTwo(advert, expected);
  if (foreign !== undefined) {
    return reject(foreign);
  }
  const warnings = warningsFor(advert, expected);
  return { kind: 'accepted', source, advert, checksum, warnings, message, trailer };
}

/** One clause for people: what a packet counted under this cause was. */
export function describeRejection(cause: Rejection): string {
  return DESCRIPTIONS[cause];
}

const DESCRIPTIONS: Readonly<Record<Rejection, string>> = {
  'not-ipv4': 'not one whole IPv4 packet',
  fragment: 'a fragment of an IPv4 packet',
  protocol: 'not IP protocol 112 (RFC 9568 §5.1.1.4)',
  ttl: 'TTL or hop limit is not 255, so it may come from beyond this link (RFC 9568 §5.1.1.3)',
  destination: 'addressed neither to the VRRP group nor, where peers are named, to us',
  own: 'our own advertisement',
  stranger: 'sent by an address that is not a configured peer',
  'link-local': 'its IPv6 source is not link-local (RFC 9568 §5.1.2.1)',
  truncated: 'shorter than the fixed part of a VRRP message (RFC 9568 §7.1)',
  version: 'not the version of VRRP that we speak (RFC 9568 §7.1)',
  type: 'not an advertisement (RFC 9568 §7.1)',
  length: 'its length does not fit its number of addresses (RFC 9568 §7.1)',
  checksum: 'its checksum is wrong in every form (RFC 9568 §5.2.8)',
  vrid: 'about another virtual router (RFC 9568 §7.1)',
  interval:
    'promises adverts every 0 s (RFC 9568 §7.1, erratum 8301) or, in version 2, at another interval than ours',
  'auth-type': 'another type of authentication than ours (RFC 2338 §7.1)',
  'auth-data': 'its password is not ours (RFC 2338 §7.1)',
  'trailer-missing': 'not signed, and only signed adverts are heard here',
  'trailer-malformed': 'its signature is none that we know',
  'trailer-stale': 'signed too long ago, or too far ahead: a clock is wrong, or it is a replay',
  'trailer-key': 'signed with a key that we do not have',
  'trailer-forged': 'its signature is wrong: the keys of that id differ, or it is forged',
  'trailer-replayed': 'signed, but no newer than one heard before',
};

/** The header's fields, or why they are not to be had. */
function deliveryOf(arrived: Arrived): Delivery | Rejection {
  if (arrived.family === 'ipv6') {
    const { source, destination, hopLimit, payload } = arrived;
    return { source, destination, ttl: hopLimit, payload };
  }
  const ip = readIpv4Packet(arrived.packet);
  if (!ip.ok) {
    return 'not-ipv4';
  }
  // Linux hands raw sockets reassembled packets, so a fragment was made to look like one.
  if (ip.value.isFragment) {
    return 'fragment';
  }
  return ip.value.protocol === VRRP_PROTOCOL ? ip.value : 'protocol';
}

/**
 * How the packet came here. RFC 9568 §7.1 asks only for the TTL; the others are ours. IP options are skipped rather
 * than refused, because labelled networking (CIPSO) adds them to every packet and a deaf backup would take over.
 */
function checkDelivery(ip: Delivery, expected: Expectations): Rejection | undefined {
  const { audience } = expected;
  if (ip.ttl < (audience.kind === 'multicast' ? VRRP_TTL : expected.minTtl)) {
    return 'ttl';
  }
  // Ours: RFC 9568 §5.1.1.2 sends to the group alone, so a multicast router is deaf to unicast, and vice versa.
  if (ip.destination !== destinationFor(expected)) {
    return 'destination';
  }
  // Ours: the kernel loops multicast back, and a bridge may. It is no peer, whatever it says.
  if (ip.source === expected.ownAddress) {
    return 'own';
  }
  if (audience.kind === 'multicast') {
    return isIpv6(ip.source) && !isLinkLocal(ip.source) ? 'link-local' : undefined;
  }
  // Ours: on a unicast pair a stranger with a higher priority would otherwise be obeyed.
  return audience.peers.includes(ip.source) ? undefined : 'stranger';
}

function destinationFor({ audience, ownAddress, family }: Expectations): Ip {
  switch (audience.kind) {
    case 'multicast':
      return VRRP_GROUPS[family];
    case 'unicast':
      return ownAddress;
    default:
      return unreachable(audience);
  }
}

/** A virtual router of another version and VRID is as harmless as one of ours: it counts as what it is. */
function causeOf(
  malformation: AdvertMalformation,
  payload: Uint8Array,
  expected: Expectations,
): Rejection {
  const isOther = malformation.code === 'version' && vridOf(payload) !== expected.vrid;
  return isOther ? 'vrid' : CAUSES[malformation.code];
}

const CAUSES: Readonly<Record<AdvertMalformation['code'], Rejection>> = {
  truncated: 'truncated',
  version: 'version',
  type: 'type',
  // A count of zero must be ignored too (RFC 9568 §5.2.5); an operator who hunts for it looks at the length.
  'count-zero': 'length',
  length: 'length',
  checksum: 'checksum',
  'interval-zero': 'interval',
};

/** What only version 2 asks for: the same interval (RFC 3768 §7.1) and the same authentication (RFC 2338 §7.1). */
function checkVersionTwo(advert: Advert, expected: Expectations): Rejection | undefined {
  if (advert.version !== 2) {
    return undefined;
  }
  const own = authenticationFor(expected.password);
  const { type, octets } = advert.authentication;
  if (type !== own.type) {
    return 'auth-type';
  }
  // Without a password the data is not looked at (RFC 3768 §5.3.10).
  if (type !== 0 && !own.octets.every((byte, index) => byte === octets[index])) {
    return 'auth-data';
  }
  return advert.maxAdvertInterval === expected.interval ? undefined : 'interval';
}

/** Either is worth a word, not a refusal: two masters would be worse (RFC 9568 §7.1). */
function warningsFor(advert: Advert, expected: Expectations): readonly AdvertWarning[] {
  const { addresses } = advert;
  const same =
    addresses.length === expected.addresses.length &&
    expected.addresses.every((address) => addresses.includes(address));
  return [
    ...(same ? [] : (['address-list-differs'] as const)),
    ...(advert.maxAdvertInterval === expected.interval ? [] : (['interval-differs'] as const)),
  ];
}

function reject(cause: Rejection): Verdict {
  return { kind: 'rejected', cause };
}
