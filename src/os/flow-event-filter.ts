/** The classic BPF program by which a socket hears of assured flows only that go through this machine. */
import type { Ip } from '../base/ip.js';
import { ipBytes, isIpv4, isIpv6 } from '../base/ip.js';
import {
  ATTRIBUTE_HEAD_BYTES,
  CTA,
  CTA_IP,
  CTA_TUPLE,
  GENERAL_HEAD_BYTES,
  STATUS,
} from '../wire/conntrack/attributes.js';
import { HEAD, MESSAGE_HEAD_BYTES } from '../wire/conntrack/datagram.js';
import type { FilterInstruction } from './libc.js';

/** What is not worth a system call each, and most of what a busy machine tells. */
export interface LeftOut {
  /** Whose own requests need not be told: a port of netlink. */
  readonly port: number;
  /** Flows that one of these begins or answers. */
  readonly ends: readonly Ip[];
}

/** Each costs some instructions for every message. What is beyond is told, and left out by who hears it. */
const MOST_ENDS = 64;

type Program = readonly FilterInstruction[];

/** What the kernel does for classic programs beside reading bytes (linux/filter.h). */
const SKF_AD_OFF = 0xffff_f000;
const SKF_AD_NLATTR = SKF_AD_OFF + 12;
const SKF_AD_NLATTR_NEST = SKF_AD_OFF + 16;
const EVERYTHING = 0xffff_ffff;

// A and X are its two registers. All that is read is in network order.
const loadA = (value: number): FilterInstruction => ({ code: 0x00, operand: value });
const loadX = (value: number): FilterInstruction => ({ code: 0x01, operand: value });
const copyAToX: FilterInstruction = { code: 0x07, operand: 0 };
/** A: four bytes so far into the message, and behind where X says. */
const loadWord = (at: number): FilterInstruction => ({ code: 0x20, operand: at });
const loadWordBehindX = (at: number): FilterInstruction => ({ code: 0x40, operand: at });
const storeA: FilterInstruction = { code: 0x02, operand: 0 };
const loadStored: FilterInstruction = { code: 0x60, operand: 0 };
/** A: where the attribute of type X is, behind A or within the one at A; zero where there is none. */
const findAttribute: FilterInstruction = { code: 0x30, operand: SKF_AD_NLATTR };
const findNested: FilterInstruction = { code: 0x30, operand: SKF_AD_NLATTR_NEST };
const tell: FilterInstruction = { code: 0x06, operand: EVERYTHING };
const leave: FilterInstruction = { code: 0x06, operand: 0 };

export function flowEventFilter({ port, ends }: LeftOut): Program {
  const few = ends.slice(0, MOST_ENDS);
  return [
    ...leaveOwn(port),
    ...find(CTA.status),
    ...ifEqual(0, [leave]),
    ...[copyAToX, loadWordBehindX(ATTRIBUTE_HEAD_BYTES), ...leaveUnlessAssured],
    ...[CTA.original, CTA.reply].flatMap((tuple) => leaveFrom(tuple, few)),
    tell,
  ];
}

const leaveUnlessAssured: Program = [{ code: 0x45, operand: STATUS.assured, equal: 1 }, leave];

/** The message's head has the machine's byte order. */
function leaveOwn(port: number): Program {
  const asRead = Buffer.from(Uint32Array.of(port).buffer).readUInt32BE();
  return [loadWord(HEAD.port), ...ifEqual(asRead, [leave])];
}

function find(attribute: number): Program {
  return [loadA(MESSAGE_HEAD_BYTES + GENERAL_HEAD_BYTES), loadX(attribute), findAttribute];
}

/** Packets of that direction come from one of them. */
function leaveFrom(tuple: number, ends: readonly Ip[]): Program {
  const ipv4 = ends.filter(isIpv4).flatMap((each) => ifEqual(wordAt(ipBytes(each), 0), [leave]));
  const ipv6 = ends.filter(isIpv6).flatMap((each) => ifEqualAt(ipBytes(each)));
  return [
    ...find(tuple),
    ...unlessZero([
      ...[loadX(CTA_TUPLE.addresses), findNested],
      ...unlessZero([
        ...[storeA, loadX(CTA_IP.ipv4Source), findNested],
        ...unlessZero([copyAToX, loadWordBehindX(ATTRIBUTE_HEAD_BYTES), ...ipv4]),
        ...[loadStored, loadX(CTA_IP.ipv6Source), findNested],
        ...unlessZero([copyAToX, ...ipv6]),
      ]),
    ]),
  ];
}

/** Of an IPv6 address behind X. */
function ifEqualAt(address: Uint8Array): Program {
  return [12, 8, 4, 0].reduce<Program>(
    (then, at) => [
      loadWordBehindX(ATTRIBUTE_HEAD_BYTES + at),
      ...ifEqual(wordAt(address, at), then),
    ],
    [leave],
  );
}

function ifEqual(value: number, then: Program): Program {
  return [{ code: 0x15, operand: value, otherwise: then.length }, ...then];
}

/** A comparison skips 255 at the most. */
function unlessZero(then: Program): Program {
  return [{ code: 0x15, operand: 0, otherwise: 1 }, { code: 0x05, operand: then.length }, ...then];
}

function wordAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
}
