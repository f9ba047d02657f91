/** The pair channel that a configuration asks for. */
import type { Millis } from '../base/time.js';
import { centisToMillis, shorter } from '../base/time.js';
import type { Config, PairConfig } from '../config/config.js';
import type { PairTransports } from '../ports/pair-transport.js';
import type { PairProtocol } from '../wire/pair/message.js';
import { PAIR_PROTOCOL } from '../wire/pair/message.js';
import type { PairLinkPorts } from './pair-link.js';
import { PairLink } from './pair-link.js';

export interface PairLinkAsked {
  readonly config: { readonly pair: PairConfig; readonly groups: Config['groups'] };
  /** Which of the nodes this is. */
  readonly node: string;
  /** Of vipair. */
  readonly version: string;
  readonly pairKeys: readonly Uint8Array[];
  /** Ours, unless an older daemon is played. */
  readonly pairProtocol?: PairProtocol | undefined;
}

/** Undefined where the pair has no key: VRRP decides alone. */
export function pairLinkFor(
  { config, node, version, pairKeys, pairProtocol }: PairLinkAsked,
  ports: Omit<PairLinkPorts, 'transport'> & { readonly pairTransports: PairTransports },
): PairLink | undefined {
  const { nodes, port } = config.pair;
  const own = nodes.find(({ name }) => name === node);
  const peer = nodes.find(({ name }) => name !== node);
  return own === undefined || peer === undefined || pairKeys.length === 0
    ? undefined
    : new PairLink(
        {
          own,
          peer,
          port,
          every: paceOf(config),
          release: version,
          protocol: pairProtocol ?? PAIR_PROTOCOL,
        },
        { ...ports, transport: ports.pairTransports.open(pairKeys) },
      );
}

/** Never slower than the adverts of the fastest group: a backup must not wait for a heartbeat longer than for those. */
export function paceOf({ pair, groups }: PairLinkAsked['config']): Millis {
  return groups.map((each) => centisToMillis(each.advertInterval)).reduce(shorter, pair.heartbeat);
}
