/** How far both nodes' HAProxies are with telling each other everything. */

/** Whether the other node was asked to have its HAProxy teach everything, and how far that has come. */
export type Asking =
  | { readonly name: 'no' }
  | { readonly name: 'asked' }
  /** All has arrived; the local HAProxy has not acknowledged all of it. */
  | { readonly name: 'handing'; readonly through: number };

/** What the other node has asked of us. `running`: what our HAProxy teaches now was begun behind its question. */
export type Asked = 'no' | 'waiting' | 'running';

/**
 * Whether the mirror holds what the local HAProxy does. Until it has told all of it, rows of the other node wait: an older one
 * would take the place of what is not known yet. `telling`: it tells now, from the beginning.
 */
export type Own = 'unknown' | 'telling' | 'known';
