/** The nftables program by which the kernel tells of selected flows in few words. */
import type { Family } from '../base/ip.js';
import { familyOf, formatCidr } from '../base/ip.js';
import type { FlowSelection } from '../ports/flow-events.js';
import type { ElementSet } from './nft-messages.js';

const TABLE = 'vipair_flows';
const SET = 'selected';

/** That they are there tells that the rules may be, without a process. */
export const SELECTED: readonly ElementSet[] = [
  { family: 'ip', table: TABLE, set: SET },
  { family: 'ip6', table: TABLE, set: SET },
];

/**
 * One transaction that can be repeated. Behind the translation of sources (priority 100), where both tuples of a flow
 * are known, and before the kernel takes it into its table; what ends on this node never comes here.
 */
export function flowEventsScript(selection: FlowSelection): string {
  return FAMILIES.map((family) => script(family, selection)).join('');
}

/** Declaring the tables first makes deleting them succeed where there are none. */
export function flowEventsDismantleScript(): string {
  return FAMILIES.map((family) => {
    const { table } = DIALECTS[family];
    return `table ${table} ${TABLE}\ndelete table ${table} ${TABLE}\n`;
  }).join('');
}

const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];

const DIALECTS = {
  ipv4: { table: 'ip', type: 'ipv4_addr' },
  ipv6: { table: 'ip6', type: 'ipv6_addr' },
} as const satisfies Record<Family, object>;

function script(family: Family, { addresses, networks }: FlowSelection): string {
  const { table, type } = DIALECTS[family];
  const members = [
    ...addresses.filter((each) => familyOf(each) === family),
    ...networks.filter(({ address }) => familyOf(address) === family).map(formatCidr),
  ];
  const elements = members.length === 0 ? '' : ` elements = { ${members.join(', ')} };`;
  const rules = [
    `ct original ${table} saddr`,
    `ct original ${table} daddr`,
    `${table} saddr`,
    `${table} daddr`,
  ].map((end) => `    ${end} @${SET} ct event set assured,destroy\n`);
  return `
table ${table} ${TABLE}
delete table ${table} ${TABLE}
table ${table} ${TABLE} {
  set ${SET} { type ${type}; flags interval; auto-merge;${elements} }
  chain postrouting {
    type filter hook postrouting priority 200; policy accept;
    ct state != new accept
${rules.join('')}  }
}
`;
}
