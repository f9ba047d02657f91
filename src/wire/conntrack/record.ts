/**
 * Flows on their way between two nodes: what is there now, or is gone, one record after the other. A record says its
 * length, so that one with more behind the fields that we know can be read, and a number that says which fields it has.
 */
import type { Family, Ip } from '../../base/ip.js';
import { ipBytes, isIpv6 } from '../../base/ip.js';
import { IPV6_BYTES } from '../../base/ipv6.js';
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import { invariant } from '../../base/unreachable.js';
import { byteAt, plainOctets } from '../octets.js';
import type { PeersViolation } from '../peers/payload.js';
import { AddressReader } from './addresses.js';
import type { Flow, FlowKey, FlowTuple, SctpProgress, TcpDirection, TcpProgress } from './flow.js';
import { inverseOf, PROTOCOL, sameTuple } from './protocol.js';

export type FlowRecord =
  { readonly kind: 'is'; readonly flow: Flow } | { readonly kind: 'gone'; readonly key: FlowKey };

/** The longest record that this version writes. */
export const MOST_RECORD_BYTES = 98;

/** What a kernel keeps without a packet is said to be less: established TCP is kept for five days by default. */
export const MOST_TIMEOUT_SECONDS: number = 30 * 86_400;
/** TCP_CONNTRACK_SYN_SENT2 and SCTP_CONNTRACK_HEARTBEAT_ACKED. */
const MOST_STATE = 9;
/** RFC 7323 §2.3. The kernel shifts by it, and asks no further. */
const MOST_WINDOW_SCALE = 14;

/** Bits of the number that says which fields there are, in the order of these fields. A record with others is refused. */
const HAS = { ipv6: 1, zone: 2, state: 4, reply: 8, mark: 16, tcp: 32, sctp: 64 } as const;
const HAS_ALL = 127;

/** The protocol that exists in the other family only. */
const FOREIGN_TO = { ipv4: PROTOCOL.icmpv6, ipv6: PROTOCOL.icmp } as const;

const FIRST_CAPACITY = 4_096;
const IPV4_BYTES = 4;
const UNSPECIFIED = '0.0.0.0' as Ip;

/** Gathers records. */
export class FlowRecordWriter {
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  #records = 0;

  get records(): number {
    return this.#records;
  }

  /** How many bytes {@link take} would give. */
  get length(): number {
    return this.#at;
  }

  /** It is there, and so. */
  is(flow: Flow): void {
    const { protocol, original, reply, zone, mark, tcp, sctp } = flow;
    const isInverse = sameTuple(reply, inverseOf(original, protocol));
    const start = this.#begin(
      flow,
      HAS.state |
        (isInverse ? 0 : HAS.reply) |
        (mark === 0 ? 0 : HAS.mark) |
        (tcp === undefined ? 0 : HAS.tcp) |
        (sctp === undefined ? 0 : HAS.sctp),
    );
    this.#key(original, zone);
    this.#uint32(flow.status);
    this.#uint32(Math.min(flow.timeout, MOST_TIMEOUT_SECONDS));
    if (!isInverse) {
      this.#tuple(reply);
    }
    if (mark !== 0) {
      this.#uint32(mark);
    }
    if (tcp !== undefined) {
      this.#tcp(tcp);
    }
    if (sctp !== undefined) {
      this.#sctp(sctp);
    }
    this.#end(start);
  }

  /** It is there no more. */
  gone(key: FlowKey): void {
    const start = this.#begin(key, 0);
    this.#key(key.original, key.zone);
    this.#end(start);
  }

  /** All that was gathered; the next record begins anew. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#at);
    this.clear();
    return taken;
  }

  /** Forgets what was gathered. */
  clear(): void {
    this.#at = 0;
    this.#records = 0;
  }

  #begin({ protocol, zone, original }: FlowKey, fields: number): number {
    if (this.#bytes.length - this.#at < MOST_RECORD_BYTES) {
      const former = this.#bytes;
      this.#bytes = new Uint8Array(former.length * 2);
      this.#bytes.set(former);
      this.#view = new DataView(this.#bytes.buffer);
    }
    const start = this.#at;
    const ipv6 = isIpv6(original.source) ? HAS.ipv6 : 0;
    this.#at += 1;
    this.#uint8(fields | ipv6 | (zone === 0 ? 0 : HAS.zone));
    this.#uint8(protocol);
    return start;
  }

  #end(start: number): void {
    this.#bytes[start] = this.#at - start - 1;
    this.#records += 1;
  }

  #key(original: FlowTuple, zone: number): void {
    this.#tuple(original);
    if (zone !== 0) {
      this.#uint16(zone);
    }
  }

  #tuple({ source, destination, sourcePort, destinationPort }: FlowTuple): void {
    invariant(isIpv6(source) === isIpv6(destination), 'a flow is of one family');
    this.#address(source);
    this.#address(destination);
    this.#uint16(sourcePort);
    this.#uint16(destinationPort);
  }

  #address(address: Ip): void {
    const bytes = ipBytes(address);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #tcp({ state, original, reply }: TcpProgress): void {
    for (const octet of [
      state,
      original.windowScale,
      original.flags,
      reply.windowScale,
      reply.flags,
    ]) {
      this.#uint8(octet);
    }
  }

  #sctp({ state, originalTag, replyTag }: SctpProgress): void {
    this.#uint8(state);
    this.#uint32(originalTag);
    this.#uint32(replyTag);
  }

  #uint8(value: number): void {
    this.#bytes[this.#at] = value;
    this.#at += 1;
  }

  #uint16(value: number): void {
    this.#view.setUint16(this.#at, value);
    this.#at += 2;
  }

  #uint32(value: number): void {
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }
}

/** Reads what {@link FlowRecordWriter} gathered, on the other node. */
export class FlowRecordReader {
  readonly #addresses = new AddressReader();

  /** All records, in their order, or the first thing that is wrong: then none of them counts. Never throws. */
  read(bytes: Uint8Array): Result<readonly FlowRecord[], PeersViolation> {
    const records: FlowRecord[] = [];
    const fields = new Fields(plainOctets(bytes), this.#addresses);
    while (fields.next()) {
      records.push(readRecord(fields));
    }
    return fields.violation === undefined ? ok(records) : fail(fields.violation);
  }
}

function readRecord(fields: Fields): FlowRecord {
  const has = fields.uint8('fields', HAS_ALL);
  const protocol = fields.uint8('protocol', 255);
  const family = (has & HAS.ipv6) === 0 ? 'ipv4' : 'ipv6';
  fields.expect({ where: 'protocol', found: protocol, fits: protocol !== FOREIGN_TO[family] });
  fields.expect({
    where: 'fields',
    found: has,
    fits: (has & HAS.tcp) === 0 || protocol === PROTOCOL.tcp,
  });
  fields.expect({
    where: 'fields',
    found: has,
    fits: (has & HAS.sctp) === 0 || protocol === PROTOCOL.sctp,
  });
  fields.expect({ where: 'fields', found: has, fits: (has & HAS.state) !== 0 || has < HAS.state });
  const original = fields.tuple(family);
  const zone = (has & HAS.zone) === 0 ? 0 : fields.uint16();
  if ((has & HAS.state) === 0) {
    return { kind: 'gone', key: { protocol, zone, original } };
  }
  const status = fields.uint32('status', 0xffff_ffff);
  const timeout = fields.uint32('timeout', MOST_TIMEOUT_SECONDS);
  const reply = (has & HAS.reply) === 0 ? inverseOf(original, protocol) : fields.tuple(family);
  const mark = (has & HAS.mark) === 0 ? 0 : fields.uint32('mark', 0xffff_ffff);
  const tcp = (has & HAS.tcp) === 0 ? undefined : fields.tcp();
  const sctp = (has & HAS.sctp) === 0 ? undefined : fields.sctp();
  // Written out: to spread a key into it took fifteen times as long.
  const flow = { protocol, zone, original, reply, status, timeout, mark, tcp, sctp };
  return { kind: 'is', flow };
}

/**
 * The fields of one record after the other. The first violation stays, and every field that is asked for behind an end is
 * zero: so one look at the end is enough.
 */
class Fields {
  violation: PeersViolation | undefined;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #addresses: AddressReader;
  #at = 0;
  #end = 0;

  constructor(bytes: Uint8Array, addresses: AddressReader) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#addresses = addresses;
  }

  /** Whether there is one more record; what was not asked for of the former one is skipped. */
  next(): boolean {
    const start = this.#end;
    if (this.violation !== undefined || start >= this.#bytes.length) {
      return false;
    }
    this.#at = start + 1;
    this.#end = this.#at + byteAt(this.#bytes, start);
    if (this.#end > this.#bytes.length) {
      this.#end = this.#bytes.length;
      this.#truncated();
      return false;
    }
    return true;
  }

  uint8(where: string, most: number): number {
    return this.#bounded(where, this.#number(1), most);
  }

  uint16(): number {
    return this.#number(2);
  }

  uint32(where: string, most: number): number {
    return this.#bounded(where, this.#number(4), most);
  }

  tuple(family: Family): FlowTuple {
    const source = this.#address(family);
    const destination = this.#address(family);
    const sourcePort = this.#number(2);
    return { source, destination, sourcePort, destinationPort: this.#number(2) };
  }

  tcp(): TcpProgress {
    const state = this.uint8('state', MOST_STATE);
    return { state, original: this.#direction(), reply: this.#direction() };
  }

  sctp(): SctpProgress {
    const state = this.uint8('state', MOST_STATE);
    const originalTag = this.#number(4);
    return { state, originalTag, replyTag: this.#number(4) };
  }

  /** For what depends on several fields. */
  expect(what: { readonly where: string; readonly found: number; readonly fits: boolean }): void {
    if (!what.fits) {
      const { where, found } = what;
      const expected = 'what fits the other fields';
      this.violation ??= { code: 'out-of-range', where, found, expected };
    }
  }

  #direction(): TcpDirection {
    const windowScale = this.uint8('window scale', MOST_WINDOW_SCALE);
    return { windowScale, flags: this.uint8('flags', 255) };
  }

  #address(family: Family): Ip {
    const at = this.#at;
    const isThere = this.#take(family === 'ipv4' ? IPV4_BYTES : IPV6_BYTES);
    if (!isThere) {
      return UNSPECIFIED;
    }
    return family === 'ipv4'
      ? this.#addresses.ipv4(this.#bytes, at)
      : this.#addresses.ipv6(this.#bytes, at);
  }

  /** Network order. */
  #number(length: 1 | 2 | 4): number {
    const at = this.#at;
    if (!this.#take(length)) {
      return 0;
    }
    if (length === 1) {
      return byteAt(this.#bytes, at);
    }
    return length === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  /** Whether the record has so many more bytes. */
  #take(length: number): boolean {
    if (this.#at + length > this.#end) {
      this.#truncated();
      return false;
    }
    this.#at += length;
    return true;
  }

  #truncated(): void {
    const found = `${String(this.#bytes.length)} bytes`;
    this.violation ??= { code: 'truncated', where: 'record', found, expected: 'more bytes' };
  }

  #bounded(where: string, found: number, most: number): number {
    if (found > most) {
      const expected = `at most ${String(most)}`;
      this.violation ??= { code: 'out-of-range', where, found, expected };
    }
    return found;
  }
}
