/** The rules about addresses: what may not be one, and which may not be the same. */
import type { Cidr, Ip } from '../base/ip.js';
import { FAMILY_BITS, familyOf, formatCidr, ipBytes, isIpv6, isMulticastIp } from '../base/ip.js';
import type { Ipv4 } from '../base/ipv4.js';
import type { Ipv6 } from '../base/ipv6.js';
import type { Draft, InstanceDraft } from './draft.js';
import type { Finding, Path } from './problem.js';
import { formatPath, quote } from './problem.js';

export const addressRules: readonly ((draft: Draft) => readonly Finding[])[] = [
  nodeAddressesAreHosts,
  nodeAddressesDiffer,
  virtualAddressesAreHosts,
  virtualAddressesDiffer,
  virtualAddressesBelongToNoNode,
];

function nodeAddressesAreHosts(draft: Draft): readonly Finding[] {
  return ownAddresses(draft).flatMap(({ path, address }) => {
    // Loopback is let through: a pair whose nodes both run on one machine is a way to try things out.
    const reason = isLoopback(address)
      ? undefined
      : unfitness({ address, prefixLength: FAMILY_BITS[familyOf(address)] });
    return reason === undefined
      ? []
      : [{ path, found: quote(address), expected: `an address of one machine, not ${reason}` }];
  });
}

/** Between the nodes of the pair, and between those of each group's unicast; a node may have one address in both. */
function nodeAddressesDiffer(draft: Draft): readonly Finding[] {
  const own = ownAddresses(draft);
  return own.flatMap(({ path, address, node }) => {
    const earlier = own.slice(
      0,
      own.findIndex((other) => other.path === path),
    );
    const clash = earlier.find((other) => other.address === address && other.node !== node);
    return clash === undefined
      ? []
      : [
          {
            path,
            found: quote(address),
            expected: `another address than ${formatPath(clash.path)}`,
          },
        ];
  });
}

function virtualAddressesAreHosts(draft: Draft): readonly Finding[] {
  return virtualAddresses(draft).flatMap(({ path, cidr }) => {
    const reason = unfitness(cidr);
    return reason === undefined
      ? []
      : [
          {
            path,
            found: quote(formatCidr(cidr)),
            expected: `an address that a machine can hold, not ${reason}`,
          },
        ];
  });
}

/** The prefix length does not count: two of one address would be one address in the kernel's answers. */
function virtualAddressesDiffer(draft: Draft): readonly Finding[] {
  const firsts = new Map<Ip, Path>();
  return virtualAddresses(draft).flatMap(({ path, cidr }) => {
    const first = firsts.get(cidr.address);
    if (first === undefined) {
      firsts.set(cidr.address, path);
      return [];
    }
    const expected = `each virtual address once; ${formatPath(first)} is this one`;
    return [{ path, found: quote(formatCidr(cidr)), expected }];
  });
}

/** A node would lose the address by which its peer and its operator reach it. */
function virtualAddressesBelongToNoNode(draft: Draft): readonly Finding[] {
  const own = ownAddresses(draft);
  return virtualAddresses(draft).flatMap(({ path, cidr }) => {
    const clash = own.find(({ address }) => address === cidr.address);
    return clash === undefined
      ? []
      : [
          {
            path,
            found: quote(formatCidr(cidr)),
            expected: `an address that no node has of its own; ${formatPath(clash.path)} is this one`,
          },
        ];
  });
}

interface PlacedVirtualAddress {
  readonly path: Path;
  readonly cidr: Cidr;
}

function virtualAddresses({ groups }: Draft): readonly PlacedVirtualAddress[] {
  return groups.flatMap((group, index) => [
    ...placed(group, ['groups', index]),
    ...group.instances.flatMap((each, position) =>
      placed(each, ['groups', index, 'instances', position]),
    ),
  ]);
}

function placed(
  { addresses }: Pick<InstanceDraft, 'addresses'>,
  at: Path,
): readonly PlacedVirtualAddress[] {
  return addresses.flatMap((cidr, position) =>
    cidr === undefined ? [] : [{ path: [...at, 'addresses', position], cidr }],
  );
}

interface PlacedOwnAddress {
  readonly path: Path;
  readonly address: Ip;
  readonly node: string;
}

/** The addresses that the nodes have by themselves, in the order of the file. */
function ownAddresses({ nodes, groups }: Draft): readonly PlacedOwnAddress[] {
  const ofPair = (nodes ?? []).flatMap(({ name, address, fallback }) => [
    { path: ['pair', 'nodes', name, 'address'], address, node: name },
    { path: ['pair', 'nodes', name, 'fallback'], address: fallback, node: name },
  ]);
  const ofGroups = groups.flatMap(({ unicast }, group) =>
    [...(unicast === undefined || unicast === 'pair' ? [] : unicast)].flatMap(([node, addresses]) =>
      (addresses ?? []).map((address) => ({
        path: ['groups', group, 'unicast', node],
        address,
        node,
      })),
    ),
  );
  return [...ofPair, ...ofGroups].flatMap(({ address, ...place }) =>
    address === undefined ? [] : [{ ...place, address }],
  );
}

/** Why no machine can hold the address; undefined where one can. */
export function unfitness({ address, prefixLength }: Cidr): string | undefined {
  if (isLoopback(address)) {
    return 'a loopback address';
  }
  if (isMulticastIp(address)) {
    return 'a multicast address';
  }
  return isIpv6(address) ? unfitIpv6(address) : unfitIpv4(address, prefixLength);
}

function unfitIpv4(address: Ipv4, prefixLength: number): string | undefined {
  if (octets(address)[0] === 0) {
    return 'one of this network (0.0.0.0/8)'; // RFC 1122 §3.2.1.3 (a)
  }
  if (address === '255.255.255.255') {
    return 'the broadcast address';
  }
  // A network of one or two addresses has neither (RFC 3021 §2.1).
  return prefixLength > 30 ? undefined : endOfNetwork(address, prefixLength);
}

function unfitIpv6(address: Ipv6): string | undefined {
  // RFC 4291 §2.5.2. An address whose host part is zero is the routers' anycast address, which a machine may hold.
  return address === '::' ? 'the unspecified address' : undefined;
}

function endOfNetwork(address: Ipv4, prefixLength: number): string | undefined {
  const hosts = 2 ** (FAMILY_BITS.ipv4 - prefixLength);
  const host = octets(address).reduce((total, octet) => total * 256 + octet, 0) % hosts;
  if (host === 0) {
    return 'the address of its network';
  }
  return host === hosts - 1 ? 'the broadcast address of its network' : undefined;
}

function isLoopback(address: Ip): boolean {
  // 127.0.0.0/8 (RFC 1122 §3.2.1.3 (g)) and ::1 (RFC 4291 §2.5.3).
  return isIpv6(address) ? address === '::1' : octets(address)[0] === 127;
}

function octets(address: Ip): readonly number[] {
  return [...ipBytes(address)];
}
