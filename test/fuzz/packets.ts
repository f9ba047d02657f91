/** The decoders of what carries adverts, and of the frames in which addresses are asked for and announced. */
import assert from 'node:assert/strict';
import { ipv4Bytes, parseIpv4 } from '../../src/base/ipv4.js';
import { ipv6Bytes, parseIpv6 } from '../../src/base/ipv6.js';
import { macBytes, macFromBytes } from '../../src/base/mac.js';
import { decodeArp, encodeArpRequest, encodeGratuitousArp } from '../../src/wire/arp.js';
import { readIpv4Packet } from '../../src/wire/ipv4-packet.js';
import { readIpv6Packet } from '../../src/wire/ipv6-packet.js';
import {
  decodeNdp,
  encodeSolicitation,
  encodeUnsolicitedAdvertisement,
} from '../../src/wire/ndp.js';
import type { Target } from './target.js';
import { internetChecksum, pseudoHeader, putChecksum } from './target.js';

const MAC = macFromBytes(Uint8Array.of(2, 0, 0, 0, 0, 9), 0);

function ipv4(text: string) {
  const parsed = parseIpv4(text);
  assert(parsed.ok, text);
  return parsed.value;
}

function ipv6(text: string) {
  const parsed = parseIpv6(text);
  assert(parsed.ok, text);
  return parsed.value;
}

/** Whether one is part of the other's memory, at this offset. */
function checkView(view: Uint8Array, whole: Uint8Array, from: number, length: number): void {
  assert.equal(view.length, length);
  assert.equal(view.buffer, whole.buffer);
  assert(view.length === 0 || view.byteOffset === whole.byteOffset + from);
  assert(from + length <= whole.length);
}

/** A whole IPv4 packet without options around a payload. */
export function ipv4Packet(
  payload: Uint8Array,
  between: { readonly source: string; readonly destination: string; readonly ttl?: number },
): Uint8Array {
  const { source, destination, ttl = 255 } = between;
  const total = 20 + payload.length;
  return Uint8Array.from([
    ...[0x45, 0xc0, total >>> 8, total & 0xff, 0, 1, 0, 0, ttl, 112, 0, 0],
    ...ipv4Bytes(ipv4(source)),
    ...ipv4Bytes(ipv4(destination)),
    ...payload,
  ]);
}

const IPV4: Target = {
  name: 'ipv4-packet',
  seeds: [
    ipv4Packet(new Uint8Array(16), { source: '10.77.0.2', destination: '224.0.0.18' }),
    ipv4Packet(new Uint8Array(0), { source: '10.77.0.2', destination: '10.77.0.3', ttl: 1 }),
  ],
  mend: undefined,
  run: (input) => {
    const read = readIpv4Packet(input);
    if (!read.ok) {
      return read.error.code;
    }
    const { source, destination, ttl, protocol, payload, hasOptions, isFragment } = read.value;
    const header = (input[0]! & 15) * 4;
    assert.equal(input[0]! >>> 4, 4);
    assert.deepEqual(ipv4Bytes(source), input.slice(12, 16));
    assert.deepEqual(ipv4Bytes(destination), input.slice(16, 20));
    assert.deepEqual([ttl, protocol], [input[8], input[9]]);
    assert.equal(hasOptions, header > 20);
    assert.equal(isFragment, (input[6]! & 0x3f) !== 0 || input[7] !== 0);
    checkView(payload, input, header, input[2]! * 256 + input[3]! - header);
    return `${hasOptions ? 'options' : 'plain'} ${isFragment ? 'fragment' : 'whole'}`;
  },
};

const IPV6: Target = {
  name: 'ipv6-packet',
  seeds: [
    Uint8Array.from([
      ...[0x60, 0, 0, 0, 0, 8, 112, 255],
      ...ipv6Bytes(ipv6('fe80::2')),
      ...ipv6Bytes(ipv6('ff02::12')),
      ...[1, 2, 3, 4, 5, 6, 7, 8],
    ]),
  ],
  mend: undefined,
  run: (input) => {
    const read = readIpv6Packet(input);
    if (!read.ok) {
      return read.error.code;
    }
    const { source, destination, hopLimit, nextHeader, payload } = read.value;
    assert.equal(input[0]! >>> 4, 6);
    assert.deepEqual(ipv6Bytes(source), input.slice(8, 24));
    assert.deepEqual(ipv6Bytes(destination), input.slice(24, 40));
    assert.deepEqual([nextHeader, hopLimit], [input[6], input[7]]);
    checkView(payload, input, 40, input[4]! * 256 + input[5]!);
    return payload.length === 0 ? 'empty' : 'full';
  },
};

const ARP: Target = {
  name: 'arp',
  seeds: [
    encodeGratuitousArp({ form: 'request', mac: MAC, address: ipv4('10.77.0.100') }),
    encodeGratuitousArp({ form: 'reply', mac: MAC, address: ipv4('10.77.0.100') }),
    encodeArpRequest({ mac: MAC, sender: ipv4('10.77.0.2'), target: ipv4('10.77.0.100') }),
  ],
  mend: undefined,
  run: (input) => {
    const read = decodeArp(input);
    if (!read.ok) {
      return read.error.code;
    }
    const arp = read.value;
    const written = Uint8Array.from([
      ...macBytes(arp.destinationMac),
      ...macBytes(arp.sourceMac),
      ...[8, 6, 0, 1, 8, 0, 6, 4, 0, arp.operation === 'request' ? 1 : 2],
      ...macBytes(arp.senderMac),
      ...ipv4Bytes(arp.senderAddress),
      ...macBytes(arp.targetMac),
      ...ipv4Bytes(arp.targetAddress),
    ]);
    assert.deepEqual(written, input.slice(0, 42));
    return arp.operation;
  },
};

const ICMP_AT = 54;

function ndpLength(frame: Uint8Array): number {
  return frame[18]! * 256 + frame[19]!;
}

function ndpChecksum(frame: Uint8Array): number {
  const message = frame.slice(ICMP_AT, ICMP_AT + ndpLength(frame));
  message.fill(0, 2, 4);
  const pseudo = pseudoHeader(frame.subarray(22, 38), frame.subarray(38, 54), {
    protocol: 58,
    length: message.length,
  });
  return internetChecksum(pseudo, message);
}

const NDP: Target = {
  name: 'ndp',
  seeds: [
    encodeUnsolicitedAdvertisement({ mac: MAC, address: ipv6('fd77::100'), role: 'host' }),
    encodeUnsolicitedAdvertisement({ mac: MAC, address: ipv6('fd77::100'), role: 'router' }),
    encodeSolicitation({ mac: MAC, sender: ipv6('fe80::2'), target: ipv6('fd77::100') }),
    encodeSolicitation({ mac: MAC, sender: undefined, target: ipv6('fd77::100') }),
  ],
  mend: (input) => {
    if (input.length >= ICMP_AT + 4) {
      putChecksum(input, ICMP_AT + 2, ndpChecksum(input));
    }
  },
  run: (input) => {
    const read = decodeNdp(input);
    if (!read.ok) {
      return read.error.code;
    }
    const frame = read.value;
    assert.deepEqual(ipv6Bytes(frame.source), input.slice(22, 38));
    assert.deepEqual(ipv6Bytes(frame.destination), input.slice(38, 54));
    assert.deepEqual(ipv6Bytes(frame.target), input.slice(62, 78));
    assert.deepEqual(macBytes(frame.sourceMac), input.slice(6, 12));
    // RFC 4861 §7.1.1, §7.1.2.
    assert.deepEqual([input[21], input[ICMP_AT + 1]], [255, 0]);
    assert.notEqual(input[62], 0xff);
    const found = input[ICMP_AT + 2]! * 256 + input[ICMP_AT + 3]!;
    assert.equal(found % 0xffff, ndpChecksum(input) % 0xffff);
    if (frame.kind === 'solicitation' && frame.source === '::') {
      assert.equal(frame.linkLayer, undefined);
    }
    return `${frame.kind} ${frame.linkLayer === undefined ? 'bare' : 'with MAC'}`;
  },
};

export const PACKET_TARGETS: readonly Target[] = [IPV4, IPV6, ARP, NDP];
