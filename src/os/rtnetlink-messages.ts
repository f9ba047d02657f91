/** rtnetlink messages about IPv4 addresses and links: bytes to values and back. */
import type { LinkState } from '../core/notice.js';
import type { Cidr, Ip } from '../base/ip.js';
import { ipBytes } from '../base/ip.js';
import { ipv4FromBytes } from '../base/ipv4.js';
import type { Seconds } from '../base/time.js';
import { seconds } from '../base/time.js';
import type { KernelMessage, KernelReply } from './netlink.js';
import { FLAG } from './netlink.js';
import { attribute, readAttributes, textAttribute, textOf } from './netlink-attributes.js';

/** Message types and groups (linux/rtnetlink.h). */
export const RTM = { newLink: 16, delLink: 17, getLink: 18, newAddr: 20, delAddr: 21, getAddr: 22 };
export const RTNLGRP = { link: 1, ipv4Address: 5 };

/** An address as the kernel tells of it. */
export interface AddressMessage {
  readonly interfaceIndex: number;
  readonly cidr: Cidr;
  readonly label: string;
  readonly ours: boolean;
  readonly validFor: Seconds | undefined;
}

/** A link as the kernel tells of it. */
export interface LinkMessage {
  readonly interfaceIndex: number;
  readonly name: string;
  readonly state: Exclude<LinkState, 'missing'>;
}

const AF_UNSPEC = 0;
const AF_INET = 2;
const IFADDRMSG_BYTES = 8;
const IFINFOMSG_BYTES = 16;
const IFA = { address: 1, local: 2, label: 3, cacheInfo: 6, proto: 11 };
const IFLA_IFNAME = 3;
const RT_SCOPE_UNIVERSE = 0;
const UNLIMITED = 0xffff_ffff;
const IFF_UP = 0x1;
/** Carrier, where IFF_RUNNING would also wait for a protocol such as 802.1X. */
const IFF_LOWER_UP = 0x10000;
/** A label fits 15 characters and a terminating zero. */
const LABEL_CHARACTERS = 15;
const LABEL_SUFFIX = ':vip';
/**
 * Our mark in IFA_PROTO. Linux 5.18 and later keep it, earlier ones ignore it; 0 to 3 are the kernel's own.
 */
const OUR_PROTOCOL = 0x76;

/** What an address on that interface is labelled, so that `ip addr` shows whose it is. */
export function labelFor(interfaceName: string): string | undefined {
  const label = `${interfaceName}${LABEL_SUFFIX}`;
  return label.length <= LABEL_CHARACTERS ? label : undefined;
}

export function newAddress(
  target: { readonly index: number; readonly interface: string; readonly cidr: Cidr },
  validFor: Seconds,
): KernelMessage {
  const label = labelFor(target.interface);
  const lifetimes = Buffer.alloc(16);
  // Preferred and valid: one that outlived its preference would still be ours.
  lifetimes.writeUInt32LE(validFor, 0);
  lifetimes.writeUInt32LE(validFor, 4);
  const body = Buffer.concat([
    addressBody(target.index, target.cidr),
    attribute(IFA.cacheInfo, lifetimes),
    attribute(IFA.proto, Uint8Array.of(OUR_PROTOCOL)),
    ...(label === undefined ? [] : [textAttribute(IFA.label, label)]),
  ]);
  return { type: RTM.newAddr, flags: FLAG.ack | FLAG.create | FLAG.replace, body };
}

export function deleteAddress(index: number, cidr: Cidr): KernelMessage {
  return { type: RTM.delAddr, flags: FLAG.ack, body: addressBody(index, cidr) };
}

/** All IPv4 addresses of all interfaces. */
export function listAddresses(): KernelMessage {
  const body = Buffer.alloc(IFADDRMSG_BYTES);
  body[0] = AF_INET;
  return { type: RTM.getAddr, flags: FLAG.dump, body };
}

/**
 * What proves that an address is ours. A label says nothing of who chose it, so it counts only where the kernel keeps no
 * mark; one that does leaves the attribute out for an address that was given none.
 */
export type ProofOfOwnership = 'mark' | 'mark-or-label';

/** `release` as `uname -r` tells it. Distributions that took the mark into an older kernel are none the worse. */
export function proofOfOwnership(release: string): ProofOfOwnership {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  return major > 5 || (major === 5 && minor >= 18) ? 'mark' : 'mark-or-label';
}

/** Undefined where the message is about something else. */
export function readAddress(
  message: KernelReply,
  proof: ProofOfOwnership,
): AddressMessage | undefined {
  const { type, body } = message;
  const about = type === RTM.newAddr || type === RTM.delAddr;
  if (!about || body.length < IFADDRMSG_BYTES || body[0] !== AF_INET) {
    return undefined;
  }
  const attributes = readAttributes(body, IFADDRMSG_BYTES);
  const local = attributes.get(IFA.local) ?? attributes.get(IFA.address);
  if (local?.length !== 4) {
    return undefined;
  }
  const label = textOf(attributes.get(IFA.label) ?? Buffer.alloc(0));
  const marked = attributes.get(IFA.proto)?.[0] === OUR_PROTOCOL;
  const ours = marked || (proof === 'mark-or-label' && label.endsWith(LABEL_SUFFIX));
  const address: Ip = ipv4FromBytes(local, 0);
  return {
    interfaceIndex: body.readUInt32LE(4),
    cidr: { address, prefixLength: body.readUInt8(1) },
    label,
    ours,
    validFor: lifetime(attributes.get(IFA.cacheInfo)),
  };
}

export function getLink(name: string): KernelMessage {
  const body = Buffer.concat([Buffer.alloc(IFINFOMSG_BYTES), textAttribute(IFLA_IFNAME, name)]);
  return { type: RTM.getLink, flags: FLAG.ack, body };
}

/** Undefined where the message is about something else, such as the port of a bridge. */
export function readLink(message: KernelReply): LinkMessage | undefined {
  const { type, body } = message;
  const about = type === RTM.newLink || type === RTM.delLink;
  if (!about || body.length < IFINFOMSG_BYTES || body[0] !== AF_UNSPEC) {
    return undefined;
  }
  const name = readAttributes(body, IFINFOMSG_BYTES).get(IFLA_IFNAME);
  const flags = body.readUInt32LE(8);
  const up = (flags & IFF_UP) !== 0 && (flags & IFF_LOWER_UP) !== 0;
  return {
    interfaceIndex: body.readUInt32LE(4),
    name: textOf(name ?? Buffer.alloc(0)),
    state: up ? 'up' : 'down',
  };
}

/** struct ifaddrmsg, then the address itself. */
function addressBody(index: number, cidr: Cidr): Buffer {
  const header = Buffer.alloc(IFADDRMSG_BYTES);
  header[0] = AF_INET;
  header[1] = cidr.prefixLength;
  header[3] = RT_SCOPE_UNIVERSE;
  header.writeUInt32LE(index, 4);
  const address = ipBytes(cidr.address);
  return Buffer.concat([header, attribute(IFA.local, address), attribute(IFA.address, address)]);
}

/** struct ifa_cacheinfo: preferred, valid, and two timestamps. */
function lifetime(cacheInfo: Buffer | undefined): Seconds | undefined {
  const valid = cacheInfo === undefined ? UNLIMITED : cacheInfo.readUInt32LE(4);
  return valid === UNLIMITED ? undefined : seconds(valid);
}
