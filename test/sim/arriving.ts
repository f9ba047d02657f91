/** What a socket is handed of a VRRP message, with what the kernels at both ends have added to it. */
import type { Family, Ip } from '../../src/base/ip.js';
import { ipBytes } from '../../src/base/ip.js';
import type { Ipv6 } from '../../src/base/ipv6.js';
import { unreachable } from '../../src/base/unreachable.js';
import type { Arrived } from '../../src/core/receive-checks.js';
import { checksumOf, wordSum } from '../../src/wire/internet-checksum.js';

export interface Flight {
  readonly family: Family;
  readonly source: Ip;
  readonly destination: Ip;
}

export function arriving(flight: Flight, message: Uint8Array): Arrived {
  switch (flight.family) {
    case 'ipv4':
      return { family: 'ipv4', packet: ipv4Packet(flight, message) };
    case 'ipv6':
      return {
        family: 'ipv6',
        source: flight.source as Ipv6,
        destination: flight.destination as Ipv6,
        hopLimit: 255,
        payload: withChecksum(flight, message),
      };
    default:
      return unreachable(flight.family);
  }
}

/** As the sender's kernel does over IPv6, whatever stood there (RFC 8200 §8.1). */
function withChecksum({ source, destination }: Flight, message: Uint8Array): Uint8Array {
  const payload = Uint8Array.from(message);
  payload.set([0, 0], 6);
  const pseudoHeader = [
    ipBytes(source),
    ipBytes(destination),
    Uint8Array.of(0, message.length, 0, 112),
  ];
  const checksum = checksumOf(
    [...pseudoHeader, payload].reduce((sum, part) => wordSum(part, sum), 0),
  );
  payload.set([checksum >>> 8, checksum & 0xff], 6);
  return payload;
}

/** The header a raw socket delivers in front of the message (RFC 791 §3.1). */
function ipv4Packet({ source, destination }: Flight, message: Uint8Array): Uint8Array {
  const packet = new Uint8Array(HEADER_BYTES + message.length);
  packet.set(headerFor(source, destination));
  packet[3] = packet.length;
  packet.set(message, HEADER_BYTES);
  return packet;
}

/** Made once for each way a packet may go: a schedule sends hundreds of them. */
function headerFor(source: Ip, destination: Ip): Uint8Array {
  const bySource = HEADERS.get(source) ?? new Map<Ip, Uint8Array>();
  HEADERS.set(source, bySource);
  const known = bySource.get(destination);
  if (known !== undefined) {
    return known;
  }
  const header = Uint8Array.of(0x45, 0xc0, 0, 0, 0, 0, 0, 0, 255, 112, ...new Uint8Array(10));
  header.set(ipBytes(source), 12);
  header.set(ipBytes(destination), 16);
  bySource.set(destination, header);
  return header;
}

const HEADER_BYTES = 20;
const HEADERS = new Map<Ip, Map<Ip, Uint8Array>>();
