/** The nftables program that silences a guarded address whose lease does not run. */
import type { Family, Ip } from '../base/ip.js';
import { familyOf } from '../base/ip.js';
import type { GuardOrder } from '../ports/lease-table.js';
import type { ElementSet, RuleTable } from './nft-messages.js';

const TABLE = 'vipair';

type TableFamily = ElementSet['family'];

/** Which tables speak for an address. Sets belong to one table each, so an IPv4 lease is kept twice, in one transaction. */
const TABLES: Readonly<Record<Family, readonly TableFamily[]>> = {
  ipv4: ['arp', 'ip'],
  ipv6: ['ip6'],
};

export const LEASE_TABLES: Readonly<Record<Family, readonly RuleTable[]>> = {
  ipv4: TABLES.ipv4.map((family) => ({ family, table: TABLE })),
  ipv6: TABLES.ipv6.map((family) => ({ family, table: TABLE })),
};

/** Of an address: where packets come in without a lease, for the sake of its open connections. */
export function leftSet(family: Family): ElementSet {
  return { family: family === 'ipv4' ? 'ip' : 'ip6', table: TABLE, set: 'left' };
}

export const LEASE_SETS: Readonly<Record<Family, readonly ElementSet[]>> = {
  ipv4: TABLES.ipv4.map(leaseSet),
  ipv6: TABLES.ipv6.map(leaseSet),
};

/** One of them is enough to know which leases run. */
export const READ_SETS: readonly ElementSet[] = [leaseSet('ip'), leaseSet('ip6')];

/**
 * One transaction that can be repeated: what is declared again stays, above all the leases that run; rules
 * and guarded addresses are flushed and written anew.
 *
 * - arp input: the kernel sends an ARP reply only when it has read a request, so dropping the requests
 *   silences the replies.
 * - arp output: an ARP request that the kernel makes for its own use may name the address as its sender and
 *   so draw neighbours back to us (`arp_announce` 0). What the announcer sends does not pass here.
 * - ip, ip6 prerouting: neighbours that still have our MAC in their cache do not ask; before conntrack, so that
 *   what is dropped leaves no trace.
 * - left: an address that went to the other node in a planned move, whose open connections are served on here; what
 *   is let in is chosen by the rules of connections.
 * - ip6 output: answers to neighbour solicitations, whose source is the address asked for (Linux, ndisc_send_na), and
 *   solicitations of our own that would draw neighbours back to us. Not the question but the answer is dropped, because
 *   it may be asked of a multicast group that other addresses share, and nft before 1.0.8 cannot look up the target.
 * - unaccepted: Accept_Mode is False (RFC 9568 §6.4.3); neighbour discovery must get through all the same.
 */
export function guardScript(order: GuardOrder, families: readonly Family[]): string {
  return families.map((family) => SCRIPTS[family](order)).join('');
}

const SCRIPTS: Readonly<Record<Family, (order: GuardOrder) => string>> = {
  ipv4: (order) => `
table arp ${TABLE} {
  set guarded { type ipv4_addr; }
  set lease { type ipv4_addr; flags timeout; }
  chain input { type filter hook input priority 0; policy accept; }
  chain output { type filter hook output priority 0; policy accept; }
}
table ip ${TABLE} {
  set guarded { type ipv4_addr; }
  set unaccepted { type ipv4_addr; }
  set lease { type ipv4_addr; flags timeout; }
  set left { type ipv4_addr; flags timeout; }
  chain prerouting { type filter hook prerouting priority -310; policy accept; }
}
flush table arp ${TABLE}
flush table ip ${TABLE}
add rule arp ${TABLE} input arp operation request arp daddr ip @guarded arp daddr ip != @lease counter drop
add rule arp ${TABLE} output arp saddr ip @guarded arp saddr ip != @lease counter drop
add rule ip ${TABLE} prerouting ip daddr @guarded ip daddr != @lease ip daddr != @left counter drop
add rule ip ${TABLE} prerouting ip daddr @unaccepted counter drop
${fill({ family: 'arp', set: 'guarded' }, only('ipv4', order.addresses))}
${fill({ family: 'ip', set: 'guarded' }, only('ipv4', order.addresses))}
${fill({ family: 'ip', set: 'unaccepted' }, only('ipv4', order.unaccepted))}
`,
  ipv6: (order) => `
table ip6 ${TABLE} {
  set guarded { type ipv6_addr; }
  set unaccepted { type ipv6_addr; }
  set lease { type ipv6_addr; flags timeout; }
  set left { type ipv6_addr; flags timeout; }
  chain prerouting { type filter hook prerouting priority -310; policy accept; }
  chain output { type filter hook output priority -310; policy accept; }
}
flush table ip6 ${TABLE}
add rule ip6 ${TABLE} prerouting ip6 daddr @guarded ip6 daddr != @lease ip6 daddr != @left counter drop
add rule ip6 ${TABLE} prerouting ip6 daddr @unaccepted icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
add rule ip6 ${TABLE} prerouting ip6 daddr @unaccepted counter drop
add rule ip6 ${TABLE} output icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 saddr @guarded ip6 saddr != @lease counter drop
${fill({ family: 'ip6', set: 'guarded' }, only('ipv6', order.addresses))}
${fill({ family: 'ip6', set: 'unaccepted' }, only('ipv6', order.unaccepted))}
`,
};

/** Declaring the tables first makes deleting them succeed where there are none. */
export function dismantleScript(families: readonly Family[]): string {
  return families
    .flatMap((family) => TABLES[family])
    .map((family) => `table ${family} ${TABLE}\ndelete table ${family} ${TABLE}\n`)
    .join('');
}

/** Empties the set first, so that nothing of an earlier order stays. */
function fill(
  { family, set }: { readonly family: TableFamily; readonly set: string },
  addresses: readonly Ip[],
): string {
  const flush = `flush set ${family} ${TABLE} ${set}`;
  return addresses.length === 0
    ? flush
    : `${flush}\nadd element ${family} ${TABLE} ${set} { ${addresses.join(', ')} }`;
}

function only(family: Family, addresses: readonly Ip[]): readonly Ip[] {
  return addresses.filter((address) => familyOf(address) === family);
}

function leaseSet(family: TableFamily): ElementSet {
  return { family, table: TABLE, set: 'lease' };
}
