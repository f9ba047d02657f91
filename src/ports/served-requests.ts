/** When the proxy answers clients, as far as it can be asked. */
import type { Instant, Millis } from '../base/time.js';

export type NextRequest =
  | { readonly kind: 'served'; readonly at: Instant }
  /** None was in that time, and no longer is one waited for. */
  | { readonly kind: 'none'; readonly within: Millis };

export interface ServedRequests {
  /** The first one from now on. Undefined where the proxy cannot tell, or nobody wants to know any more. */
  next(gone: AbortSignal): Promise<NextRequest | undefined>;
}
