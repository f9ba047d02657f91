/** The rules for connections that are kept over a planned move. */
import type { Draft } from './draft.js';
import type { Finding } from './problem.js';

export const connectionRules: readonly ((draft: Draft) => readonly Finding[])[] = [
  connectionsCanBeKept,
];

function connectionsCanBeKept({ groups }: Draft): readonly Finding[] {
  return groups.flatMap(({ cutsConnections }, index) =>
    cutsConnections.map((key) => ({
      path: ['groups', index, 'keep_connections'],
      found: `it beside ${key}`,
      expected: WHY[key] ?? 'one of the two',
    })),
  );
}

const WHY: Readonly<Record<string, string>> = {
  virtual_mac: 'no virtual_mac: the former owner has another MAC to be reached at',
  accept: 'accept: true, or there are no connections',
  unicast_min_ttl: 'both nodes on one link: packets are passed on to the other MAC',
};
