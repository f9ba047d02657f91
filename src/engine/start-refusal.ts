/** Why a daemon cannot start. */

/** What was found, and what is needed. */
export interface StartRefusal {
  readonly code: 'interface' | 'socket' | 'secret';
  readonly detail: string;
}
