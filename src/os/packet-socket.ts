/** The kernel's address of an Ethernet interface for packet sockets. */
import type { MacAddress } from '../base/mac.js';
import { MAC_BYTES, macFromBytes } from '../base/mac.js';

export const AF_PACKET = 17;
export const SOCK_RAW = 3;
export const ETH_P_ARP = 0x0806;
export const ETH_P_IPV6 = 0x86dd;
export const SOCKADDR_LL_BYTES = 20;
const LENGTH_AT = 11;
const ADDRESS_AT = 12;

/** struct sockaddr_ll: of it a raw packet socket reads the interface and the protocol; the frame has the rest. */
export function linkAddress(index: number, protocol: number): Uint8Array {
  const bytes = Buffer.alloc(SOCKADDR_LL_BYTES);
  bytes.writeUInt16LE(AF_PACKET, 0);
  bytes.writeUInt16BE(protocol, 2);
  bytes.writeInt32LE(index, 4);
  return bytes;
}

/** What a bound packet socket tells of its interface; undefined where that is gone, or no Ethernet. */
export function hardwareAddressOf(socketName: Buffer): MacAddress | undefined {
  return socketName[LENGTH_AT] === MAC_BYTES ? macFromBytes(socketName, ADDRESS_AT) : undefined;
}
