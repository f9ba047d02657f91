/** The checksum of a VRRP message, in the forms that are about (RFC 9568 §5.2.8). */
import type { Ip } from '../base/ip.js';
import { ipBytes } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { checksumHolds, checksumOf, wordSum } from './internet-checksum.js';
import { wordAt } from './octets.js';

/**
 * Whether the checksum covers a pseudo-header. RFC 9568 §5.2.8 leaves it out over IPv4; keepalived, tcpdump and
 * Wireshark read RFC 5798 §5.2.8 to include it. Both are understood.
 */
export type ChecksumForm = 'with-pseudo-header' | 'without-pseudo-header';

/** The IP addresses a message travels between, of one family: the pseudo-header names them. */
export interface Endpoints {
  readonly source: Ip;
  readonly destination: Ip;
}

/** The right checksum in each form. */
export type ExpectedChecksums = Readonly<Record<ChecksumForm, number>>;

/** Where it stands, in both versions. */
export const CHECKSUM_AT = 6;

const PROTOCOL = 112;

/** What to write into a message whose checksum field is zero. */
export function checksumFor(message: Uint8Array, endpoints: Endpoints, form: ChecksumForm): number {
  return rightChecksums(wordSum(message), pseudoHeaderSum(endpoints, message.length))[form];
}

/**
 * The first of the forms in which the checksum is right. Where several hold, because the pseudo-header adds up to
 * nothing, that is the first that was asked for.
 */
export function checksumForm(
  message: Uint8Array,
  endpoints: Endpoints,
  forms: readonly ChecksumForm[],
): Result<ChecksumForm, { readonly found: number; readonly expected: ExpectedChecksums }> {
  const sum = wordSum(message);
  for (const form of forms) {
    const covered = form === 'with-pseudo-header' ? pseudoHeaderSum(endpoints, message.length) : 0;
    if (checksumHolds(sum + covered)) {
      return ok(form);
    }
  }
  const pseudo = pseudoHeaderSum(endpoints, message.length);
  const found = wordAt(message, CHECKSUM_AT);
  return fail({ found, expected: rightChecksums(sum - found, pseudo) });
}

/** `sum` is that of the message with its checksum field read as zero. */
function rightChecksums(sum: number, pseudo: number): ExpectedChecksums {
  return {
    'without-pseudo-header': checksumOf(sum),
    'with-pseudo-header': checksumOf(sum + pseudo),
  };
}

/**
 * Source, destination, the protocol and the message's length, the rest zero: as TCP has it over IPv4 (RFC 793 §3.1)
 * and every upper layer over IPv6 (RFC 8200 §8.1). Zeros and widths differ, but not the sum.
 */
function pseudoHeaderSum({ source, destination }: Endpoints, length: number): number {
  return wordSum(ipBytes(source), wordSum(ipBytes(destination), PROTOCOL + length));
}
