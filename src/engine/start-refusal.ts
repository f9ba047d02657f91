/** Why a daemon cannot start. */

/** What was found, and what is needed. */
export interface StartRefusal {
  /** `address`: one of our own that is not there yet, and may be soon. */
  readonly code: 'interface' | 'address' | 'socket' | 'secret';
  readonly detail: string;
}
