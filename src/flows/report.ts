/** What a flow replicator tells its daemon. */
import type { Instant } from '../base/time.js';
import { between } from '../base/time.js';
import type { FlowsOfKind, FlowsReport } from '../telemetry/flows.js';
import { PROTOCOL } from '../wire/conntrack/protocol.js';
import type { FlowLink } from './flow-link.js';
import type { OwnSide } from './own-side.js';
import type { PeerSide } from './peer-side.js';
import type { Standing } from './standing.js';
import type { FlowCount } from './sums.js';

export interface ReportFrom {
  readonly standing: Standing;
  readonly link: FlowLink;
  readonly own: OwnSide;
  readonly peer: PeerSide;
  readonly room: FlowsReport['table'];
  readonly drops: number;
  readonly memoryBytes: number;
  readonly now: Instant;
}

export function reportFlows(from: ReportFrom): FlowsReport {
  const { standing, link, own, peer, now } = from;
  const { state, since, problem } = link.status;
  const { flows, since: oldest } = link.underWay;
  return {
    link: { state, since, problem },
    complete: peer.complete === 'yes',
    owned: [...standing.here],
    own: standing.own.sums.byKind.map(ofKind),
    mirrored: standing.heard.sums.byKind.map(ofKind),
    sent: {
      flows: own.told,
      waiting: own.waiting,
      unacknowledged: flows,
      lagMs: oldest === undefined ? 0 : Math.max(0, Math.round(between(oldest, now))),
      overflows: own.overflows,
      refused: own.refusedThere,
      verified: own.verified,
    },
    received: { flows: peer.received, lag: peer.lag.report(now), verified: peer.verified },
    refused: peer.refusals.all,
    table: from.room,
    drops: from.drops,
    looks: own.looks,
    memoryBytes: from.memoryBytes,
  };
}

function ofKind({ protocol, family, flows }: FlowCount): FlowsOfKind {
  return { protocol: NAMES.get(protocol) ?? `protocol ${String(protocol)}`, family, flows };
}

const NAMES = new Map(Object.entries(PROTOCOL).map(([name, number]) => [number as number, name]));
