/** What the proxy and the kernel say of what is served, when asked. */
import type { Result } from '../base/result.js';
import type { Listening, ServerSeen } from '../core/served.js';
import type { ServerLoad } from '../wire/pair/loads-word.js';

export interface ServedFailure {
  /** One sentence. */
  readonly detail: string;
}

/** The proxy's servers, as it sees them. */
export interface Servers {
  /** Fails while no proxy answers. */
  servers(): Promise<Result<readonly ServerSeen[], ServedFailure>>;
}

/** What the proxy's servers have to do. */
export interface Loads {
  /** Fails while no proxy answers. */
  loads(): Promise<Result<readonly ServerLoad[], ServedFailure>>;
}

/** The kernel's sockets that take connections, of every program. */
export interface Listeners {
  listening(): Promise<Result<readonly Listening[], ServedFailure>>;
}
