/** The nftables program that silences a guarded address whose lease does not run. */
import type { Ip } from '../base/ip.js';
import type { ElementSet } from './nft-messages.js';

const TABLE = 'vipair';
const FAMILIES = ['arp', 'ip'] as const;

/** Sets belong to one table each, so the same leases are kept twice, in one transaction. */
export const LEASE_SETS: Readonly<Record<'arp' | 'ip', ElementSet>> = {
  arp: { family: 'arp', table: TABLE, set: 'lease' },
  ip: { family: 'ip', table: TABLE, set: 'lease' },
};

/**
 * One transaction that can be repeated: what is declared again stays, above all the leases that run; rules
 * and guarded addresses are flushed and written anew.
 *
 * - arp input: the kernel sends an ARP reply only when it has read a request, so dropping the requests
 *   silences the replies.
 * - arp output: an ARP request that the kernel makes for its own use may name the address as its sender and
 *   so draw neighbours back to us (`arp_announce` 0). What the announcer sends does not pass here.
 * - ip prerouting: neighbours that still have our MAC in their cache do not ask; before conntrack, so that
 *   what is dropped leaves no trace.
 */
export function guardScript(addresses: readonly Ip[]): string {
  return `
table arp ${TABLE} {
  set guarded { type ipv4_addr; }
  set lease { type ipv4_addr; flags timeout; }
  chain input { type filter hook input priority 0; policy accept; }
  chain output { type filter hook output priority 0; policy accept; }
}
table ip ${TABLE} {
  set guarded { type ipv4_addr; }
  set lease { type ipv4_addr; flags timeout; }
  chain prerouting { type filter hook prerouting priority -310; policy accept; }
}
flush table arp ${TABLE}
flush table ip ${TABLE}
flush set arp ${TABLE} guarded
flush set ip ${TABLE} guarded
add rule arp ${TABLE} input arp operation request arp daddr ip @guarded arp daddr ip != @lease counter drop
add rule arp ${TABLE} output arp saddr ip @guarded arp saddr ip != @lease counter drop
add rule ip ${TABLE} prerouting ip daddr @guarded ip daddr != @lease counter drop
${FAMILIES.map((family) => guarded(family, addresses)).join('')}`;
}

/** Declaring the tables first makes deleting them succeed where there are none. */
export function dismantleScript(): string {
  return FAMILIES.map(
    (family) => `table ${family} ${TABLE}\ndelete table ${family} ${TABLE}\n`,
  ).join('');
}

function guarded(family: 'arp' | 'ip', addresses: readonly Ip[]): string {
  return addresses.length === 0
    ? ''
    : `add element ${family} ${TABLE} guarded { ${addresses.join(', ')} }\n`;
}
