/** What a lab's test of services and the programs at both ends of its traffic have in common. */

/** All in one namespace, on the LAN behind the nodes. */
export const SERVERS = [
  { name: 's1', ipv4: '10.78.0.31', ipv6: 'fd78::31' },
  { name: 's2', ipv4: '10.78.0.32', ipv6: 'fd78::32' },
  { name: 's3', ipv4: '10.78.0.33', ipv6: 'fd78::33' },
] as const;

export const TRAFFIC_PORT = 7_001;
export const CHECK_PORTS = { http: 7_080, tls: 7_443 } as const;

/** What clients are told. `round`: connections that are made and ended; `hold`: that stay; `held`: those say a word. */
export interface TrafficLine {
  readonly what: 'round' | 'hold' | 'held';
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  /** The first port that clients come from. */
  readonly from: number;
  readonly count: number;
}

/** Of each, in the order of ports: the server that answered, or `broken`. */
export type Passed = readonly string[];
