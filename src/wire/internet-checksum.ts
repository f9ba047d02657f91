/** The Internet checksum (RFC 1071): what IPv4 headers and VRRP messages carry. */
import { byteAt } from './octets.js';

/** Largest word, and the folded sum of anything that carries its own correct checksum (RFC 1071 §1). */
const ALL_ONES = 0xffff;

/**
 * Adds the 16-bit big-endian words of `bytes` to `start`; an odd last byte counts as the high half of a word.
 * The result is not folded, so sums can be added up: 2^53 leaves room for any packet.
 */
export function wordSum(bytes: Uint8Array, start = 0): number {
  let sum = start;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += (byteAt(bytes, at) << 8) | (bytes[at + 1] ?? 0);
  }
  return sum;
}

/** The checksum to write when the words, the checksum field read as zero, add up to `sum`. */
export function checksumOf(sum: number): number {
  return ALL_ONES - fold(sum);
}

/** Whether words that include their checksum add up to `sum` (RFC 1071 §1: all ones). */
export function checksumHolds(sum: number): boolean {
  return fold(sum) === ALL_ONES;
}

/** Adds the carries back in, as one's complement arithmetic does (RFC 1071 §2). */
function fold(sum: number): number {
  let folded = sum;
  while (folded > ALL_ONES) {
    folded = (folded % 0x10000) + Math.floor(folded / 0x10000);
  }
  return folded;
}
