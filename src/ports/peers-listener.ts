/** Where HAProxy dials us as if we were its peer: streams on a socket of this machine. */
import type { Result } from '../base/result.js';

export interface PeersListening {
  /** The socket's file. Nobody but its owner may open it. */
  readonly path: string;
  /** Undefined: whoever runs this process. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

export interface PeersListenRefusal {
  /**
   * `taken`: somebody answers there; `not-a-socket`: there is something else under that name;
   * `directory`: others could put something else there.
   */
  readonly code: 'taken' | 'not-a-socket' | 'directory' | 'listen';
  readonly detail: string;
}

export interface PeersListener {
  /** Replaces the file that a process left which was killed. The returned function ends it. */
  listen(
    at: PeersListening,
    accepted: (stream: PeersStream) => void,
  ): Promise<Result<() => void, PeersListenRefusal>>;
  /** Whether the socket's file is still the one that was made: nobody can dial one that is gone. */
  isInPlace(path: string): boolean;
}

export interface PeersStream {
  /** Called once, before anything arrives. What came before is not lost. */
  begin(handlers: PeersStreamHandlers): void;
  /** Queues bytes, of which the stream keeps the memory. How many are queued is the sender's concern. */
  send(bytes: Uint8Array): void;
  /** Bytes that the kernel has not taken yet. */
  readonly queued: number;
  /** Reads no more until resumed: what HAProxy sends then waits with it. */
  pause(): void;
  resume(): void;
  /** What is queued still leaves; idempotent. */
  close(): void;
}

export interface PeersStreamHandlers {
  readonly received: (bytes: Uint8Array) => void;
  /** Nothing is queued any more; said after whatever was sent. */
  readonly drained: () => void;
  /** Once, whoever closed it. */
  readonly closed: (detail: string) => void;
}
