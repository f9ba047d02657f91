/** Messages of sock_diag(7): which TCP sockets have one of some addresses, and that one of them shall end. */
import type { Family, Ip } from '../base/ip.js';
import { FAMILY_BITS, familyOf, ipBytes } from '../base/ip.js';
import type { KernelMessage, KernelReply } from './netlink.js';
import { FLAG } from './netlink.js';

/** A socket, as the kernel names it. */
export interface SocketName {
  readonly family: number;
  /** Ports, addresses, interface and cookie. */
  readonly id: Buffer;
}

/** The kernel finds them; an IPv4 address may be that of a socket of IPv6 (RFC 4291 §2.5.5.2). */
export function listSockets(family: Family, addresses: readonly Ip[]): KernelMessage {
  const program = anyOf(addresses);
  const attribute = Buffer.alloc(ATTRIBUTE_BYTES);
  attribute.writeUInt16LE(ATTRIBUTE_BYTES + program.length, 0);
  attribute.writeUInt16LE(INET_DIAG_REQ_BYTECODE, 2);
  const request = head(FAMILY_NUMBERS[family]);
  return {
    type: SOCK_DIAG_BY_FAMILY,
    flags: FLAG.dump,
    body: Buffer.concat([request, Buffer.alloc(ID_BYTES), attribute, program]),
  };
}

/** Undefined where it is no socket. */
export function readSocket({ type, body }: KernelReply): SocketName | undefined {
  return type === SOCK_DIAG_BY_FAMILY && body.length >= ID_AT + ID_BYTES
    ? { family: body.readUInt8(0), id: body.subarray(ID_AT, ID_AT + ID_BYTES) }
    : undefined;
}

/** One that has ended meanwhile is ENOENT. */
export function destroySocket({ family, id }: SocketName, flags: number): KernelMessage {
  return { type: SOCK_DESTROY, flags, body: Buffer.concat([head(family), id]) };
}

/** struct inet_diag_req_v2 (linux/inet_diag.h) up to the socket's name. */
function head(family: number): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES);
  bytes.writeUInt8(family, 0);
  bytes.writeUInt8(IPPROTO_TCP, 1);
  bytes.writeUInt32LE(STATES, STATES_AT);
  return bytes;
}

/**
 * The kernel's little language (linux/inet_diag.h): each condition is followed by a jump to the end, which accepts;
 * where it does not hold, the next is tried. Past the end of the program is no.
 */
function anyOf(addresses: readonly Ip[]): Buffer {
  const conditions = addresses.map(hostCondition);
  const sizes = conditions.map((each) => OP_BYTES + each.length + OP_BYTES);
  const total = sizes.reduce((all, each) => all + each, 0);
  let left = total;
  const parts = conditions.map((condition, index) => {
    const size = sizes[index] ?? 0;
    const isLast = index === conditions.length - 1;
    const no = isLast ? size + PAST_THE_END : size;
    const part = Buffer.concat([
      operation(INET_DIAG_BC_S_COND, size - OP_BYTES, no),
      condition,
      operation(INET_DIAG_BC_JMP, OP_BYTES, left - (size - OP_BYTES)),
    ]);
    left -= size;
    return part;
  });
  return Buffer.concat(parts);
}

function operation(code: number, yes: number, no: number): Buffer {
  const bytes = Buffer.alloc(OP_BYTES);
  bytes.writeUInt8(code, 0);
  bytes.writeUInt8(yes, 1);
  bytes.writeUInt16LE(no, 2);
  return bytes;
}

/** struct inet_diag_hostcond: the whole address, whatever the port. */
function hostCondition(address: Ip): Buffer {
  const family = familyOf(address);
  const bytes = Buffer.alloc(HOST_BYTES);
  bytes.writeUInt8(FAMILY_NUMBERS[family], 0);
  bytes.writeUInt8(FAMILY_BITS[family], 1);
  bytes.writeInt32LE(ANY_PORT, HOST_PORT_AT);
  return Buffer.concat([bytes, ipBytes(address)]);
}

const FAMILY_NUMBERS: Readonly<Record<Family, number>> = { ipv4: 2, ipv6: 10 };
const SOCK_DIAG_BY_FAMILY = 20;
const SOCK_DESTROY = 21;
const IPPROTO_TCP = 6;
const HEAD_BYTES = 8;
const STATES_AT = 4;
/** In an answer (struct inet_diag_msg). */
const ID_AT = 4;
const ID_BYTES = 48;
const ATTRIBUTE_BYTES = 4;
const INET_DIAG_REQ_BYTECODE = 1;
const INET_DIAG_BC_JMP = 1;
const INET_DIAG_BC_S_COND = 7;
const OP_BYTES = 4;
/** From the last condition: four bytes past the end of the program. */
const PAST_THE_END = 4;
const HOST_BYTES = 8;
const HOST_PORT_AT = 4;
const ANY_PORT = -1;
/** ESTABLISHED, SYN_RECV, FIN_WAIT1, CLOSE_WAIT and LAST_ACK: what has all been sent and acknowledged needs nobody any more. */
const STATES = [1, 3, 4, 8, 9].reduce((all, state) => all | (1 << state), 0);
