/** The nftables program that tells apart whose connection a packet belongs to while addresses move. */
import type { Family } from '../base/ip.js';
import type { ElementSet } from './nft-messages.js';
import { leftSet } from './nft-script.js';

const TABLE = 'vipair_connections';

/** `left`: addresses that went to the other node, whose address is the value. `taken`: those that came from it. */
export function movedMap(family: Family, name: 'left' | 'taken'): ElementSet {
  return { family: DIALECTS[family].table, table: TABLE, set: name };
}

/**
 * One transaction that can be repeated; addresses that were moving are forgotten. All of it comes after conntrack (whose
 * priority is -200), which follows every connection as soon as these rules are there.
 *
 * - former_owner: open connections are served; a new one that still comes here, because its sender has not heard yet,
 *   is passed on; anything else belongs to nobody. It never passes on what the new owner could pass back. What comes in
 *   on other interfaces begins no connection here either.
 * - new_owner: what begins a connection and what belongs to one of ours is ours; the rest is passed on to the former
 *   owner's MAC. A SYN that the former owner has answered may be sent again, and is answered here too: the client goes on
 *   with the answer that it hears first (RFC 9293 §3.10.7.3), and what it says to the other one says whose it is. Where
 *   nothing follows connections (notrack) it is as if they were not kept.
 */
export function connectionScript(interfaces: readonly string[]): string {
  return FAMILIES.map((family) => script(family, interfaces)).join('');
}

/** Declaring the tables first makes deleting them succeed where there are none. */
export function connectionsDismantleScript(): string {
  return FAMILIES.map((family) => {
    const { table, type } = DIALECTS[family];
    const left = leftSet(family);
    return `table ${table} ${TABLE}
delete table ${table} ${TABLE}
table ${table} ${left.table} { set ${left.set} { type ${type}; flags timeout; }; }
flush set ${table} ${left.table} ${left.set}
`;
  }).join('');
}

const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];

interface Dialect {
  readonly table: 'ip' | 'ip6';
  readonly type: string;
  /** What it has left to go. */
  readonly lives: string;
  /** The copy arrives with 1: where the other node has no such address any more, it goes no further, least of all back. */
  readonly lastHop: string;
}

const DIALECTS: Readonly<Record<Family, Dialect>> = {
  ipv4: { table: 'ip', type: 'ipv4_addr', lives: 'ip ttl > 1', lastHop: 'ip ttl set 2' },
  ipv6: {
    table: 'ip6',
    type: 'ipv6_addr',
    lives: 'ip6 hoplimit > 1',
    lastHop: 'ip6 hoplimit set 2',
  },
};

const BEGINS = 'tcp flags & (fin | syn | rst | ack) == syn';

/**
 * Out of a connection whose SYN was answered here, with an acknowledgement that does not fit this answer: what fits makes
 * the flow assured before these rules see it. Conntrack lets it pass as established where it is too small (since Linux
 * 6.2; too great is invalid), and TCP would answer it with a reset.
 */
const UNANSWERED =
  'tcp flags & (fin | syn | rst | ack) == ack ct state established ct direction original ct status & assured == 0';

function script(family: Family, interfaces: readonly string[]): string {
  const { table, type, lives, lastHop } = DIALECTS[family];
  const rule = (chain: string, text: string): string =>
    `add rule ${table} ${TABLE} ${chain} ${text}\n`;
  const passOn = (map: string, name: string): string =>
    `${lives} ${lastHop} dup to ${table} daddr map @${map} device "${name}"`;
  const chains = interfaces.map((name, index) => {
    const former = `former_owner_${String(index)}`;
    const owner = `new_owner_${String(index)}`;
    return {
      declared: `  chain ${former} { }\n  chain ${owner} { }\n`,
      rules: [
        rule('prerouting', `iifname "${name}" ${table} daddr @left jump ${former}`),
        rule('prerouting', `iifname "${name}" ${table} daddr @taken jump ${owner}`),
        rule(former, 'ct state established,related accept'),
        rule(former, `${BEGINS} ${passOn('left', name)}`),
        rule(former, `${BEGINS} drop`),
        rule(former, 'ct state untracked accept'),
        rule(former, 'counter drop'),
        rule(owner, 'meta l4proto != tcp return'),
        rule(owner, `${BEGINS} return`),
        rule(owner, `${UNANSWERED} ${passOn('taken', name)}`),
        rule(owner, `${UNANSWERED} counter drop`),
        rule(owner, 'ct state established,related,untracked return'),
        rule(owner, passOn('taken', name)),
        rule(owner, 'counter drop'),
      ].join(''),
    };
  });
  return `
table ${table} ${TABLE} {
  map left { type ${type} : ${type}; flags timeout; }
  map taken { type ${type} : ${type}; flags timeout; }
  chain prerouting { type filter hook prerouting priority -150; policy accept; }
${chains.map(({ declared }) => declared).join('')}}
flush table ${table} ${TABLE}
flush map ${table} ${TABLE} left
flush map ${table} ${TABLE} taken
flush set ${table} ${leftSet(family).table} ${leftSet(family).set}
${chains.map(({ rules }) => rules).join('')}${rule('prerouting', `iifname != "lo" ${table} daddr @left ct state != { established, related } counter drop`)}`;
}
