/** rtnetlink messages about addresses and links: bytes to values and back. */
import type { LinkState } from '../core/notice.js';
import type { Cidr, Ip } from '../base/ip.js';
import { ipBytes, isIpv6 } from '../base/ip.js';
import { ipv4FromBytes } from '../base/ipv4.js';
import { ipv6FromBytes } from '../base/ipv6.js';
import type { Seconds } from '../base/time.js';
import { seconds } from '../base/time.js';
import type { AddressState } from '../ports/address-table.js';
import type { KernelMessage, KernelReply } from './netlink.js';
import { FLAG } from './netlink.js';
import { attribute, readAttributes, textAttribute, textOf } from './netlink-attributes.js';

/** Message types and groups (linux/rtnetlink.h). */
export const RTM = { newLink: 16, delLink: 17, getLink: 18, newAddr: 20, delAddr: 21, getAddr: 22 };
export const RTNLGRP = { link: 1, ipv4Address: 5, ipv6Address: 9 };

/** An address as the kernel tells of it. */
export interface AddressMessage {
  readonly interfaceIndex: number;
  readonly cidr: Cidr;
  /** Only IPv4 addresses have one. */
  readonly label: string;
  readonly state: AddressState;
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
const AF_INET6 = 10;
const IFADDRMSG_BYTES = 8;
const IFINFOMSG_BYTES = 16;
const IFA = { address: 1, local: 2, label: 3, cacheInfo: 6, flags: 8, proto: 11 };
const IFA_F = { noDad: 0x02, dadFailed: 0x08, deprecated: 0x20, tentative: 0x40 };
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
  const { index, cidr } = target;
  const body = Buffer.concat([
    addressBody(index, cidr),
    attribute(IFA.proto, Uint8Array.of(OUR_PROTOCOL)),
    ...(isIpv6(cidr.address)
      ? [
          // Usable at once (RFC 4862 §5.4 would keep it silent for a second); duplicates are looked for before.
          attribute(IFA.flags, uint32(IFA_F.noDad)),
          // Deprecated from the start (RFC 4862 §5.5.4): what this node says by itself never leaves from it.
          lifetimes({ preferred: 0, valid: validFor }),
        ]
      : [
          // Preferred to the end: an IPv4 address that outlived its preference would be no less ours.
          lifetimes({ preferred: validFor, valid: validFor }),
          ...labelAttribute(target.interface),
        ]),
  ]);
  return { type: RTM.newAddr, flags: FLAG.ack | FLAG.create | FLAG.replace, body };
}

export function deleteAddress(index: number, cidr: Cidr): KernelMessage {
  return { type: RTM.delAddr, flags: FLAG.ack, body: addressBody(index, cidr) };
}

/** All addresses of both families on all interfaces; none of IPv6 where the kernel has none. */
export function listAddresses(): KernelMessage {
  const body = Buffer.alloc(IFADDRMSG_BYTES);
  body[0] = AF_UNSPEC;
  return { type: RTM.getAddr, flags: FLAG.dump, body };
}

/**
 * What proves that an address is ours. A label says nothing of who chose it, so it counts only where the kernel keeps no
 * mark; one that does leaves the attribute out for an address that was given none. IPv6 has no labels: there what
 * nobody else would ask for stands in for one, an address deprecated from the start and never probed for.
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
  if (!about || body.length < IFADDRMSG_BYTES) {
    return undefined;
  }
  const attributes = readAttributes(body, IFADDRMSG_BYTES);
  const address = readIp(body[0], attributes.get(IFA.local) ?? attributes.get(IFA.address));
  if (address === undefined) {
    return undefined;
  }
  const flags = attributes.get(IFA.flags)?.readUInt32LE(0) ?? body.readUInt8(2);
  const told = {
    interfaceIndex: body.readUInt32LE(4),
    cidr: { address, prefixLength: body.readUInt8(1) },
    label: textOf(attributes.get(IFA.label) ?? Buffer.alloc(0)),
    state: stateOf(flags),
    validFor: lifetime(attributes.get(IFA.cacheInfo)),
  };
  const marked = attributes.get(IFA.proto)?.[0] === OUR_PROTOCOL;
  return { ...told, ours: marked || (proof === 'mark-or-label' && looksLikeOurs(told, flags)) };
}

function looksLikeOurs(told: Omit<AddressMessage, 'ours'>, flags: number): boolean {
  const shape = IFA_F.noDad | IFA_F.deprecated;
  return isIpv6(told.cidr.address)
    ? (flags & shape) === shape && told.validFor !== undefined
    : told.label.endsWith(LABEL_SUFFIX);
}

function readIp(family: number | undefined, bytes: Buffer | undefined): Ip | undefined {
  if (family === AF_INET && bytes?.length === 4) {
    return ipv4FromBytes(bytes, 0);
  }
  return family === AF_INET6 && bytes?.length === 16 ? ipv6FromBytes(bytes, 0) : undefined;
}

/** A duplicate stays tentative too, for ever. */
function stateOf(flags: number): AddressState {
  if ((flags & IFA_F.dadFailed) !== 0) {
    return 'duplicate';
  }
  return (flags & IFA_F.tentative) === 0 ? 'usable' : 'tentative';
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
  header[0] = isIpv6(cidr.address) ? AF_INET6 : AF_INET;
  header[1] = cidr.prefixLength;
  header[3] = RT_SCOPE_UNIVERSE;
  header.writeUInt32LE(index, 4);
  const address = ipBytes(cidr.address);
  return Buffer.concat([header, attribute(IFA.local, address), attribute(IFA.address, address)]);
}

function labelAttribute(interfaceName: string): readonly Buffer[] {
  const label = labelFor(interfaceName);
  return label === undefined ? [] : [textAttribute(IFA.label, label)];
}

/** struct ifa_cacheinfo: preferred, valid, and two timestamps. */
function lifetimes({
  preferred,
  valid,
}: {
  readonly preferred: number;
  readonly valid: number;
}): Buffer {
  const cacheInfo = Buffer.alloc(16);
  cacheInfo.writeUInt32LE(preferred, 0);
  cacheInfo.writeUInt32LE(valid, 4);
  return attribute(IFA.cacheInfo, cacheInfo);
}

function lifetime(cacheInfo: Buffer | undefined): Seconds | undefined {
  const valid = cacheInfo === undefined ? UNLIMITED : cacheInfo.readUInt32LE(4);
  return valid === UNLIMITED ? undefined : seconds(valid);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
