/** One look at a server of a service, from this node. */
import type { Ip } from '../base/ip.js';
import type { Millis } from '../base/time.js';
import type { Sample } from '../core/tracking.js';

export interface ServiceLook {
  readonly address: Ip;
  readonly port: number;
  /** From the call to the answer; then it has failed. */
  readonly within: Millis;
  readonly what:
    /** A connection can be opened; it is closed at once. */
    | { readonly kind: 'tcp' }
    /** A GET is answered, with a status from one to the other. */
    | {
        readonly kind: 'http';
        readonly path: string;
        /** Undefined: the address. */
        readonly host: string | undefined;
        readonly status: { readonly from: number; readonly to: number };
      }
    /** A handshake succeeds, whatever the certificate says. */
    | { readonly kind: 'tls'; readonly host: string | undefined };
}

export interface ServiceChecks {
  /** Never fails but as a sample; `stop` ends it early, and then the answer is of no use. */
  look(look: ServiceLook, stop: AbortSignal): Promise<Sample>;
}
