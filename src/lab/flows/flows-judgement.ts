/** What the loss of a node came to for the flows of each service, and whether that is as promised. */
import type { Family } from '../../base/ip.js';
import { withPort } from '../../base/ip.js';
import { VIRTUAL_CIDRS } from '../topology.js';
import type { FlowService, FlowWay } from './flow-services.js';
import type { FlowArm } from './flows-run.js';
import type { FlowProtocol, FlowSeen } from './traffic-report.js';
import { isWhole, longestGapMs, STALLED_MS } from './traffic-report.js';

export interface FlowsSeen {
  /** The service's. */
  readonly name: string;
  readonly by: FlowArm;
  readonly protocol: FlowProtocol;
  readonly family: Family;
  readonly way: FlowWay;
  readonly flows: number;
  readonly broken: number;
  /** Of them those that did not even go on when the power was lost: of no use as a proof of anything. */
  readonly before: number;
  readonly corruptBytes: number;
  /** Of flows that have survived, in milliseconds; 0 of none. */
  readonly longestGapMs: number;
  /** Questions without an answer, of flows that have survived. */
  readonly lost: number;
  readonly verdict: 'as expected' | 'not as expected';
  /** Why the first of those that broke did so. */
  readonly example: string | undefined;
}

/** What all flows of a run did, and how long before that was looked at the power was lost. */
export interface FlowsRecord {
  readonly flows: readonly FlowSeen[];
  readonly sinceBlowMs: number;
}

export function judgeService(
  service: FlowService,
  by: FlowArm,
  { flows: seen, sinceBlowMs }: FlowsRecord,
): FlowsSeen {
  const target = withPort(VIRTUAL_CIDRS[service.family].address, service.port);
  const flows = seen.filter((each) => each.protocol === service.protocol && each.target === target);
  const survivors = flows.filter(isWhole);
  const broken = flows.filter((flow) => !isWhole(flow));
  const figures = {
    flows: flows.length,
    broken: broken.length,
    before: flows.filter((flow) => !wentOnUntil(flow, sinceBlowMs)).length,
    corruptBytes: total(
      flows.map(({ client, server }) => client.corruptBytes + server.corruptBytes),
    ),
    longestGapMs: Math.max(0, ...survivors.map(longestGapMs)),
    lost: total(survivors.map(({ lost }) => lost)),
  };
  const { name, protocol, family, way } = service;
  return {
    ...{ name, by, protocol, family, way },
    ...figures,
    verdict: isAsExpected(by, figures) ? 'as expected' : 'not as expected',
    example: broken[0] === undefined ? undefined : whyBroken(broken[0]),
  };
}

/**
 * Without replication all die: where one does not, the lab would show nothing. What conntrackd makes of it is shown, not
 * judged, but for bytes: corrupt ones would be the lab's.
 */
function isAsExpected(
  by: FlowArm,
  {
    flows,
    broken,
    before,
    corruptBytes,
  }: Pick<FlowsSeen, 'flows' | 'broken' | 'before' | 'corruptBytes'>,
): boolean {
  if (flows === 0 || before > 0 || corruptBytes > 0) {
    return false;
  }
  if (by === 'nobody') {
    return broken === flows;
  }
  return by === 'vipair' ? broken === 0 : true;
}

/** Something was heard at that time, or a little before. */
function wentOnUntil({ client }: FlowSeen, sinceBlowMs: number): boolean {
  return client.messages > 0 && client.silentMs < sinceBlowMs + STALLED_MS;
}

function whyBroken({ ended, servers, client, server, protocol }: FlowSeen): string {
  if (ended !== undefined) {
    return ended;
  }
  if (client.messages === 0) {
    return 'never began';
  }
  return servers === 1
    ? `nothing came for ${String(Math.round(client.silentMs))} ms` +
        (protocol === 'tcp' ? `, to the server for ${String(Math.round(server.silentMs))} ms` : '')
    : `${String(servers)} servers answered`;
}

function total(figures: readonly number[]): number {
  return figures.reduce((sum, each) => sum + each, 0);
}
