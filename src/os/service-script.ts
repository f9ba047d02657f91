/** The nftables program that passes new connections to virtual addresses on to the servers of services. */
import type { Family, Ip } from '../base/ip.js';
import { familyOf } from '../base/ip.js';
import type { ServiceRule } from '../ports/service-rules.js';
import type { ElementSet } from './nft-messages.js';

const TABLE = 'vipair_services';

const ADDRESSES = 'addresses';

/** Of the services of each family, in a table that is never without a rule once it is loaded. */
export const SERVICE_ADDRESSES: readonly ElementSet[] = [
  { family: 'ip', table: TABLE, set: ADDRESSES },
  { family: 'ip6', table: TABLE, set: ADDRESSES },
];

/**
 * One transaction that can be repeated: tables and chains that are there stay, and their rules are written anew.
 *
 * - prerouting: of a connection that begins, the hash chooses a slot, and that says which server the packets go to. The
 *   kernel asks once; what belongs to a connection that it knows goes where that goes, whatever the rules say by then.
 *   Before others that translate addresses, whose rules would not know of services.
 * - postrouting: what was passed on so goes out with the address that servers are to answer to.
 * - input: with no server left, packets arrive at the virtual address itself. They are refused, so that clients need not
 *   wait, even where something listens on all addresses.
 *
 * The rules are the same on both nodes: where the address is not, no packet to it comes, and what comes without a lease is
 * dropped before.
 */
export function serviceScript(rules: readonly ServiceRule[]): string {
  return FAMILIES.map((family) =>
    script(
      family,
      rules.filter(({ address }) => familyOf(address) === family),
    ),
  ).join('');
}

/** Declaring the tables first makes deleting them succeed where there are none. */
export function servicesDismantleScript(): string {
  return FAMILIES.map((family) => {
    const table = DIALECTS[family];
    return `table ${table} ${TABLE}\ndelete table ${table} ${TABLE}\n`;
  }).join('');
}

const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];
const DIALECTS: Readonly<Record<Family, 'ip' | 'ip6'>> = { ipv4: 'ip', ipv6: 'ip6' };
const TYPES: Readonly<Record<Family, string>> = { ipv4: 'ipv4_addr', ipv6: 'ipv6_addr' };

function script(family: Family, rules: readonly ServiceRule[]): string {
  const table = DIALECTS[family];
  const add = (chain: string, text: string): string =>
    `add rule ${table} ${TABLE} ${chain} ${text}\n`;
  const set = ADDRESSES;
  const addresses = [...new Set(rules.map(({ address }) => address))];
  const filled =
    addresses.length === 0
      ? ''
      : `add element ${table} ${TABLE} ${set} { ${addresses.join(', ')} }\n`;
  return `
table ${table} ${TABLE} {
  set ${set} { type ${TYPES[family]}; }
  chain prerouting { type nat hook prerouting priority -105; policy accept; }
  chain postrouting { type nat hook postrouting priority 95; policy accept; }
  chain input { type filter hook input priority 0; policy accept; }
}
flush table ${table} ${TABLE}
flush set ${table} ${TABLE} ${set}
${filled}${add('prerouting', `${table} daddr != @${set} return`)}${rules
    .map((rule) =>
      rule.slots.length === 0
        ? add('input', refused(table, rule))
        : `${add('prerouting', passedOn(table, rule))}${
            rule.source === undefined ? '' : add('postrouting', sentOn(table, rule, rule.source))
          }`,
    )
    .join('')}`;
}

function passedOn(table: 'ip' | 'ip6', rule: ServiceRule): string {
  const { address, port, protocol, hash, seed, slots } = rule;
  const ends =
    hash === 'source'
      ? `${table} saddr`
      : `${table} saddr . ${protocol} sport . ${table} daddr . ${protocol} dport`;
  const entries = slots
    .map((server, slot) => `${String(slot)} : ${server.address} . ${String(server.port)}`)
    .join(', ');
  const chosen = `jhash ${ends} mod ${String(slots.length)} seed ${String(seed)} map { ${entries} }`;
  return `${table} daddr ${address} ${protocol} dport ${String(port)} counter dnat ${table} to ${chosen}`;
}

function sentOn(table: 'ip' | 'ip6', { address, port, protocol }: ServiceRule, source: Ip): string {
  const asked = `ct original ${table} daddr ${address} ct original proto-dst ${String(port)}`;
  return `meta l4proto ${protocol} ct status dnat ${asked} counter snat to ${source}`;
}

function refused(table: 'ip' | 'ip6', { address, port, protocol }: ServiceRule): string {
  const how = protocol === 'tcp' ? 'reject with tcp reset' : 'reject';
  return `${table} daddr ${address} ${protocol} dport ${String(port)} counter ${how}`;
}
