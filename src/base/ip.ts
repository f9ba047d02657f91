/** An IP address of either family, and the prefix it is configured with. */
import type { Ipv4, NotAnAddress } from './ipv4.js';
import { compareIpv4, ipv4Bytes, isMulticast, parseIpv4 } from './ipv4.js';
import type { Ipv6 } from './ipv6.js';
import { ipv6Bytes, parseIpv6 } from './ipv6.js';
import type { Result } from './result.js';
import { fail, ok } from './result.js';

/** Both families are canonical text, so two addresses are the same when their texts are. */
export type Ip = Ipv4 | Ipv6;

export type Family = 'ipv4' | 'ipv6';

/** An address with the length of its network prefix, such as `10.77.0.100/24` or `fd77::100/64`. */
export interface Cidr<Address extends Ip = Ip> {
  readonly address: Address;
  readonly prefixLength: number;
}

/** How many bits an address of the family has, and so the prefix length of a single host. */
export const FAMILY_BITS: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 };

export function isIpv6(address: Ip): address is Ipv6 {
  return address.includes(':');
}

export function isIpv4(address: Ip): address is Ipv4 {
  return !isIpv6(address);
}

export function familyOf(address: Ip): Family {
  return isIpv6(address) ? 'ipv6' : 'ipv4';
}

export function isIpv6Cidr(cidr: Cidr): cidr is Cidr<Ipv6> {
  return isIpv6(cidr.address);
}

export function isIpv4Cidr(cidr: Cidr): cidr is Cidr<Ipv4> {
  return isIpv4(cidr.address);
}

/** Either family; see {@link parseIpv4} and {@link parseIpv6} for what each accepts. */
export function parseIp(text: string): Result<Ip, NotAnAddress> {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** As in a URL: an address with a port behind it; one of IPv6 is written in brackets (RFC 3986 §3.2.2). */
export function withPort(host: Ip, port: number): string {
  return `${isIpv6(host) ? `[${host}]` : host}:${String(port)}`;
}

/** Without a length, a host (`/32` or `/128`). A length is at least 1 and has no leading zeros. */
export function parseCidr(text: string): Result<Cidr, NotAnAddress> {
  const slash = text.indexOf('/');
  const address = parseIp(slash === -1 ? text : text.slice(0, slash));
  if (!address.ok) {
    return fail({ code: 'not-an-address', found: text });
  }
  const bits = FAMILY_BITS[familyOf(address.value)];
  const length = slash === -1 ? String(bits) : text.slice(slash + 1);
  const valid = /^[1-9]\d{0,2}$/u.test(length) && Number(length) <= bits;
  return valid
    ? ok({ address: address.value, prefixLength: Number(length) })
    : fail({ code: 'not-an-address', found: text });
}

export function formatCidr(cidr: Cidr): string {
  return `${cidr.address}/${String(cidr.prefixLength)}`;
}

/** Four or sixteen bytes, network order. */
export function ipBytes(address: Ip): Uint8Array {
  return isIpv6(address) ? ipv6Bytes(address) : ipv4Bytes(address);
}

/** Negative, zero or positive, comparing as numbers: the tie-break of RFC 9568 §6.4.3. IPv4 comes before IPv6. */
export function compareIp(a: Ip, b: Ip): number {
  if (isIpv6(a) && isIpv6(b)) {
    return compareBytes(ipv6Bytes(a), ipv6Bytes(b));
  }
  return isIpv4(a) && isIpv4(b) ? compareIpv4(a, b) : Number(isIpv6(a)) - Number(isIpv6(b));
}

/** `224.0.0.0/4` (RFC 1112 §4) or `ff00::/8` (RFC 4291 §2.7). */
export function isMulticastIp(address: Ip): boolean {
  return isIpv6(address)
    ? address.startsWith('ff') && ipv6Bytes(address)[0] === 0xff
    : isMulticast(address);
}

/** Digits of one length sort like the numbers they are. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const [first, second] = [hexadecimal(a), hexadecimal(b)];
  return Number(first > second) - Number(first < second);
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
