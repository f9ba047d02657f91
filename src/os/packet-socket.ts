/** The kernel's address of an Ethernet interface for packet sockets. */

export const AF_PACKET = 17;
export const SOCK_RAW = 3;
export const ETH_P_ARP = 0x0806;
export const ETH_P_IPV6 = 0x86dd;
const SOCKADDR_LL_BYTES = 20;

/** struct sockaddr_ll: of it a raw packet socket reads the interface and the protocol; the frame has the rest. */
export function linkAddress(index: number, protocol: number): Uint8Array {
  const bytes = Buffer.alloc(SOCKADDR_LL_BYTES);
  bytes.writeUInt16LE(AF_PACKET, 0);
  bytes.writeUInt16BE(protocol, 2);
  bytes.writeInt32LE(index, 4);
  return bytes;
}
