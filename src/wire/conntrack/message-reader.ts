/**
 * Flows in what the kernel tells: one pass over the offsets, because a busy machine tells a hundred thousand a second. What
 * is malformed is no flow; nothing in it makes the reader throw or go on for ever.
 */
import type { Ip } from '../../base/ip.js';
import { isIpv6 } from '../../base/ip.js';
import { IPV6_BYTES } from '../../base/ipv6.js';
import { byteAt, wordAt } from '../octets.js';
import { AddressReader } from './addresses.js';
import {
  ATTRIBUTE_HEAD_BYTES,
  CTA,
  CTA_IP,
  CTA_PROGRESS,
  CTA_PROTO,
  CTA_SCTP,
  CTA_TCP,
  CTA_TUPLE,
  GENERAL_HEAD_BYTES,
  TYPE_MASK,
} from './attributes.js';
import { aligned, hostShort } from './datagram.js';
import type { Flow, FlowTuple, SctpProgress, TcpProgress } from './flow.js';

const IPV4_BYTES = 4;
const NOTHING = new Uint8Array(0);

/** Goes over the attributes in some bytes; ends at the first that is malformed. */
class AttributeCursor {
  type = 0;
  at = 0;
  end = 0;
  #bytes: Uint8Array = NOTHING;
  #next = 0;
  #stop = 0;

  begin(bytes: Uint8Array, at: number, end: number): void {
    this.#bytes = bytes;
    this.#next = at;
    this.#stop = end;
  }

  next(): boolean {
    const start = this.#next;
    if (start + ATTRIBUTE_HEAD_BYTES > this.#stop) {
      return false;
    }
    const length = hostShort(this.#bytes, start);
    if (length < ATTRIBUTE_HEAD_BYTES || start + length > this.#stop) {
      return false;
    }
    this.type = hostShort(this.#bytes, start + 2) & TYPE_MASK;
    this.at = start + ATTRIBUTE_HEAD_BYTES;
    this.end = start + length;
    this.#next = start + aligned(length);
    return true;
  }

  /** The value as a number, network order, where it has so many bytes; otherwise zero. */
  number(length: 1 | 2 | 4): number {
    if (this.end - this.at !== length) {
      return 0;
    }
    if (length === 1) {
      return byteAt(this.#bytes, this.at);
    }
    const first = wordAt(this.#bytes, this.at);
    return length === 2 ? first : ((first << 16) | wordAt(this.#bytes, this.at + 2)) >>> 0;
  }
}

/** Reads tuples; the same object for one after the other. */
class TupleReader {
  protocol = 0;
  readonly #addresses: AddressReader;
  readonly #outer = new AttributeCursor();
  readonly #inner = new AttributeCursor();
  #source: Ip | undefined;
  #destination: Ip | undefined;
  #sourcePort = 0;
  #destinationPort = 0;
  /** Of one direction alone, which a flow of ours cannot say. */
  #ownZone: 'there' | 'none' = 'none';

  constructor(addresses: AddressReader) {
    this.#addresses = addresses;
  }

  clear(): void {
    this.protocol = 0;
    this.#source = undefined;
    this.#destination = undefined;
    this.#sourcePort = 0;
    this.#destinationPort = 0;
    this.#ownZone = 'none';
  }

  /** The tuple in the attribute at which the cursor is. */
  read(bytes: Uint8Array, { at, end }: AttributeCursor): void {
    const outer = this.#outer;
    outer.begin(bytes, at, end);
    while (outer.next()) {
      this.#inner.begin(bytes, outer.at, outer.end);
      if (outer.type === CTA_TUPLE.addresses) {
        this.#readAddresses(bytes);
      } else if (outer.type === CTA_TUPLE.protocol) {
        this.#readProtocol();
      } else if (outer.type === CTA_TUPLE.zone) {
        this.#ownZone = 'there';
      }
    }
  }

  get tuple(): FlowTuple | undefined {
    const source = this.#source;
    const destination = this.#destination;
    return source === undefined ||
      destination === undefined ||
      isIpv6(source) !== isIpv6(destination) ||
      this.#ownZone === 'there'
      ? undefined
      : {
          source,
          destination,
          sourcePort: this.#sourcePort,
          destinationPort: this.#destinationPort,
        };
  }

  #readAddresses(bytes: Uint8Array): void {
    const inner = this.#inner;
    while (inner.next()) {
      const { type, at, end } = inner;
      if (type === CTA_IP.ipv4Source || type === CTA_IP.ipv4Destination) {
        this.#take(type, end - at === IPV4_BYTES ? this.#addresses.ipv4(bytes, at) : undefined);
      } else if (type === CTA_IP.ipv6Source || type === CTA_IP.ipv6Destination) {
        this.#take(type, end - at === IPV6_BYTES ? this.#addresses.ipv6(bytes, at) : undefined);
      }
    }
  }

  #take(type: number, address: Ip | undefined): void {
    if (type === CTA_IP.ipv4Source || type === CTA_IP.ipv6Source) {
      this.#source = address;
    } else {
      this.#destination = address;
    }
  }

  #readProtocol(): void {
    const inner = this.#inner;
    while (inner.next()) {
      switch (inner.type) {
        case CTA_PROTO.number:
          this.protocol = inner.number(1);
          break;
        case CTA_PROTO.sourcePort:
        case CTA_PROTO.icmpId:
        case CTA_PROTO.icmpv6Id:
          this.#sourcePort = inner.number(2);
          break;
        case CTA_PROTO.destinationPort:
          this.#destinationPort = inner.number(2);
          break;
        case CTA_PROTO.icmpType:
        case CTA_PROTO.icmpv6Type:
          this.#destinationPort |= inner.number(1) << 8;
          break;
        case CTA_PROTO.icmpCode:
        case CTA_PROTO.icmpv6Code:
          this.#destinationPort |= inner.number(1);
          break;
        default:
          break;
      }
    }
  }
}

export class FlowMessageReader {
  readonly #original: TupleReader;
  readonly #reply: TupleReader;
  readonly #outer = new AttributeCursor();
  readonly #middle = new AttributeCursor();
  readonly #inner = new AttributeCursor();

  constructor() {
    const addresses = new AddressReader();
    this.#original = new TupleReader(addresses);
    this.#reply = new TupleReader(addresses);
  }

  /** What a message's body from `at` to `end` says; undefined where it is none of a flow that can be put elsewhere. */
  read(bytes: Uint8Array, at: number, end: number): Flow | undefined {
    this.#original.clear();
    this.#reply.clear();
    const outer = this.#outer;
    let [status, timeout, mark, zone] = [0, 0, 0, 0];
    let tcp: TcpProgress | undefined;
    let sctp: SctpProgress | undefined;
    outer.begin(bytes, at + GENERAL_HEAD_BYTES, end);
    while (outer.next()) {
      switch (outer.type) {
        case CTA.original:
          this.#original.read(bytes, outer);
          break;
        case CTA.reply:
          this.#reply.read(bytes, outer);
          break;
        case CTA.status:
          status = outer.number(4);
          break;
        case CTA.timeout:
          timeout = outer.number(4);
          break;
        case CTA.mark:
          mark = outer.number(4);
          break;
        case CTA.zone:
          zone = outer.number(2);
          break;
        case CTA.progress:
          tcp = this.#progress(bytes, CTA_PROGRESS.tcp, readTcp);
          sctp = this.#progress(bytes, CTA_PROGRESS.sctp, readSctp);
          break;
        default:
          break;
      }
    }
    const [original, reply] = [this.#original.tuple, this.#reply.tuple];
    const { protocol } = this.#original;
    return original === undefined ||
      reply === undefined ||
      protocol !== this.#reply.protocol ||
      isIpv6(original.source) !== isIpv6(reply.source)
      ? undefined
      : { protocol, zone, original, reply, status, timeout, mark, tcp, sctp };
  }

  /** How far the connection is, where the attribute says it of this protocol. */
  #progress<T>(
    bytes: Uint8Array,
    protocol: number,
    readFrom: (cursor: AttributeCursor) => T,
  ): T | undefined {
    const [middle, inner] = [this.#middle, this.#inner];
    middle.begin(bytes, this.#outer.at, this.#outer.end);
    while (middle.next()) {
      if (middle.type === protocol) {
        inner.begin(bytes, middle.at, middle.end);
        return readFrom(inner);
      }
    }
    return undefined;
  }
}

function readTcp(cursor: AttributeCursor): TcpProgress {
  const original = { windowScale: 0, flags: 0 };
  const reply = { windowScale: 0, flags: 0 };
  let state = 0;
  while (cursor.next()) {
    switch (cursor.type) {
      case CTA_TCP.state:
        state = cursor.number(1);
        break;
      case CTA_TCP.originalScale:
        original.windowScale = cursor.number(1);
        break;
      case CTA_TCP.replyScale:
        reply.windowScale = cursor.number(1);
        break;
      case CTA_TCP.originalFlags:
        // Flags, and a mask that is of no interest.
        original.flags = cursor.number(2) >>> 8;
        break;
      case CTA_TCP.replyFlags:
        reply.flags = cursor.number(2) >>> 8;
        break;
      default:
        break;
    }
  }
  return { state, original, reply };
}

function readSctp(cursor: AttributeCursor): SctpProgress {
  const progress = { state: 0, originalTag: 0, replyTag: 0 };
  while (cursor.next()) {
    switch (cursor.type) {
      case CTA_SCTP.state:
        progress.state = cursor.number(1);
        break;
      case CTA_SCTP.originalTag:
        progress.originalTag = cursor.number(4);
        break;
      case CTA_SCTP.replyTag:
        progress.replyTag = cursor.number(4);
        break;
      default:
        break;
    }
  }
  return progress;
}
