/**
 * The checks every received packet passes before the state machine hears of it (RFC 9568 §7.1).
 * A packet that fails one must change nothing but that check's counter: otherwise anybody on the link could silence a
 * master with noise.
 */
import type { Ip } from '../base/ip.js';
import type { Ipv6 } from '../base/ipv6.js';
import { unreachable } from '../base/unreachable.js';
import type { Ipv4Packet } from '../wire/ipv4-packet.js';
import { readIpv4Packet } from '../wire/ipv4-packet.js';
import type { Advert, AdvertMalformation, ChecksumForm } from '../wire/vrrp.js';
import {
  readAdvert,
  verifyAdvert,
  vridOf,
  VRRP_GROUP,
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
  'truncated',
  'version',
  'type',
  'length',
  'checksum',
  'vrid',
  'interval',
] as const;

/** Why a packet was dropped. */
export type Rejection = (typeof REJECTIONS)[number];

/** What is odd about an advert that is obeyed all the same. */
export type AdvertWarning = 'address-list-differs';

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
  /** 1–255. */
  readonly vrid: number;
  /** The interface's own address: adverts leave from it, and unicast ones arrive at it. */
  readonly ownAddress: Ip;
  readonly audience: Audience;
  /** The virtual addresses configured here, in any order. */
  readonly addresses: readonly Ip[];
}

export interface Accepted {
  readonly kind: 'accepted';
  readonly source: Ip;
  readonly advert: Advert;
  /** How the sender computes its checksum. */
  readonly checksum: ChecksumForm;
  readonly warnings: readonly AdvertWarning[];
}

export type Verdict = Accepted | { readonly kind: 'rejected'; readonly cause: Rejection };

/**
 * Judges a whole IPv4 packet, header first. Never throws, whatever the bytes.
 * Two points of RFC 9568 §7.1 are not here, because they are things to tell people and no reasons to drop: that we own
 * the addresses ourselves and should hear nobody (erratum 8298), and that the sender's interval is not ours.
 */
export function judge(packet: Uint8Array, expected: Expectations): Verdict {
  const ip = readIpv4Packet(packet);
  if (!ip.ok) {
    return reject('not-ipv4');
  }
  const misdelivered = checkDelivery(ip.value, expected);
  if (misdelivered !== undefined) {
    return reject(misdelivered);
  }
  const { payload, source } = ip.value;
  const checksum = verifyAdvert(payload, ip.value);
  if (!checksum.ok) {
    return reject(CAUSES[checksum.error.code]);
  }
  // Other virtual routers on the link are common and harmless; their addresses are not even read.
  if (vridOf(payload) !== expected.vrid) {
    return reject('vrid');
  }
  const advert = readAdvert(payload);
  if (!advert.ok) {
    return reject(CAUSES[advert.error.code]);
  }
  return {
    kind: 'accepted',
    source,
    advert: advert.value,
    checksum: checksum.value,
    warnings: warningsFor(advert.value, expected),
  };
}

/** One clause for people: what a packet counted under this cause was. */
export function describeRejection(cause: Rejection): string {
  return DESCRIPTIONS[cause];
}

const DESCRIPTIONS: Readonly<Record<Rejection, string>> = {
  'not-ipv4': 'not one whole IPv4 packet',
  fragment: 'a fragment of an IPv4 packet',
  protocol: 'not IP protocol 112 (RFC 9568 §5.1.1.4)',
  ttl: 'TTL is not 255, so it may come from beyond this link (RFC 9568 §5.1.1.3)',
  destination: 'addressed neither to the VRRP group nor, where peers are named, to us',
  own: 'our own advertisement',
  stranger: 'sent by an address that is not a configured peer',
  truncated: 'shorter than the fixed part of a VRRP message (RFC 9568 §7.1)',
  version: 'not VRRP version 3 (RFC 9568 §7.1)',
  type: 'not an advertisement (RFC 9568 §7.1)',
  length: 'its length does not fit its number of addresses (RFC 9568 §7.1)',
  checksum: 'its checksum is wrong in both forms (RFC 9568 §5.2.8)',
  vrid: 'about another virtual router (RFC 9568 §7.1)',
  interval: 'promises adverts every 0 s (RFC 9568 §7.1, erratum 8301)',
};

/**
 * How the packet came here. RFC 9568 §7.1 asks only for the TTL; the others are ours. IP options are skipped rather
 * than refused, because labelled networking (CIPSO) adds them to every packet and a deaf backup would take over.
 */
function checkDelivery(ip: Ipv4Packet, expected: Expectations): Rejection | undefined {
  // Linux hands raw sockets reassembled packets, so a fragment was made to look like one.
  if (ip.isFragment) {
    return 'fragment';
  }
  if (ip.protocol !== VRRP_PROTOCOL) {
    return 'protocol';
  }
  if (ip.ttl !== VRRP_TTL) {
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
  // Ours: on a unicast pair a stranger with a higher priority would otherwise be obeyed.
  const { audience } = expected;
  const heard = audience.kind === 'multicast' || audience.peers.includes(ip.source);
  return heard ? undefined : 'stranger';
}

function destinationFor({ audience, ownAddress }: Expectations): Ip {
  switch (audience.kind) {
    case 'multicast':
      return VRRP_GROUP;
    case 'unicast':
      return ownAddress;
    default:
      return unreachable(audience);
  }
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

/** A different list is worth a word, not a refusal: two masters would be worse (RFC 9568 §7.1). */
function warningsFor(advert: Advert, expected: Expectations): readonly AdvertWarning[] {
  const { addresses } = advert;
  const same =
    addresses.length === expected.addresses.length &&
    expected.addresses.every((address) => addresses.includes(address));
  return same ? [] : ['address-list-differs'];
}

function reject(cause: Rejection): Verdict {
  return { kind: 'rejected', cause };
}
