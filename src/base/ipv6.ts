/** IPv6 addresses as values: parsed once, kept in the one form of RFC 5952, turned into bytes and back. */
import { ipv4Bytes, parseIpv4 } from './ipv4.js';
import type { NotAnAddress } from './ipv4.js';
import type { Result } from './result.js';
import { fail, ok } from './result.js';
import { invariant } from './unreachable.js';

declare const kind: unique symbol;

/** An IPv6 address in the canonical form of RFC 5952 §4, such as `fd77::100`, without a zone. */
export type Ipv6 = string & { readonly [kind]: 'ipv6' };

/** Octets of an IPv6 address. */
export const IPV6_BYTES = 16;

const GROUPS = 8;

/** Accepts every form of RFC 4291 §2.2, an embedded IPv4 address included; zones (`%eth0`) are refused. */
export function parseIpv6(text: string): Result<Ipv6, NotAnAddress> {
  const groups = readGroups(text);
  return groups === undefined
    ? fail({ code: 'not-an-address', found: text })
    : ok(formatGroups(groups));
}

/** Sixteen bytes, network order. */
export function ipv6Bytes(address: Ipv6): Uint8Array {
  const bytes = new Uint8Array(IPV6_BYTES);
  groupsOf(address).forEach((group, index) => {
    bytes.set([group >>> 8, group & 0xff], index * 2);
  });
  return bytes;
}

/** Reads sixteen bytes at `offset`, network order; the caller has checked that they are there. */
export function ipv6FromBytes(bytes: Uint8Array, offset: number): Ipv6 {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, IPV6_BYTES);
  const groups: number[] = [];
  for (let at = 0; at < IPV6_BYTES; at += 2) {
    groups.push(view.getUint16(at));
  }
  return formatGroups(groups);
}

/** `fe80::/10` (RFC 4291 §2.5.6): what adverts over IPv6 leave from. */
export function isLinkLocal(address: Ipv6): boolean {
  return (new DataView(ipv6Bytes(address).buffer).getUint16(0) & 0xffc0) === 0xfe80;
}

/** `ff02::1:ffXX:XXXX` (RFC 4291 §2.7.1): where neighbours ask for an address. */
export function solicitedNode(address: Ipv6): Ipv6 {
  const bytes = ipv6Bytes(address);
  bytes.set(SOLICITED_NODE_PREFIX);
  return ipv6FromBytes(bytes, 0);
}

/** Its first thirteen bytes; the last three are the address's own. */
const SOLICITED_NODE_PREFIX = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff];

function groupsOf(address: Ipv6): readonly number[] {
  const groups = readGroups(address);
  invariant(groups !== undefined, 'an IPv6 address was parsed once');
  return groups;
}

/** Undefined where the text is no address. */
function readGroups(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) {
    return undefined;
  }
  // An embedded IPv4 address stands at the very end.
  const [head, tail] = halves.map((half, index) =>
    half.includes('.') && index < halves.length - 1 ? undefined : readHalf(half),
  );
  if (head === undefined || (halves.length === 2 && tail === undefined)) {
    return undefined;
  }
  const missing = GROUPS - head.length - (tail?.length ?? 0);
  // `::` stands for at least one group (RFC 4291 §2.2 says "one or more").
  const complete = halves.length === 2 ? missing >= 1 : missing === 0;
  return complete
    ? [...head, ...Array.from({ length: missing }, () => 0), ...(tail ?? [])]
    : undefined;
}

/** One side of `::`; an IPv4 address at its end is two groups. */
function readHalf(text: string): readonly number[] | undefined {
  if (text === '') {
    return [];
  }
  const parts = text.split(':');
  const last = text.slice(text.lastIndexOf(':') + 1);
  const embedded = last.includes('.') ? parseIpv4(last) : undefined;
  const hexadecimal = embedded === undefined ? parts : parts.slice(0, -1);
  if (embedded?.ok === false || !hexadecimal.every((part) => /^[\da-f]{1,4}$/iu.test(part))) {
    return undefined;
  }
  const groups = hexadecimal.map((part) => Number.parseInt(part, 16));
  if (embedded === undefined) {
    return groups;
  }
  const [a = 0, b = 0, c = 0, d = 0] = ipv4Bytes(embedded.value);
  return [...groups, (a << 8) | b, (c << 8) | d];
}

/** RFC 5952 §4: lower case, no leading zeros, the first longest run of two or more zero groups as `::`. */
function formatGroups(groups: readonly number[]): Ipv6 {
  const run = longestZeroRun(groups);
  const text = (part: readonly number[]): string =>
    part.map((group) => group.toString(16)).join(':');
  return (
    run.length < 2
      ? text(groups)
      : `${text(groups.slice(0, run.from))}::${text(groups.slice(run.from + run.length))}`
  ) as Ipv6;
}

function longestZeroRun(groups: readonly number[]): {
  readonly from: number;
  readonly length: number;
} {
  let best = { from: 0, length: 0 };
  let from = 0;
  groups.forEach((group, index) => {
    from = group === 0 ? from : index + 1;
    if (index + 1 - from > best.length) {
      best = { from, length: index + 1 - from };
    }
  });
  return best;
}
