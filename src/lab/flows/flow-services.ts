/** The services of a lab of flows: every way a flow can take through the pair, as vipair is told of it, and as nftables is. */
import type { Family } from '../../base/ip.js';
import type { BackServerName } from '../topology.js';
import {
  BACK_ADDRESSES,
  BACK_INTERFACE,
  BACK_SERVER_NAMES,
  BACK_VIRTUAL_CIDRS,
  VIRTUAL_CIDRS,
} from '../topology.js';
import { HELLO_UDP_LENGTH } from './message.js';
import type { FlowProtocol } from './traffic-report.js';
import { FLOW_PROTOCOLS } from './traffic-report.js';

/** `source NAT`: servers see an address of the pair; `routed`: they see the client, and answer through the pair. */
export const FLOW_WAYS = ['source NAT', 'routed'] as const;
export type FlowWay = (typeof FLOW_WAYS)[number];

export interface FlowService {
  readonly name: string;
  readonly protocol: FlowProtocol;
  readonly family: Family;
  readonly way: FlowWay;
  /** On clients' side, and on the servers'. */
  readonly port: number;
  /** Whether the other node is to know its flows. */
  readonly replicated: boolean;
}

/** What tells the servers apart in what they say. */
export const SERVER_NUMBERS: Readonly<Record<BackServerName, number>> = { s1: 1, s2: 2 };

const PORTS: Readonly<Record<'kept' | 'lost', Readonly<Record<FlowWay, number>>>> = {
  kept: { 'source NAT': 7_001, routed: 7_002 },
  lost: { 'source NAT': 7_003, routed: 7_004 },
};
export const SERVER_PORTS: readonly number[] = Object.values(PORTS).flatMap((ways) =>
  Object.values(ways),
);

export function flowServices(
  families: readonly Family[],
  replicated: readonly boolean[],
): readonly FlowService[] {
  return replicated.flatMap((isReplicated) =>
    families.flatMap((family) =>
      FLOW_WAYS.flatMap((way) =>
        FLOW_PROTOCOLS.map((protocol) => ({
          name: [
            ...[protocol, family, way === 'routed' ? 'routed' : 'snat'],
            isReplicated ? 'kept' : 'lost',
          ].join('-'),
          ...{ protocol, family, way, replicated: isReplicated },
          port: PORTS[isReplicated ? 'kept' : 'lost'][way],
        })),
      ),
    ),
  );
}

/** The section of vipair.yaml. */
export function servicesSection(services: readonly FlowService[]): string {
  return ['services:', ...services.flatMap(serviceLines)].join('\n');
}

function serviceLines({
  name,
  protocol,
  family,
  way,
  port,
  replicated,
}: FlowService): readonly string[] {
  const servers = BACK_SERVER_NAMES.map(
    (server) => `{ name: ${server}, address: "${BACK_ADDRESSES[family][server]}" }`,
  );
  return [
    `  - name: ${name}`,
    `    address: "${VIRTUAL_CIDRS[family].address}"`,
    `    port: ${String(port)}`,
    `    protocol: ${protocol}`,
    '    hash: flow',
    // Soon, so that nobody has to wait for the services; nobody can ask a UDP server whether it is there.
    ...(protocol === 'tcp'
      ? ['    check: { tcp: true, every: 500ms, timeout: 400ms, rise: 1, fall: 3 }']
      : []),
    ...(way === 'source NAT' ? [`    source: "${BACK_VIRTUAL_CIDRS[family].address}"`] : []),
    `    servers: [${servers.join(', ')}]`,
    `    replicate_flows: ${String(replicated)}`,
  ];
}

/** The same for a pair that has no services: what a site would write for nft(8). */
export function natRules(services: readonly FlowService[]): string {
  const families = [...new Set(services.map(({ family }) => family))];
  return families
    .map((family) => {
      const ours = services.filter((each) => each.family === family);
      return [
        `table ${NFT_FAMILIES[family]} lab_services {`,
        '  chain arriving { type nat hook prerouting priority dstnat;',
        ...ours.map(arrivingRule),
        '  }',
        '  chain leaving { type nat hook postrouting priority srcnat;',
        ...ours.filter(({ way }) => way === 'source NAT').map(leavingRule),
        '  }',
        '}',
        '',
      ].join('\n');
    })
    .join('');
}

const NFT_FAMILIES: Readonly<Record<Family, string>> = { ipv4: 'ip', ipv6: 'ip6' };

function arrivingRule({ protocol, family, port }: FlowService): string {
  const ip = NFT_FAMILIES[family];
  const servers = BACK_SERVER_NAMES.map(
    (server, index) => `${String(index)} : ${BACK_ADDRESSES[family][server]}`,
  );
  return (
    `    ${ip} daddr ${VIRTUAL_CIDRS[family].address} ${protocol} dport ${String(port)} ` +
    `dnat to jhash ${ip} saddr . ${protocol} sport mod ${String(servers.length)} map { ${servers.join(', ')} }`
  );
}

function leavingRule({ protocol, family, port }: FlowService): string {
  return (
    `    oifname "${BACK_INTERFACE}" ${protocol} dport ${String(port)} ` +
    `snat to ${BACK_VIRTUAL_CIDRS[family].address}`
  );
}

/**
 * Of both nodes. It admits what begins, and what is known to have begun: otherwise the kernel picks up connections in their
 * middle (net.netfilter.nf_conntrack_tcp_loose) and finds the server by its hash, and nothing would have to be replicated.
 */
export function firewall(): string {
  return `table inet lab_firewall {
  chain forward { type filter hook forward priority filter; policy drop;
    ct state established,related accept
    ct state new tcp flags & (fin|syn|rst|ack) == syn accept
    ct state new udp length ${String(HELLO_UDP_LENGTH)} accept
    meta l4proto { icmp, icmpv6 } accept
  }
}
`;
}
