/** ARP over Ethernet (RFC 826): the gratuitous announcements a new master sends, and frames seen in a capture. */
import type { Ipv4 } from '../base/ipv4.js';
import { ipv4Bytes, ipv4FromBytes } from '../base/ipv4.js';
import type { MacAddress } from '../base/mac.js';
import { macBytes, macFromBytes } from '../base/mac.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { byteAt, putWord, wordAt } from './octets.js';

/** An Ethernet header and an ARP packet for IPv4, in bytes; the driver pads it to Ethernet's minimum. */
export const ARP_FRAME_BYTES = 42;

/** Everyone on the link. */
export const BROADCAST_MAC: MacAddress = 'ff:ff:ff:ff:ff:ff' as MacAddress;

/** The hardware address of a field that names nobody. */
export const NO_MAC: MacAddress = '00:00:00:00:00:00' as MacAddress;

/** Which of the two ways of announcing an address; some switches and hosts honour only one of them. */
export type GratuitousForm = 'request' | 'reply';

export interface GratuitousArp {
  readonly form: GratuitousForm;
  /** Where packets for the address shall go from now on. */
  readonly mac: MacAddress;
  readonly address: Ipv4;
}

export interface ArpRequest {
  /** The asker's own addresses. */
  readonly mac: MacAddress;
  readonly sender: Ipv4;
  readonly target: Ipv4;
}

/** One frame, as RFC 826 names its fields. */
export interface ArpFrame {
  readonly operation: GratuitousForm;
  readonly senderMac: MacAddress;
  readonly senderAddress: Ipv4;
  readonly targetMac: MacAddress;
  readonly targetAddress: Ipv4;
  /** The Ethernet header's source. */
  readonly sourceMac: MacAddress;
  /** The Ethernet header's destination. */
  readonly destinationMac: MacAddress;
}

/** Lengths are in bytes; types are the numbers found on the wire. */
export type NotAnArpFrame =
  | { readonly code: 'truncated'; readonly found: number; readonly expected: number }
  | { readonly code: 'ether-type'; readonly found: number; readonly expected: number }
  | { readonly code: 'not-ipv4-over-ethernet'; readonly found: string; readonly expected: string }
  | { readonly code: 'operation'; readonly found: number; readonly expected: '1 or 2' };

const DESTINATION_AT = 0;
const SOURCE_AT = 6;
const ETHER_TYPE_AT = 12;
const ETHER_TYPE_ARP = 0x0806;
const FAMILY_AT = 14;
/** Hardware type Ethernet, protocol type IPv4, and the lengths of their addresses (RFC 826, "Packet format"). */
const IPV4_OVER_ETHERNET = [0, 1, 0x08, 0, 6, 4] as const;
const OPERATION_AT = 20;
const REQUEST = 1;
const REPLY = 2;
const SENDER_MAC_AT = 22;
const SENDER_ADDRESS_AT = 28;
const TARGET_MAC_AT = 32;
const TARGET_ADDRESS_AT = 38;

/**
 * A whole broadcast frame. Sender and target address are both the announced one. The request form is the ARP
 * Announcement of RFC 5227 §2.3, whose target hardware address should be zero (RFC 5227 §2.1.1); keepalived writes
 * ones there, and receivers ignore it. In the reply form it is the new owner's, as RFC 5944 §4.6 asks.
 */
export function encodeGratuitousArp({ form, mac, address }: GratuitousArp): Uint8Array {
  return broadcast({
    operation: form,
    senderMac: mac,
    senderAddress: address,
    targetMac: form === 'request' ? NO_MAC : mac,
    targetAddress: address,
  });
}

/** An ordinary question to everyone on the link: who has `target`? (RFC 826, "Packet Generation"). */
export function encodeArpRequest({ mac, sender, target }: ArpRequest): Uint8Array {
  return broadcast({
    operation: 'request',
    senderMac: mac,
    senderAddress: sender,
    targetMac: NO_MAC,
    targetAddress: target,
  });
}

function broadcast(arp: Omit<ArpFrame, 'sourceMac' | 'destinationMac'>): Uint8Array {
  const frame = new Uint8Array(ARP_FRAME_BYTES);
  frame.set(macBytes(BROADCAST_MAC), DESTINATION_AT);
  frame.set(macBytes(arp.senderMac), SOURCE_AT);
  putWord(frame, ETHER_TYPE_AT, ETHER_TYPE_ARP);
  frame.set(IPV4_OVER_ETHERNET, FAMILY_AT);
  putWord(frame, OPERATION_AT, arp.operation === 'request' ? REQUEST : REPLY);
  frame.set(macBytes(arp.senderMac), SENDER_MAC_AT);
  frame.set(ipv4Bytes(arp.senderAddress), SENDER_ADDRESS_AT);
  frame.set(macBytes(arp.targetMac), TARGET_MAC_AT);
  frame.set(ipv4Bytes(arp.targetAddress), TARGET_ADDRESS_AT);
  return frame;
}

/** Reads an untagged Ethernet frame (RFC 826); padding behind the packet is ignored. Never throws. */
export function decodeArp(frame: Uint8Array): Result<ArpFrame, NotAnArpFrame> {
  if (frame.length < ARP_FRAME_BYTES) {
    return fail({ code: 'truncated', found: frame.length, expected: ARP_FRAME_BYTES });
  }
  const etherType = wordAt(frame, ETHER_TYPE_AT);
  if (etherType !== ETHER_TYPE_ARP) {
    return fail({ code: 'ether-type', found: etherType, expected: ETHER_TYPE_ARP });
  }
  if (IPV4_OVER_ETHERNET.some((octet, index) => byteAt(frame, FAMILY_AT + index) !== octet)) {
    const found = frame.subarray(FAMILY_AT, FAMILY_AT + IPV4_OVER_ETHERNET.length).join(' ');
    return fail({ code: 'not-ipv4-over-ethernet', found, expected: IPV4_OVER_ETHERNET.join(' ') });
  }
  const operation = wordAt(frame, OPERATION_AT);
  if (operation !== REQUEST && operation !== REPLY) {
    return fail({ code: 'operation', found: operation, expected: '1 or 2' });
  }
  return ok({
    operation: operation === REQUEST ? 'request' : 'reply',
    senderMac: macFromBytes(frame, SENDER_MAC_AT),
    senderAddress: ipv4FromBytes(frame, SENDER_ADDRESS_AT),
    targetMac: macFromBytes(frame, TARGET_MAC_AT),
    targetAddress: ipv4FromBytes(frame, TARGET_ADDRESS_AT),
    sourceMac: macFromBytes(frame, SOURCE_AT),
    destinationMac: macFromBytes(frame, DESTINATION_AT),
  });
}
