/** The pair channel that a configuration asks for. */
import type { PairConfig } from '../config/config.js';
import type { PairTransports } from '../ports/pair-transport.js';
import type { PairLinkPorts } from './pair-link.js';
import { PairLink } from './pair-link.js';

export interface PairLinkAsked {
  readonly config: { readonly pair: PairConfig };
  /** Which of the nodes this is. */
  readonly node: string;
  /** Of vipair. */
  readonly version: string;
  readonly pairKeys: readonly Uint8Array[];
}

/** Undefined where the pair has no key: VRRP decides alone. */
export function pairLinkFor(
  { config, node, version, pairKeys }: PairLinkAsked,
  ports: Omit<PairLinkPorts, 'transport'> & { readonly pairTransports: PairTransports },
): PairLink | undefined {
  const { nodes, port, heartbeat } = config.pair;
  const own = nodes.find(({ name }) => name === node);
  const peer = nodes.find(({ name }) => name !== node);
  return own === undefined || peer === undefined || pairKeys.length === 0
    ? undefined
    : new PairLink(
        { own, peer, port, every: heartbeat, release: version },
        { ...ports, transport: ports.pairTransports.open(pairKeys) },
      );
}
