/** Sending and hearing VRRP messages on one interface. */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import type { Audience } from '../core/receive-checks.js';

export interface AdvertSocketOptions {
  readonly interface: string;
  /** The interface's own address that adverts leave from. */
  readonly source: Ip;
  readonly audience: Audience;
}

export interface AdvertSocketHandlers {
  /** A whole IPv4 packet, header first. The bytes are the receiver's to keep. */
  readonly received: (packet: Uint8Array) => void;
  /** A message could not be sent, or the socket broke; it goes on being usable if the system lets it. */
  readonly failed: (failure: SocketFailure) => void;
}

export type SocketFailure =
  | { readonly code: 'not-permitted'; readonly detail: string }
  | { readonly code: 'no-such-interface'; readonly detail: string }
  | { readonly code: 'socket'; readonly detail: string };

export interface AdvertSocket {
  /** Queues one VRRP message (no IP header) to the whole audience, with TTL 255 (RFC 9568 §5.1.1.3). */
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
