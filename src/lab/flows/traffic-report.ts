/** What a traffic maker saw of its flows, and whether one of them has survived. */
import type { Result } from '../../base/result.js';
import { fail, ok } from '../../base/result.js';
import type { Heard } from './message.js';

export const FLOW_PROTOCOLS = ['tcp', 'udp'] as const;
export type FlowProtocol = (typeof FLOW_PROTOCOLS)[number];

/** One flow of a client, when it was looked at last. */
export interface FlowSeen {
  readonly protocol: FlowProtocol;
  /** Such as `10.77.0.100:7001`. */
  readonly target: string;
  /** Of the client, and, by its own word in what the client heard last, of the server. */
  readonly client: Heard;
  readonly server: Heard;
  /** Questions that were never answered; of TCP 0. */
  readonly lost: number;
  /** How many different servers answered. */
  readonly servers: number;
  /** Why it ended before it was meant to; undefined: it did not. */
  readonly ended: string | undefined;
}

export interface TrafficReport {
  /** The longest time for which the program itself stood still: no gap that is shorter means anything. */
  readonly stalledMs: number;
  readonly flows: readonly FlowSeen[];
}

/** Longer than any pause that a retransmission makes of a take-over, which doubles what it waited. */
export const STALLED_MS = 2_000;

/** The flow goes on, both ways, with the same server. */
export function isWhole({ client, server, servers, ended, protocol }: FlowSeen): boolean {
  const sides = protocol === 'tcp' ? [client, server] : [client];
  const goesOn = sides.every(({ messages, silentMs }) => messages > 0 && silentMs < STALLED_MS);
  return ended === undefined && servers === 1 && goesOn;
}

export function longestGapMs({ client, server }: FlowSeen): number {
  return Math.max(client.longestGapMs, server.longestGapMs);
}

/** Trusts what has the shape of a report: only the lab's own program writes one. */
export function decodeTraffic(text: string): Result<TrafficReport, { readonly detail: string }> {
  try {
    const report = JSON.parse(text) as Partial<TrafficReport>;
    return Array.isArray(report.flows)
      ? ok(report as TrafficReport)
      : fail({ detail: 'a report without flows' });
  } catch {
    return fail({ detail: `${String(text.length)} characters of other text` });
  }
}
