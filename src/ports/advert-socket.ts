/** Sending and hearing VRRP messages on one interface. */
import type { Family, Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import type { Arrived, Audience } from '../core/receive-checks.js';

export interface AdvertSocketOptions {
  /** Where adverts are heard. */
  readonly interface: string;
  /** Where they leave from to the group, if that is another: a virtual interface, on top of the one they are heard on. */
  readonly transmit?: string;
  readonly family: Family;
  /** The interface's own address of that family that adverts leave from; link-local to reach the group over IPv6. */
  readonly source: Ip;
  readonly audience: Audience;
}

export interface AdvertSocketHandlers {
  /** Its bytes are the receiver's to keep. */
  readonly received: (arrived: Arrived) => void;
  /** A message could not be sent, or the socket broke; it goes on being usable if the system lets it. */
  readonly failed: (failure: SocketFailure) => void;
}

export type SocketFailure =
  | { readonly code: 'not-permitted'; readonly detail: string }
  | { readonly code: 'no-such-interface'; readonly detail: string }
  /** The source is not there, or not yet: an IPv6 address is tentative for a second (RFC 4862 §5.4). */
  | { readonly code: 'no-such-address'; readonly detail: string }
  | { readonly code: 'socket'; readonly detail: string };

export interface AdvertSocket {
  /**
   * Queues one VRRP message (no IP header) to the whole audience, with a TTL or hop limit of 255 (RFC 9568 §5.1.1.3,
   * §5.1.2.3). Over IPv6 the kernel fills in the checksum, over all that is given.
   */
  send(message: Uint8Array): void;
  /** Idempotent. Messages not yet sent are lost. */
  close(): void;
}

export interface AdvertSockets {
  open(
    options: AdvertSocketOptions,
    handlers: AdvertSocketHandlers,
  ): Result<AdvertSocket, SocketFailure>;
}
