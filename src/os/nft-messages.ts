/** nf_tables messages about the elements of a set with timeouts (linux/netfilter/nf_tables.h, nfnetlink.h). */
import type { Ip } from '../base/ip.js';
import { ipBytes } from '../base/ip.js';
import { ipv4FromBytes } from '../base/ipv4.js';
import { IPV6_BYTES, ipv6FromBytes } from '../base/ipv6.js';
import type { Millis } from '../base/time.js';
import { millis } from '../base/time.js';
import type { KernelMessage, KernelReply } from './netlink.js';
import { FLAG } from './netlink.js';
import {
  attribute,
  listAttributes,
  nested,
  readAttributes,
  textAttribute,
} from './netlink-attributes.js';

/** A set of addresses in a table of a family, or a map of addresses to addresses. */
export interface ElementSet {
  readonly family: 'ip' | 'arp' | 'ip6';
  readonly table: string;
  readonly set: string;
}

export type RuleTable = Pick<ElementSet, 'family' | 'table'>;

export interface Element {
  readonly address: Ip;
  readonly expiresIn: Millis;
}

/** nfnetlink puts the subsystem in the upper byte of the type. */
const NFNL_SUBSYS_NFTABLES = 10;
const NFNL_MSG_BATCH_BEGIN = 0x10;
const NFNL_MSG_BATCH_END = 0x11;
const NFT_MSG = { getRule: 7, newElement: 12, getElement: 13, deleteElement: 14 };
const NFPROTO = { ip: 2, arp: 3, ip6: 10 };
const NFGENMSG_BYTES = 4;
/** Of the list of elements: which set, and the elements. */
const NFTA_LIST = { table: 1, set: 2, elements: 3 };
const NFTA_LIST_ELEM = 1;
const NFTA_RULE_TABLE = 1;
/** Of one element. */
const NFTA_ELEMENT = { key: 1, value: 2, timeout: 4, expiration: 5 };
const NFTA_DATA_VALUE = 1;

/** Makes the messages one transaction: the kernel does all or nothing, and packets see it at one moment. */
export function transaction(messages: readonly KernelMessage[]): readonly KernelMessage[] {
  const last = messages.length - 1;
  return [
    batchMark(NFNL_MSG_BATCH_BEGIN),
    ...messages.map((each, position) =>
      // One acknowledgement, asked of the last message, answers for all; errors come unasked, and first.
      position === last ? { ...each, flags: each.flags | FLAG.ack } : each,
    ),
    batchMark(NFNL_MSG_BATCH_END),
  ];
}

/** Adds elements that end `lasting` from now. One that is there is left alone by kernels before 6.12. */
export function addElements(
  to: ElementSet,
  addresses: readonly Ip[],
  lasting: Millis,
): KernelMessage {
  return newElements(
    to,
    addresses.map((address) => [key(address)]),
    lasting,
  );
}

/** Likewise for a map. One that is there with another value makes the transaction fail. */
export function addEntries(
  to: ElementSet,
  entries: readonly (readonly [address: Ip, value: Ip])[],
  lasting: Millis,
): KernelMessage {
  return newElements(
    to,
    entries.map(([address, value]) => [
      key(address),
      nested(NFTA_ELEMENT.value, attribute(NFTA_DATA_VALUE, ipBytes(value))),
    ]),
    lasting,
  );
}

function newElements(
  to: ElementSet,
  members: readonly (readonly Uint8Array[])[],
  lasting: Millis,
): KernelMessage {
  const timeout = Buffer.alloc(8);
  // nf_tables counts milliseconds, most significant byte first. Rounded down: a lease may end early, not late.
  timeout.writeBigUInt64BE(BigInt(Math.max(1, Math.floor(lasting))));
  const elements = members.map((parts) =>
    nested(
      NFTA_LIST_ELEM,
      ...parts,
      attribute(NFTA_ELEMENT.timeout, timeout),
      // Without it, adding again what is there with the same timeout changes nothing.
      attribute(NFTA_ELEMENT.expiration, timeout),
    ),
  );
  return {
    type: messageType(NFT_MSG.newElement),
    flags: FLAG.create,
    body: elementList(to, elements),
  };
}

/** Fails with ENOENT where one of them is not there. */
export function deleteElements(from: ElementSet, addresses: readonly Ip[]): KernelMessage {
  const elements = addresses.map((address) => nested(NFTA_LIST_ELEM, key(address)));
  return {
    type: messageType(NFT_MSG.deleteElement),
    flags: 0,
    body: elementList(from, elements),
  };
}

/** Asks for all elements of a set; not part of a transaction. */
export function listElements(of: ElementSet): KernelMessage {
  return { type: messageType(NFT_MSG.getElement), flags: FLAG.dump, body: elementList(of, []) };
}

/** The elements in one reply; those that have ended but were not yet collected are left out. */
export function readElements(reply: KernelReply): readonly Element[] {
  const list = readAttributes(reply.body, NFGENMSG_BYTES).get(NFTA_LIST.elements);
  return list === undefined
    ? []
    : listAttributes(list, 0).flatMap(([, element]) => readElement(element));
}

/** Asks for all rules of a table; not part of a transaction. Where there is no such table there are none. */
export function listRules({ family, table }: RuleTable): KernelMessage {
  const body = Buffer.concat([
    generalHeader(NFPROTO[family], 0),
    textAttribute(NFTA_RULE_TABLE, table),
  ]);
  return { type: messageType(NFT_MSG.getRule), flags: FLAG.dump, body };
}

/** Whether a reply is a rule of that table: older kernels list those of all. */
export function isRuleOf({ table }: RuleTable, reply: KernelReply): boolean {
  const name = readAttributes(reply.body, NFGENMSG_BYTES).get(NFTA_RULE_TABLE);
  return name?.toString('latin1').replace(/\0$/u, '') === table;
}

function readElement(element: Buffer): readonly Element[] {
  const attributes = readAttributes(element, 0);
  const value = readAttributes(attributes.get(NFTA_ELEMENT.key) ?? Buffer.alloc(0), 0);
  const address = readAddress(value.get(NFTA_DATA_VALUE));
  const expiration = attributes.get(NFTA_ELEMENT.expiration);
  if (address === undefined || expiration?.length !== 8) {
    return [];
  }
  const expiresIn = millis(Number(expiration.readBigUInt64BE()));
  return expiresIn > 0 ? [{ address, expiresIn }] : [];
}

function readAddress(bytes: Buffer | undefined): Ip | undefined {
  if (bytes?.length === 4) {
    return ipv4FromBytes(bytes, 0);
  }
  return bytes?.length === IPV6_BYTES ? ipv6FromBytes(bytes, 0) : undefined;
}

function elementList(set: ElementSet, elements: readonly Uint8Array[]): Buffer {
  return Buffer.concat([
    generalHeader(NFPROTO[set.family], 0),
    textAttribute(NFTA_LIST.table, set.table),
    textAttribute(NFTA_LIST.set, set.set),
    ...(elements.length === 0 ? [] : [nested(NFTA_LIST.elements, ...elements)]),
  ]);
}

function key(address: Ip): Buffer {
  return nested(NFTA_ELEMENT.key, attribute(NFTA_DATA_VALUE, ipBytes(address)));
}

function messageType(type: number): number {
  return (NFNL_SUBSYS_NFTABLES << 8) | type;
}

function batchMark(type: number): KernelMessage {
  return { type, flags: 0, body: generalHeader(0, NFNL_SUBSYS_NFTABLES) };
}

/** struct nfgenmsg: family, version, and a resource id that names the subsystem of a batch, in network order. */
function generalHeader(family: number, resource: number): Buffer {
  const header = Buffer.alloc(NFGENMSG_BYTES);
  header[0] = family;
  header.writeUInt16BE(resource, 2);
  return header;
}
