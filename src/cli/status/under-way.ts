/** What is under way on either node; a drill of this node has lines of its own. */
import type { PairReport } from '../../telemetry/status.js';
import type { UnderWay } from '../../telemetry/under-way.js';
import { doubtful } from '../paint.js';

/** Nothing where nothing is, as far as the nodes say. */
export function underWayLines({
  node,
  underWay,
  peer,
}: Pick<PairReport, 'node' | 'underWay' | 'peer'>): string {
  const of = (name: string, all: readonly UnderWay[] | undefined): readonly string[] =>
    (all ?? []).map(({ says }) => doubtful(`under way: ${name} ${says}`));
  const here = underWay?.filter(({ what }) => what !== 'drill');
  return [...of(node, here), ...of(peer?.node ?? '', peer?.underWay)].join('\n');
}
