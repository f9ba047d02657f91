/**
 * Requests about flows, several to a datagram, each with a sequence number of its own. They are asked for no acknowledgement
 * but the last: the kernel tells every error by its sequence number, and goes on with the next.
 *
 * What is put there is as the kernel builds a flow itself: the answers come in as if nothing was translated, and what is
 * translated is said beside it.
 */
import type { Ip } from '../../base/ip.js';
import { ipBytes, isIpv6 } from '../../base/ip.js';
import {
  ATTRIBUTE_HEAD_BYTES,
  CT_MESSAGE,
  CTA,
  CTA_IP,
  CTA_NAT,
  CTA_NAT_PORT,
  CTA_PROGRESS,
  CTA_PROTO,
  CTA_SCTP,
  CTA_TCP,
  CTA_TUPLE,
  GENERAL_HEAD_BYTES,
  NESTED,
  NFPROTO,
  STATUS,
  TCP_FLAG,
} from './attributes.js';
import { aligned, HEAD, MESSAGE_HEAD_BYTES } from './datagram.js';
import type { Flow, FlowKey, FlowTuple, SctpProgress, TcpDirection, TcpProgress } from './flow.js';
import { inverseOf, PROTOCOL } from './protocol.js';

/** NLM_F_* of a request. */
const REQUEST = 0x1;
const ACKNOWLEDGE = 0x4;
const DUMP = 0x300;
/** Only where there is none. */
const EXCLUSIVELY = 0x200;
const CREATE = 0x400;

/** More than a flow with everything in it takes. */
const MOST_REQUEST_BYTES = 512;

/** What is passed on of a status. The kernel knows the rest better, or does not let it be set. */
const STATUS_KEPT = STATUS.seenReply | STATUS.assured | STATUS.fixedTimeout;
/**
 * Likewise of the flags of TCP. Where the window is, this kernel has not seen: `liberal` lets it follow a connection without
 * calling packets invalid that a strict one would.
 */
const TCP_FLAGS_KEPT = TCP_FLAG.windowScale | TCP_FLAG.selectiveAck | TCP_FLAG.closeBegun;
const TCP_FLAGS_SET = TCP_FLAGS_KEPT | TCP_FLAG.liberal;

/** A list of all flows of both families, as one datagram. */
export function listRequest(sequence: number): Uint8Array {
  const writer = new FlowRequestWriter(1);
  return writer.list(sequence);
}

export class FlowRequestWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #last = 0;

  /** Has room for so many requests. */
  constructor(most: number) {
    this.#bytes = new Uint8Array(most * MOST_REQUEST_BYTES);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Where there is none by its tuples; otherwise the answer is EEXIST. */
  create(flow: Flow, sequence: number): void {
    const { protocol, original, reply, zone, tcp, sctp } = flow;
    const inverse = inverseOf(original, protocol);
    const start = this.#begin(CT_MESSAGE.create, CREATE | EXCLUSIVELY, { sequence, original });
    this.#tuple(CTA.original, original, protocol);
    this.#tuple(CTA.reply, inverse, protocol);
    this.#long(CTA.status, (flow.status & STATUS_KEPT) | STATUS.confirmed);
    // One that ends at once would be refused by nobody, and be of use to nobody.
    this.#long(CTA.timeout, Math.max(1, flow.timeout));
    this.#translations(protocol, inverse, reply);
    if (tcp !== undefined) {
      this.#tcp(tcp);
    }
    if (sctp !== undefined) {
      this.#sctp(sctp);
    }
    if (flow.mark !== 0) {
      this.#long(CTA.mark, flow.mark);
    }
    this.#zone(zone);
    this.#end(start);
  }

  /** Where there is none, the answer is ENOENT. */
  delete({ protocol, zone, original }: FlowKey, sequence: number): void {
    const start = this.#begin(CT_MESSAGE.delete, 0, { sequence, original });
    this.#tuple(CTA.original, original, protocol);
    this.#zone(zone);
    this.#end(start);
  }

  /** The datagram of all that was written, until something else is; the last of them is acknowledged. */
  take(): Uint8Array {
    const at = this.#last + HEAD.flags;
    this.#view.setUint16(at, this.#view.getUint16(at, true) | ACKNOWLEDGE, true);
    const taken = this.#bytes.subarray(0, this.#at);
    this.clear();
    return taken;
  }

  /** Forgets what was written. */
  clear(): void {
    this.#at = 0;
  }

  /** A datagram of its own. */
  list(sequence: number): Uint8Array {
    this.clear();
    const start = this.#head(CT_MESSAGE.get, DUMP, sequence);
    this.#general(NFPROTO.unspecified);
    this.#end(start);
    return this.#bytes.slice(0, this.#at);
  }

  #begin(
    type: number,
    flags: number,
    of: { readonly sequence: number; readonly original: FlowTuple },
  ): number {
    const start = this.#head(type, flags, of.sequence);
    this.#general(isIpv6(of.original.source) ? NFPROTO.ipv6 : NFPROTO.ipv4);
    return start;
  }

  #head(type: number, flags: number, sequence: number): number {
    const start = this.#at;
    this.#last = start;
    this.#view.setUint16(start + HEAD.type, type, true);
    this.#view.setUint16(start + HEAD.flags, flags | REQUEST, true);
    this.#view.setUint32(start + HEAD.sequence, sequence, true);
    // The kernel knows from which socket it comes.
    this.#view.setUint32(start + HEAD.port, 0, true);
    this.#at += MESSAGE_HEAD_BYTES;
    return start;
  }

  #general(family: number): void {
    this.#bytes.fill(0, this.#at, this.#at + GENERAL_HEAD_BYTES);
    this.#bytes[this.#at] = family;
    this.#at += GENERAL_HEAD_BYTES;
  }

  #end(start: number): void {
    this.#view.setUint32(start, this.#at - start, true);
  }

  #translations(protocol: number, inverse: FlowTuple, reply: FlowTuple): void {
    const has = PORTS.has(protocol);
    // Where there are no ports, the identifier of an echo is what is translated with its source.
    const identifier = IDENTIFIERS.has(protocol) ? reply.sourcePort : undefined;
    const isDestination =
      reply.source !== inverse.source || (has && reply.sourcePort !== inverse.sourcePort);
    const isSource =
      reply.destination !== inverse.destination ||
      (has && reply.destinationPort !== inverse.destinationPort) ||
      (identifier !== undefined && identifier !== inverse.sourcePort);
    if (isDestination) {
      this.#translation(CTA.natDestination, reply.source, has ? reply.sourcePort : undefined);
    }
    if (isSource) {
      const port = has ? reply.destinationPort : identifier;
      this.#translation(CTA.natSource, reply.destination, port);
    }
  }

  #translation(type: number, to: Ip, port: number | undefined): void {
    const start = this.#open(type);
    this.#address(isIpv6(to) ? CTA_NAT.ipv6Least : CTA_NAT.ipv4Least, to);
    this.#address(isIpv6(to) ? CTA_NAT.ipv6Most : CTA_NAT.ipv4Most, to);
    if (port !== undefined) {
      const ports = this.#open(CTA_NAT.ports);
      this.#short(CTA_NAT_PORT.least, port);
      this.#short(CTA_NAT_PORT.most, port);
      this.#close(ports);
    }
    this.#close(start);
  }

  #tuple(type: number, tuple: FlowTuple, protocol: number): void {
    const { source, destination } = tuple;
    const ipv6 = isIpv6(source);
    const start = this.#open(type);
    const addresses = this.#open(CTA_TUPLE.addresses);
    this.#address(ipv6 ? CTA_IP.ipv6Source : CTA_IP.ipv4Source, source);
    this.#address(ipv6 ? CTA_IP.ipv6Destination : CTA_IP.ipv4Destination, destination);
    this.#close(addresses);
    const ports = this.#open(CTA_TUPLE.protocol);
    this.#octet(CTA_PROTO.number, protocol);
    this.#ports(tuple, protocol);
    this.#close(ports);
    this.#close(start);
  }

  #ports({ sourcePort, destinationPort }: FlowTuple, protocol: number): void {
    const names = IDENTIFIERS.get(protocol);
    if (names === undefined) {
      this.#short(CTA_PROTO.sourcePort, sourcePort);
      this.#short(CTA_PROTO.destinationPort, destinationPort);
    } else {
      this.#short(names.id, sourcePort);
      this.#octet(names.type, destinationPort >>> 8);
      this.#octet(names.code, destinationPort & 0xff);
    }
  }

  #tcp({ state, original, reply }: TcpProgress): void {
    const start = this.#open(CTA.progress);
    const tcp = this.#open(CTA_PROGRESS.tcp);
    this.#octet(CTA_TCP.state, state);
    this.#octet(CTA_TCP.originalScale, original.windowScale);
    this.#octet(CTA_TCP.replyScale, reply.windowScale);
    this.#short(CTA_TCP.originalFlags, flagsAndMask(original));
    this.#short(CTA_TCP.replyFlags, flagsAndMask(reply));
    this.#close(tcp);
    this.#close(start);
  }

  #sctp({ state, originalTag, replyTag }: SctpProgress): void {
    const start = this.#open(CTA.progress);
    const sctp = this.#open(CTA_PROGRESS.sctp);
    this.#octet(CTA_SCTP.state, state);
    this.#long(CTA_SCTP.originalTag, originalTag);
    this.#long(CTA_SCTP.replyTag, replyTag);
    this.#close(sctp);
    this.#close(start);
  }

  #zone(zone: number): void {
    if (zone !== 0) {
      this.#short(CTA.zone, zone);
    }
  }

  #open(type: number): number {
    const start = this.#at;
    this.#view.setUint16(start + 2, type | NESTED, true);
    this.#at += ATTRIBUTE_HEAD_BYTES;
    return start;
  }

  #close(start: number): void {
    this.#view.setUint16(start, this.#at - start, true);
  }

  #octet(type: number, value: number): void {
    const at = this.#value(type, 1);
    this.#bytes[at] = value;
  }

  #short(type: number, value: number): void {
    const at = this.#value(type, 2);
    this.#view.setUint16(at, value);
  }

  #long(type: number, value: number): void {
    const at = this.#value(type, 4);
    this.#view.setUint32(at, value);
  }

  #address(type: number, address: Ip): void {
    const bytes = ipBytes(address);
    const at = this.#value(type, bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Where the value of one more attribute goes. */
  #value(type: number, length: number): number {
    const start = this.#at;
    const at = start + ATTRIBUTE_HEAD_BYTES;
    this.#view.setUint16(start, ATTRIBUTE_HEAD_BYTES + length, true);
    this.#view.setUint16(start + 2, type, true);
    this.#at = start + aligned(ATTRIBUTE_HEAD_BYTES + length);
    this.#bytes.fill(0, at, this.#at);
    return at;
  }
}

function flagsAndMask({ flags }: TcpDirection): number {
  return (((flags & TCP_FLAGS_KEPT) | TCP_FLAG.liberal) << 8) | TCP_FLAGS_SET;
}

/** UDP-Lite and DCCP too. */
const PORTS: ReadonlySet<number> = new Set([PROTOCOL.tcp, PROTOCOL.udp, PROTOCOL.sctp, 33, 136]);

/** What has an identifier, type and code in the place of ports. */
const IDENTIFIERS: ReadonlyMap<
  number,
  { readonly id: number; readonly type: number; readonly code: number }
> = new Map([
  [PROTOCOL.icmp, { id: CTA_PROTO.icmpId, type: CTA_PROTO.icmpType, code: CTA_PROTO.icmpCode }],
  [
    PROTOCOL.icmpv6,
    { id: CTA_PROTO.icmpv6Id, type: CTA_PROTO.icmpv6Type, code: CTA_PROTO.icmpv6Code },
  ],
]);
