/** The service manager that started this daemon and starts it again, told how it is (sd_notify(3)). */
import type { Result } from '../base/result.js';
import type { Instant, Millis } from '../base/time.js';

export type ServiceNews =
  /** It does its work; also after `reloading`. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'reloading'; readonly at: Instant }
  | { readonly kind: 'stopping' }
  /** What the watchdog waits for. */
  | { readonly kind: 'works' }
  /** One line for people. */
  | { readonly kind: 'status'; readonly text: string };

export interface ServiceManager {
  /** It ends and starts again a daemon that does not say `works` within this time; undefined: it does not watch. */
  readonly watchdog: Millis | undefined;
  /** Says it now or fails: it never waits. */
  tell(news: ServiceNews): Result<undefined, { readonly detail: string }>;
}
