/** Neighbour discovery over Ethernet (RFC 4861): what a new master announces, and who answers for an IPv6 address. */
import { isMulticastIp } from '../base/ip.js';
import type { Ipv6 } from '../base/ipv6.js';
import { IPV6_BYTES, ipv6Bytes, ipv6FromBytes, solicitedNode } from '../base/ipv6.js';
import type { MacAddress } from '../base/mac.js';
import { MAC_BYTES, macBytes, macFromBytes } from '../base/mac.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { checksumHolds, checksumOf, wordSum } from './internet-checksum.js';
import { byteAt, putWord, wordAt } from './octets.js';

/** The source of who has no address yet (RFC 4291 §2.5.2). */
export const UNSPECIFIED: Ipv6 = '::' as Ipv6;

/** Every node on the link (RFC 4291 §2.7.1). */
export const ALL_NODES: Ipv6 = 'ff02::1' as Ipv6;

export interface UnsolicitedAdvertisement {
  /** Where packets for the address shall go from now on. */
  readonly mac: MacAddress;
  readonly address: Ipv6;
  /** A host that advertised itself as a router before is dropped from its neighbours' lists of routers. */
  readonly role: 'router' | 'host';
}

export interface SolicitationRequest {
  /** The asker's own. */
  readonly mac: MacAddress;
  /** Undefined for a duplicate probe (RFC 4862 §5.4.2): the asker has no address yet. */
  readonly sender: Ipv6 | undefined;
  readonly target: Ipv6;
}

interface Delivery {
  readonly source: Ipv6;
  readonly destination: Ipv6;
  readonly sourceMac: MacAddress;
  readonly destinationMac: MacAddress;
}

/** One frame, as RFC 4861 §4.3 and §4.4 name its fields. */
export type NdpFrame =
  | (Delivery & {
      readonly kind: 'solicitation';
      readonly target: Ipv6;
      /** Source Link-Layer Address. */
      readonly linkLayer: MacAddress | undefined;
    })
  | (Delivery & {
      readonly kind: 'advertisement';
      readonly target: Ipv6;
      /** Target Link-Layer Address; without one it is the frame's source that answers. */
      readonly linkLayer: MacAddress | undefined;
      readonly flags: readonly NdpFlag[];
    });

export type NdpFlag = 'router' | 'solicited' | 'override';

/** The first thing that is wrong; lengths are in bytes, other numbers as found on the wire. */
export type NotAnNdpFrame =
  | { readonly code: 'truncated'; readonly found: number; readonly expected: number }
  | { readonly code: 'ether-type'; readonly found: number; readonly expected: number }
  | { readonly code: 'ip-version'; readonly found: number; readonly expected: number }
  | { readonly code: 'next-header'; readonly found: number; readonly expected: number }
  | { readonly code: 'hop-limit'; readonly found: number; readonly expected: number }
  | { readonly code: 'type'; readonly found: number; readonly expected: '135 or 136' }
  | { readonly code: 'icmp-code'; readonly found: number; readonly expected: number }
  | { readonly code: 'checksum' }
  | { readonly code: 'target'; readonly found: Ipv6; readonly expected: 'no multicast address' }
  | { readonly code: 'option'; readonly found: number; readonly expected: string }
  | { readonly code: 'duplicate-probe'; readonly found: string; readonly expected: string }
  | { readonly code: 'solicited-multicast' };

const SOURCE_MAC_AT = 6;
const ETHER_TYPE_AT = 12;
const ETHER_TYPE_IPV6 = 0x86dd;
/** Of the IPv6 header (RFC 8200 §3), which follows Ethernet's. */
const IP_AT = 14;
const VERSION = 6;
const PAYLOAD_LENGTH_AT = IP_AT + 4;
const NEXT_HEADER_AT = IP_AT + 6;
const HOP_LIMIT_AT = IP_AT + 7;
const SOURCE_AT = IP_AT + 8;
const DESTINATION_AT = IP_AT + 24;
const ICMP_AT = IP_AT + 40;
const ICMPV6 = 58;
/** Proves that the sender is on this link (RFC 4861 §3.1). */
const HOP_LIMIT = 255;
/** Of the ICMPv6 message (RFC 4861 §4.3, §4.4). */
const CODE_AT = ICMP_AT + 1;
const CHECKSUM_AT = ICMP_AT + 2;
const FLAGS_AT = ICMP_AT + 4;
const TARGET_AT = ICMP_AT + 8;
const OPTIONS_AT = ICMP_AT + 24;
const MESSAGE_BYTES = 24;
const SOLICITATION = 135;
const ADVERTISEMENT = 136;
const FLAGS: Readonly<Record<NdpFlag, number>> = { router: 0x80, solicited: 0x40, override: 0x20 };
/** Options are counted in units of eight bytes (RFC 4861 §4.6). */
const OPTION_UNIT = 8;
const SOURCE_LINK_LAYER = 1;
const TARGET_LINK_LAYER = 2;

/**
 * A whole frame to all nodes, as RFC 4861 §7.2.6 and RFC 9568 §6.4.1 ask: not solicited, override set, from the address
 * itself, which the announcer holds.
 */
export function encodeUnsolicitedAdvertisement(
  advertisement: UnsolicitedAdvertisement,
): Uint8Array {
  const { mac, address, role } = advertisement;
  const flags = FLAGS.override | (role === 'router' ? FLAGS.router : 0);
  return encode({
    mac,
    source: address,
    destination: ALL_NODES,
    message: [ADVERTISEMENT, 0, 0, 0, flags, 0, 0, 0, ...ipv6Bytes(address)],
    option: [TARGET_LINK_LAYER, 1, ...macBytes(mac)],
  });
}

/** A whole frame to the target's solicited-node group: who has `target`? */
export function encodeSolicitation({ mac, sender, target }: SolicitationRequest): Uint8Array {
  return encode({
    mac,
    source: sender ?? UNSPECIFIED,
    destination: solicitedNode(target),
    message: [SOLICITATION, 0, 0, 0, 0, 0, 0, 0, ...ipv6Bytes(target)],
    // Nobody may remember who asks without an address (RFC 4861 §4.3).
    option: sender === undefined ? [] : [SOURCE_LINK_LAYER, 1, ...macBytes(mac)],
  });
}

interface Draft {
  readonly mac: MacAddress;
  readonly source: Ipv6;
  readonly destination: Ipv6;
  /** With a checksum of zero. */
  readonly message: readonly number[];
  readonly option: readonly number[];
}

function encode({ mac, source, destination, message, option }: Draft): Uint8Array {
  const payload = [...message, ...option];
  const group = ipv6Bytes(destination);
  const frame = Uint8Array.from([
    // RFC 2464 §7: the group's last four bytes behind 33-33.
    ...[0x33, 0x33, ...group.subarray(IPV6_BYTES - 4)],
    ...macBytes(mac),
    ...[ETHER_TYPE_IPV6 >>> 8, ETHER_TYPE_IPV6 & 0xff],
    ...[VERSION << 4, 0, 0, 0, 0, payload.length, ICMPV6, HOP_LIMIT],
    ...ipv6Bytes(source),
    ...group,
    ...payload,
  ]);
  putWord(frame, CHECKSUM_AT, checksumOf(sumOf(frame, payload.length)));
  return frame;
}

/**
 * Reads an untagged Ethernet frame and makes the checks of RFC 4861 §7.1.1 and §7.1.2; padding behind the packet is
 * ignored. Extension headers are not followed: nobody puts them in front of neighbour discovery. Never throws.
 */
export function decodeNdp(frame: Uint8Array): Result<NdpFrame, NotAnNdpFrame> {
  const wrong = checkHeaders(frame) ?? checkMessage(frame, wordAt(frame, PAYLOAD_LENGTH_AT));
  if (wrong !== undefined) {
    return fail(wrong);
  }
  const options = readOptions(frame, OPTIONS_AT, ICMP_AT + wordAt(frame, PAYLOAD_LENGTH_AT));
  if (!options.ok) {
    return options;
  }
  const delivery = {
    source: ipv6FromBytes(frame, SOURCE_AT),
    destination: ipv6FromBytes(frame, DESTINATION_AT),
    sourceMac: macFromBytes(frame, SOURCE_MAC_AT),
    destinationMac: macFromBytes(frame, 0),
  };
  const target = ipv6FromBytes(frame, TARGET_AT);
  if (isMulticastIp(target)) {
    return fail({ code: 'target', found: target, expected: 'no multicast address' });
  }
  if (byteAt(frame, ICMP_AT) === SOLICITATION) {
    const linkLayer = options.value.get(SOURCE_LINK_LAYER);
    return checkProbe({ ...delivery, kind: 'solicitation', target, linkLayer });
  }
  const bits = byteAt(frame, FLAGS_AT);
  const flags = (['router', 'solicited', 'override'] as const).filter(
    (flag) => (bits & FLAGS[flag]) !== 0,
  );
  if (flags.includes('solicited') && isMulticastIp(delivery.destination)) {
    return fail({ code: 'solicited-multicast' });
  }
  const linkLayer = options.value.get(TARGET_LINK_LAYER);
  return ok({ ...delivery, kind: 'advertisement', target, linkLayer, flags });
}

/** Up to the whole ICMPv6 message's being there. */
function checkHeaders(frame: Uint8Array): NotAnNdpFrame | undefined {
  const expected = OPTIONS_AT;
  if (frame.length < expected) {
    return { code: 'truncated', found: frame.length, expected };
  }
  const etherType = wordAt(frame, ETHER_TYPE_AT);
  if (etherType !== ETHER_TYPE_IPV6) {
    return { code: 'ether-type', found: etherType, expected: ETHER_TYPE_IPV6 };
  }
  const version = byteAt(frame, IP_AT) >>> 4;
  if (version !== VERSION) {
    return { code: 'ip-version', found: version, expected: VERSION };
  }
  const nextHeader = byteAt(frame, NEXT_HEADER_AT);
  if (nextHeader !== ICMPV6) {
    return { code: 'next-header', found: nextHeader, expected: ICMPV6 };
  }
  const length = wordAt(frame, PAYLOAD_LENGTH_AT);
  if (length < MESSAGE_BYTES || ICMP_AT + length > frame.length) {
    return {
      code: 'truncated',
      found: frame.length - ICMP_AT,
      expected: Math.max(length, MESSAGE_BYTES),
    };
  }
  return undefined;
}

function checkMessage(frame: Uint8Array, length: number): NotAnNdpFrame | undefined {
  const hopLimit = byteAt(frame, HOP_LIMIT_AT);
  if (hopLimit !== HOP_LIMIT) {
    return { code: 'hop-limit', found: hopLimit, expected: HOP_LIMIT };
  }
  const type = byteAt(frame, ICMP_AT);
  if (type !== SOLICITATION && type !== ADVERTISEMENT) {
    return { code: 'type', found: type, expected: '135 or 136' };
  }
  const code = byteAt(frame, CODE_AT);
  if (code !== 0) {
    return { code: 'icmp-code', found: code, expected: 0 };
  }
  return checksumHolds(sumOf(frame, length)) ? undefined : { code: 'checksum' };
}

/** RFC 4861 §7.1.1: one without a source goes to the target's group, and names no link-layer address. */
function checkProbe(
  frame: Extract<NdpFrame, { kind: 'solicitation' }>,
): Result<NdpFrame, NotAnNdpFrame> {
  if (frame.source !== UNSPECIFIED) {
    return ok(frame);
  }
  const expected = solicitedNode(frame.target);
  if (frame.destination !== expected) {
    return fail({ code: 'duplicate-probe', found: `to ${frame.destination}`, expected });
  }
  return frame.linkLayer === undefined
    ? ok(frame)
    : fail({ code: 'duplicate-probe', found: frame.linkLayer, expected: 'no link-layer address' });
}

/** Link-layer addresses by the type of their option; options of other types are skipped (RFC 4861 §4.6). */
function readOptions(
  frame: Uint8Array,
  start: number,
  end: number,
): Result<ReadonlyMap<number, MacAddress>, NotAnNdpFrame> {
  const found = new Map<number, MacAddress>();
  for (let at = start; at < end;) {
    // A lone type byte at the end has no length: zero, which is never right.
    const length = at + 1 < end ? byteAt(frame, at + 1) * OPTION_UNIT : 0;
    if (length === 0 || at + length > end) {
      const expected = `1 to ${String(end - at)} bytes`;
      return fail({ code: 'option', found: length, expected });
    }
    // Ethernet's addresses fill one unit (RFC 2464 §6).
    if (length === 2 + MAC_BYTES) {
      found.set(byteAt(frame, at), macFromBytes(frame, at + 2));
    }
    at += length;
  }
  return ok(found);
}

/** Of the message, its checksum included, and the pseudo-header (RFC 8200 §8.1). */
function sumOf(frame: Uint8Array, length: number): number {
  const addresses = wordSum(frame.subarray(SOURCE_AT, ICMP_AT));
  return wordSum(frame.subarray(ICMP_AT, ICMP_AT + length), addresses + length + ICMPV6);
}
