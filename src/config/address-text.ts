/** Addresses as the operator writes them, with what to say when they are not. */
import type { Cidr, Ip } from '../base/ip.js';
import { parseCidr, parseIp } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';

export const AN_ADDRESS = 'an address, such as 10.77.1.1 or fd77:1::1';
export const A_CIDR = 'an address with its prefix length, such as 10.77.0.100/24 or fd77::100/64';

export function readAddress(text: string): Result<Ip, string> {
  const parsed = parseIp(text);
  return parsed.ok ? ok(parsed.value) : fail(AN_ADDRESS);
}

export function readCidr(text: string): Result<Cidr, string> {
  const parsed = parseCidr(text);
  return parsed.ok ? ok(parsed.value) : fail(A_CIDR);
}
