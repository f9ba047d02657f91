/** rtnetlink messages about macvlan interfaces: bytes to values and back (linux/if_link.h). */
import type { MacAddress } from '../base/mac.js';
import { MAC_BYTES, macBytes, macFromBytes } from '../base/mac.js';
import type { KernelMessage, KernelReply } from './netlink.js';
import { FLAG } from './netlink.js';
import { attribute, nested, readAttributes, textAttribute, textOf } from './netlink-attributes.js';
import { RTM } from './rtnetlink-messages.js';

/** Any interface, as far as we need to know whose it is. */
export interface InterfaceMessage {
  readonly index: number;
  readonly name: string;
  readonly kind: string;
  /** Undefined where it is on top of no other, or of one in another network namespace. */
  readonly parentIndex: number | undefined;
  readonly mac: MacAddress | undefined;
  readonly alias: string;
}

const IFINFOMSG_BYTES = 16;
const IFLA = { address: 1, name: 3, link: 5, linkInfo: 18, alias: 20, linkNamespace: 37 };
const IFLA_INFO = { kind: 1, ofKind: 2 };
const IFLA_MACVLAN_MODE = 1;
const MACVLAN = 'macvlan';
/**
 * Not private: such a one takes every frame whose source is its own address for itself, so that the parent would be deaf
 * to a peer that has the same virtual address. In bridge mode the parent hears all that comes to a group.
 */
const MACVLAN_MODE_BRIDGE = 4;
const IFF_UP = 1;
const EXCLUSIVE = 0x200;

export function newMacvlan(wanted: {
  readonly name: string;
  readonly parentIndex: number;
  readonly mac: MacAddress;
}): KernelMessage {
  const body = Buffer.concat([
    header({ index: 0, flags: 0, change: 0 }),
    textAttribute(IFLA.name, wanted.name),
    attribute(IFLA.link, uint32(wanted.parentIndex)),
    attribute(IFLA.address, macBytes(wanted.mac)),
    nested(
      IFLA.linkInfo,
      textAttribute(IFLA_INFO.kind, MACVLAN),
      nested(IFLA_INFO.ofKind, attribute(IFLA_MACVLAN_MODE, uint32(MACVLAN_MODE_BRIDGE))),
    ),
  ]);
  return { type: RTM.newLink, flags: FLAG.create | EXCLUSIVE, body };
}

/** The kernel takes no alias while it makes an interface. */
export function setAlias(name: string, alias: string): KernelMessage {
  const body = Buffer.concat([
    header({ index: 0, flags: 0, change: 0 }),
    textAttribute(IFLA.name, name),
    textAttribute(IFLA.alias, alias),
  ]);
  return { type: RTM.newLink, flags: FLAG.ack, body };
}

export function turnLink(index: number, state: 'up' | 'down'): KernelMessage {
  const flags = state === 'up' ? IFF_UP : 0;
  return { type: RTM.newLink, flags: FLAG.ack, body: header({ index, flags, change: IFF_UP }) };
}

export function deleteLink(index: number): KernelMessage {
  return { type: RTM.delLink, flags: FLAG.ack, body: header({ index, flags: 0, change: 0 }) };
}

export function listInterfaces(): KernelMessage {
  return {
    type: RTM.getLink,
    flags: FLAG.dump,
    body: header({ index: 0, flags: 0, change: 0 }),
  };
}

export function readInterface({ body }: KernelReply): InterfaceMessage {
  const attributes = readAttributes(body, IFINFOMSG_BYTES);
  const text = (type: number): string => textOf(attributes.get(type) ?? Buffer.alloc(0));
  const info = readAttributes(attributes.get(IFLA.linkInfo) ?? Buffer.alloc(0), 0);
  const address = attributes.get(IFLA.address);
  const elsewhere = attributes.has(IFLA.linkNamespace);
  return {
    index: body.readUInt32LE(4),
    name: text(IFLA.name),
    kind: textOf(info.get(IFLA_INFO.kind) ?? Buffer.alloc(0)),
    parentIndex: elsewhere ? undefined : attributes.get(IFLA.link)?.readUInt32LE(0),
    mac: address?.length === MAC_BYTES ? macFromBytes(address, 0) : undefined,
    alias: text(IFLA.alias),
  };
}

export function isMacvlan({ kind }: InterfaceMessage): boolean {
  return kind === MACVLAN;
}

/** struct ifinfomsg. */
function header(link: {
  readonly index: number;
  readonly flags: number;
  readonly change: number;
}): Buffer {
  const bytes = Buffer.alloc(IFINFOMSG_BYTES);
  bytes.writeInt32LE(link.index, 4);
  bytes.writeUInt32LE(link.flags, 8);
  bytes.writeUInt32LE(link.change, 12);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
