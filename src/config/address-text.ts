/** Addresses as the operator writes them, with what to say when they are not. */
import type { Cidr, Ipv4 } from '../base/ipv4.js';
import { parseCidr, parseIpv4 } from '../base/ipv4.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';

export const AN_ADDRESS = 'an IPv4 address, such as 10.77.1.1';
export const A_CIDR = 'an IPv4 address with its prefix length, such as 10.77.0.100/24';

export function readAddress(text: string): Result<Ipv4, string> {
  const parsed = parseIpv4(text);
  return parsed.ok ? ok(parsed.value) : fail(explain(text, AN_ADDRESS));
}

export function readCidr(text: string): Result<Cidr, string> {
  const parsed = parseCidr(text);
  return parsed.ok ? ok(parsed.value) : fail(explain(text, A_CIDR));
}

function explain(text: string, expected: string): string {
  return looksLikeIpv6(text) ? `${expected}; this version speaks IPv4 only` : expected;
}

/** Enough to tell what the operator meant; nothing is built on it. */
function looksLikeIpv6(text: string): boolean {
  return /^[\da-f.]*:[\da-f.]*:[\da-f:.]*(?:%[\w.-]+)?(?:\/\d+)?$/iu.test(text);
}
