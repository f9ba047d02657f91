/** What is answered when the proxy was reloaded. */

export interface ProxyReloadAnswer {
  readonly node: string;
  /** From the check of its configuration until its new worker served. */
  readonly tookMs: number;
  /** How many requests this one reload has answered. */
  readonly asked: number;
}
