/** Streams between the two daemons on which both ends have proved that they have the pair's key. */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';

/** An end of the pair: where it listens, and where it is dialled. */
export interface PairEndpoint {
  readonly address: Ip;
  readonly port: number;
}

/** Who dials. */
export interface PairDialler {
  readonly name: string;
  readonly address: Ip;
  /** Counted from 0, as often as it was tried: the keys take turns. */
  readonly attempt: number;
}

export interface PairStream {
  /** The name that a dialler gave with its key; undefined of whoever listened. A hello must say the same. */
  readonly peer: string | undefined;
  /**
   * Queues bytes. `busy`: they are queued, and whoever can wait should, until `drained` is called. `full`: the peer has
   * stopped reading, and nothing was queued.
   */
  send(bytes: Uint8Array): 'sent' | 'busy' | 'full';
  /** Called once, before anything arrives. */
  begin(handlers: PairStreamHandlers): void;
  /** What is queued still leaves; idempotent. */
  close(): void;
}

export interface PairStreamHandlers {
  readonly received: (bytes: Uint8Array) => void;
  /** After `busy`: all that was queued has left. */
  readonly drained?: () => void;
  /** Once, whoever closed it. */
  readonly closed: (detail: string) => void;
}

export interface PairRefusal {
  /** `key`: somebody answers there who has not our key; `unreachable`: nobody does. */
  readonly code: 'key' | 'unreachable' | 'listen';
  readonly detail: string;
}

export interface PairListener {
  /** A stream whose other end has our key. */
  readonly accepted: (stream: PairStream) => void;
  /** Somebody came without it. */
  readonly refused: (refusal: PairRefusal) => void;
}

/** Makes streams with the pair's keys. */
export interface PairTransports {
  /** The first key is dialled with first; each is accepted, so that they can be changed without a gap. */
  open(keys: readonly Uint8Array[]): PairTransport;
}

export interface PairTransport {
  /** Hears `peer` alone. Fails where it cannot listen; the returned function ends it. */
  listen(
    at: PairEndpoint & { readonly peer: Ip },
    listener: PairListener,
  ): Promise<Result<() => void, PairRefusal>>;
  /** With the key of this number, from the node's own address. Gives up after a bounded time. */
  dial(from: PairDialler, to: PairEndpoint): Promise<Result<PairStream, PairRefusal>>;
}
