/**
 * The nftables rules of a drill, which drop packets while carriers stay. What an interface takes in and gives out is dropped
 * at the interface itself: there also raw and packet sockets of one protocol come after us. Only who listens to every
 * protocol, as tcpdump does, still sees what comes in.
 */
import { isIpv6 } from '../../base/ip.js';
import { unreachable } from '../../base/unreachable.js';
import type { DroppedPackets } from '../../core/drill-fault.js';

/** Of both families; nothing else of ours has that name. */
export const DRILL_TABLE = 'vipair_drill';

/** One transaction. `index` keeps the chains of several faults apart. */
export function dropScript(index: number, packets: readonly DroppedPackets[]): string {
  return [
    `add table netdev ${DRILL_TABLE}`,
    `add table inet ${DRILL_TABLE}`,
    ...packets.flatMap((each, at) => chainsOf(`${String(index)}_${String(at)}`, each)),
    '',
  ].join('\n');
}

/** Also where there are none of them. */
export function undropScript(): string {
  return ['netdev', 'inet']
    .flatMap((family) => ['add', 'delete'].map((verb) => `${verb} table ${family} ${DRILL_TABLE}`))
    .join('\n')
    .concat('\n');
}

function chainsOf(name: string, packets: DroppedPackets): readonly string[] {
  switch (packets.what) {
    case 'everything':
      return ['in', 'out'].flatMap((direction) =>
        atInterface(name, packets.interface, direction, ['drop']),
      );
    case 'adverts':
      return atInterface(name, packets.interface, packets.direction, [
        'ip protocol vrrp drop',
        'ip6 nexthdr vrrp drop',
      ]);
    case 'port': {
      const port = String(packets.port);
      const rules = ['sport', 'dport'].map(
        (side) => `meta l4proto { tcp, udp } th ${side} ${port} drop`,
      );
      return ['input', 'output'].flatMap((hook) => ofThisNode(name, hook, rules));
    }
    case 'server': {
      const family = isIpv6(packets.address) ? 'ip6' : 'ip';
      return ofThisNode(name, 'output', [
        `${family} daddr ${packets.address} meta l4proto { tcp, udp } th dport ${String(packets.port)} drop`,
      ]);
    }
    default:
      return unreachable(packets);
  }
}

function atInterface(
  name: string,
  interfaceName: string,
  direction: string,
  rules: readonly string[],
): readonly string[] {
  const hook = direction === 'in' ? 'ingress' : 'egress';
  const chain = `netdev ${DRILL_TABLE} ${hook}_${name}`;
  return [
    `add chain ${chain} { type filter hook ${hook} device "${interfaceName}" priority ${FIRST}; policy accept; }`,
    ...rules.map((rule) => `add rule ${chain} ${rule}`),
  ];
}

/** Of packets that this node itself takes in or gives out: those that it passes on for others are left alone. */
function ofThisNode(name: string, hook: string, rules: readonly string[]): readonly string[] {
  const chain = `inet ${DRILL_TABLE} ${hook}_${name}`;
  return [
    `add chain ${chain} { type filter hook ${hook} priority ${FIRST}; policy accept; }`,
    ...rules.map((rule) => `add rule ${chain} ${rule}`),
  ];
}

/** Before everybody else's rules, of connections and leases too. */
const FIRST = '-500';
