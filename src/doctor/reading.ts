/** A VRRP packet read as far as it can be: the doctor looks also at what a router refuses. */
import type { Family, Ip } from '../base/ip.js';
import type { MacAddress } from '../base/mac.js';
import type { Instant } from '../base/time.js';
import { readIpv4Packet } from '../wire/ipv4-packet.js';
import { byteAt } from '../wire/octets.js';
import type { ChecksumForm, ExpectedChecksums } from '../wire/vrrp-checksum.js';
import type { Advert } from '../wire/vrrp.js';
import {
  readAdvert,
  verifyAdvert,
  VRRP_HEADER_BYTES,
  VRRP_PROTOCOL,
  vridOf,
} from '../wire/vrrp.js';
import type { SeenOn } from './observations.js';

export interface Reading {
  readonly seen: SeenOn;
  readonly family: Family;
  readonly interface: string;
  readonly direction: 'in' | 'out';
  readonly mac: MacAddress | undefined;
  readonly at: Instant;
  readonly source: Ip;
  readonly destination: Ip;
  readonly ttl: number;
  /** As it stands in the message, whatever it is. */
  readonly version: number;
  readonly vrid: number;
  /** Undefined where the message is damaged, or of a version that nobody knows. */
  readonly advert: Advert | undefined;
  readonly checksum: ChecksumForm | undefined;
  /** Where the checksum is what is wrong. */
  readonly wrongChecksum:
    { readonly found: number; readonly expected: ExpectedChecksums } | undefined;
}

/** Undefined for what is no VRRP message at all. */
export function readPacket(seen: SeenOn): Reading | undefined {
  const delivery = deliveryOf(seen);
  if (delivery === undefined || delivery.payload.length < VRRP_HEADER_BYTES) {
    return undefined;
  }
  const { payload, source, destination, ttl } = delivery;
  const version = byteAt(payload, 0) >>> 4;
  return {
    seen,
    family: seen.arrived.family,
    interface: seen.interface,
    direction: seen.direction,
    mac: seen.mac,
    at: seen.at,
    source,
    destination,
    ttl,
    version,
    vrid: vridOf(payload),
    ...messageOf(delivery, version),
  };
}

interface Delivery {
  readonly source: Ip;
  readonly destination: Ip;
  readonly ttl: number;
  readonly payload: Uint8Array;
}

function deliveryOf({ arrived }: SeenOn): Delivery | undefined {
  if (arrived.family === 'ipv6') {
    const { source, destination, hopLimit: ttl, payload } = arrived;
    return { source, destination, ttl, payload };
  }
  const ip = readIpv4Packet(arrived.packet);
  return ip.ok && !ip.value.isFragment && ip.value.protocol === VRRP_PROTOCOL
    ? ip.value
    : undefined;
}

function messageOf(
  { payload, ...delivery }: Delivery,
  version: number,
): Pick<Reading, 'advert' | 'checksum' | 'wrongChecksum'> {
  const unread = { advert: undefined, checksum: undefined, wrongChecksum: undefined };
  if (version !== 2 && version !== 3) {
    return unread;
  }
  const verified = verifyAdvert(payload, delivery, version);
  if (!verified.ok) {
    const { error } = verified;
    return error.code === 'checksum' ? { ...unread, wrongChecksum: error } : unread;
  }
  const { message, checksum } = verified.value;
  const advert = readAdvert(message, version, delivery.source.includes(':') ? 'ipv6' : 'ipv4');
  return advert.ok ? { ...unread, advert: advert.value, checksum } : unread;
}
