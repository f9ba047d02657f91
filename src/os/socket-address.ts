/** The kernel's address of an IP socket, and why one could not be used. */
import type { Family, Ip } from '../base/ip.js';
import { ipBytes, isIpv6 } from '../base/ip.js';
import type { Ipv6 } from '../base/ipv6.js';
import { ipv6FromBytes } from '../base/ipv6.js';
import type { SocketFailure } from '../ports/advert-socket.js';
import type { SystemError } from './libc.js';

export const SOCKET_FAMILY: Readonly<Record<Family, number>> = { ipv4: 2, ipv6: 10 };

/** Of struct sockaddr_in6: family, port, flow label, then the address, then the scope. */
const IPV6_ADDRESS_AT = 8;
const IPV6_SCOPE_AT = 24;
const SOCKADDR_IN6_BYTES = 28;

/**
 * struct sockaddr_in or sockaddr_in6 without a port. The interface's index is the scope of a link-local address, which
 * means nothing without it; of any other the kernel ignores it (RFC 4007 §5).
 */
export function socketAddress(address: Ip, interfaceIndex: number): Uint8Array {
  if (isIpv6(address)) {
    const bytes = Buffer.alloc(SOCKADDR_IN6_BYTES);
    bytes.writeUInt16LE(SOCKET_FAMILY.ipv6, 0);
    bytes.set(ipBytes(address), IPV6_ADDRESS_AT);
    bytes.writeUInt32LE(interfaceIndex, IPV6_SCOPE_AT);
    return bytes;
  }
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(SOCKET_FAMILY.ipv4, 0);
  bytes.set(ipBytes(address), 4);
  return bytes;
}

/** Undefined where the kernel told of no IPv6 address. */
export function ipv6Of(socketAddress: Buffer): Ipv6 | undefined {
  return socketAddress.length < SOCKADDR_IN6_BYTES
    ? undefined
    : ipv6FromBytes(socketAddress, IPV6_ADDRESS_AT);
}

export function asSocketFailure(error: SystemError): SocketFailure {
  const detail = `${error.call}: ${error.errno}`;
  switch (error.errno) {
    case 'EPERM':
    case 'EACCES':
      return { code: 'not-permitted', detail };
    case 'ENODEV':
    case 'ENXIO':
      return { code: 'no-such-interface', detail };
    case 'EADDRNOTAVAIL':
      return { code: 'no-such-address', detail };
    default:
      return { code: 'socket', detail };
  }
}
