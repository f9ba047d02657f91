/** What one probe, one broken stream and a whole probing saw. */
import type { Ip } from '../base/ip.js';
import type { Instant, Millis } from '../base/time.js';

/**
 * How a probe ended. `unreachable` is the client's own kernel finding no neighbour for the address;
 * `error-answer` is an HTTP status other than the expected one; `untrusted` a certificate that does not count;
 * `unlaunched` means the prober itself was at its limit of outstanding probes, which says nothing about the service.
 */
export type ProbeOutcome =
  | 'answered'
  | 'error-answer'
  | 'refused'
  | 'reset'
  | 'unreachable'
  | 'timed-out'
  | 'untrusted'
  | 'unlaunched';

export interface ProbeSample {
  readonly launchedAt: Instant;
  /** When the answer's head had arrived, or the failure was known. */
  readonly endedAt: Instant;
  readonly outcome: ProbeOutcome;
  /** The node and the web server as the answer named them. */
  readonly node: string | undefined;
  readonly server: string | undefined;
}

/** Why a long-lived stream ended. `stalled`: nothing came for {@link ProbeOptions.streamStall}. */
export type StreamBreakKind = 'reset' | 'closed' | 'stalled';

export interface StreamBreak {
  readonly openedAt: Instant;
  readonly brokenAt: Instant;
  readonly how: StreamBreakKind;
  readonly node: string | undefined;
  readonly server: string | undefined;
}

export interface ProbeReport {
  readonly target: string;
  readonly every: Millis;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  /** By launch instant, ascending. */
  readonly samples: readonly ProbeSample[];
  /** How much later than planned the latest launch was: a prober that stalled cannot see short gaps. */
  readonly worstLateness: Millis;
  readonly streamsOpened: number;
  readonly streamBreaks: readonly StreamBreak[];
}

export interface ProbeOptions {
  readonly target: ProbeTarget;
  readonly manner: ProbeManner;
  readonly every: Millis;
  /** When it ends by itself; it may be ended earlier. */
  readonly lasting: Millis;
  /** Long-lived streams kept open beside the probes. */
  readonly streams: number;
  /** After which a probe has failed. */
  readonly deadline: Millis;
  /** After which silence on a stream is a break. */
  readonly streamStall: Millis;
}

/** How an answer is asked for, and what counts as one. */
export type ProbeManner =
  /** A connection that is accepted and not closed at once. */
  | { readonly over: 'tcp' }
  | ({ readonly over: 'http' } & HttpQuestion)
  | ({
      readonly over: 'https';
      readonly certificates: 'verified' | 'any';
      /** Certificates (PEM) of those who may vouch for the server's; undefined: those that Node.js knows. */
      readonly authorities: readonly string[] | undefined;
    } & HttpQuestion);

export interface HttpQuestion {
  readonly path: string;
  /** The status of a good answer. */
  readonly expect: number;
  /** The name asked for, in TLS and in the `host` header; undefined: the address. */
  readonly serverName: string | undefined;
}

export interface ProbeTarget {
  readonly host: Ip;
  readonly port: number;
}
