/** Networks: which addresses lie in one. */
import type { Cidr, Ip } from './ip.js';
import { FAMILY_BITS, familyOf, ipBytes } from './ip.js';

/** Whether the address lies in the network of the prefix; whatever host that names, and never of another family. */
export function networkHolds({ address: network, prefixLength }: Cidr, address: Ip): boolean {
  const family = familyOf(network);
  if (familyOf(address) !== family) {
    return false;
  }
  const hostBits = BigInt(FAMILY_BITS[family] - prefixLength);
  return asNumber(network) >> hostBits === asNumber(address) >> hostBits;
}

function asNumber(address: Ip): bigint {
  return ipBytes(address).reduce((number, byte) => number * 256n + BigInt(byte), 0n);
}
