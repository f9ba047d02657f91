/** The kernel's address of an Ethernet interface for packet sockets. */

export const AF_PACKET = 17;
export const SOCK_RAW = 3;
export const ETH_P_ARP = 0x0806;
const SOCKADDR_LL_BYTES = 20;

/** struct sockaddr_ll: of it a raw packet socket reads the interface and the protocol; the frame has the rest. */
export function linkAddress(index: number): Uint8Array {
  const bytes = Buffer.alloc(SOCKADDR_LL_BYTES);
  bytes.writeUInt16LE(AF_PACKET, 0);
  bytes.writeUInt16BE(ETH_P_ARP, 2);
  bytes.writeInt32LE(index, 4);
  return bytes;
}
