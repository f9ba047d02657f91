/** The nftables program by which the kernel tells of selected flows in few words. */
import type { Family } from '../base/ip.js';
import { familyOf, formatCidr } from '../base/ip.js';
import type { FlowSelection } from '../ports/flow-events.js';
import type { ElementSet } from './nft-messages.js';

/** For how many seconds this kernel keeps a TCP flow without packets (`net.netfilter.nf_conntrack_tcp_timeout_*`). */
export interface TcpTimeouts {
  readonly timeWait: number;
  /** In all other states that a packet without FIN, SYN and RST may lead to. */
  readonly others: readonly number[];
}

const TABLE = 'vipair_flows';
const SET = 'selected';

/** That they are there tells that the rules may be, without a process. */
export const SELECTED: readonly ElementSet[] = [
  { family: 'ip', table: TABLE, set: SET },
  { family: 'ip6', table: TABLE, set: SET },
];

/**
 * One transaction that can be repeated. Behind the translation of sources (priority 100), where both tuples of a flow
 * are known, and before the kernel takes it into its table and tells what the packet has changed; what ends on this node
 * never comes here.
 */
export function flowEventsScript(selection: FlowSelection, timeouts: TcpTimeouts): string {
  return FAMILIES.map((family) => script(family, selection, timeouts)).join('');
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

function script(
  family: Family,
  { addresses, networks }: FlowSelection,
  timeouts: TcpTimeouts,
): string {
  const { table, type } = DIALECTS[family];
  const members = [
    ...addresses.filter((each) => familyOf(each) === family),
    ...networks.filter(({ address }) => familyOf(address) === family).map(formatCidr),
  ];
  const elements = members.length === 0 ? '' : ` elements = { ${members.join(', ')} };`;
  const chain = (name: string, events: string): string =>
    `  chain ${name} {\n${ofSelected(table, events)}  }\n`;
  return `
table ${table} ${TABLE}
delete table ${table} ${TABLE}
table ${table} ${TABLE} {
  set ${SET} { type ${type}; flags interval; auto-merge;${elements} }
${chain('begun', 'assured,destroy')}${chain('closed', eventsOfClosed(timeouts))}${chain('broken', 'protoinfo,destroy')}  chain postrouting {
    type filter hook postrouting priority 200; policy accept;
    ct state new goto begun
${ruleOfClosed(timeouts)}    ct status assured tcp flags rst goto broken
  }
}
`;
}

function ofSelected(table: 'ip' | 'ip6', events: string): string {
  const ends = ['original', 'reply'].flatMap((tuple) =>
    ['saddr', 'daddr'].map((end) => `ct ${tuple} ${table} ${end}`),
  );
  return ends.map((end) => `    ${end} @${SET} ct event set ${events}\n`).join('');
}

/**
 * Nothing in nftables says in which state a TCP flow is. But each packet starts its timeout again, by the state that it led to,
 * and into TIME_WAIT leads none with a FIN.
 */
function ruleOfClosed({ timeWait }: TcpTimeouts): string {
  return timeWait < 1
    ? ''
    : `    ct expiration <= ${String(timeWait)}s ct expiration > ${String(timeWait - 1)}s ct status assured tcp flags & (fin | syn | rst) == 0 goto closed\n`;
}

/** A flow in TIME_WAIT is told once, and not its end, unless it might be in another state. */
function eventsOfClosed({ timeWait, others }: TcpTimeouts): string {
  const isTimeWait = others.every((each) => each !== timeWait);
  return isTimeWait ? 'protoinfo' : 'protoinfo,destroy';
}
