/** Small things that all contract suites say. */
import { parseCidr, parseIp } from '../../src/base/ip.js';
import { parseIpv4 } from '../../src/base/ipv4.js';
import type { Cidr, Ip } from '../../src/base/ip.js';
import type { Result } from '../../src/base/result.js';

export function ipv4(text: string): Ip {
  return value(parseIpv4(text));
}

export function ip(text: string): Ip {
  return value(parseIp(text));
}

export function cidr(text: string): Cidr {
  return value(parseCidr(text));
}

/** The value of what must have succeeded. */
export function value<T>(result: Result<T, unknown>): T {
  if (!result.ok) {
    throw new Error(`failed: ${JSON.stringify(result.error)}`);
  }
  return result.value;
}

/** The code of what must have failed. */
export function code(result: Result<unknown, { readonly code: string }>): string {
  return result.ok ? 'succeeded' : result.error.code;
}

/** Waits for something the outside world does; a test's own deadline ends it. */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  elapse: (ms: number) => Promise<void>,
): Promise<void> {
  while (!(await holds())) {
    await elapse(5);
  }
}
