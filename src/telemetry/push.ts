/** What came of a push, for people. Nothing in it is a key. */

export interface PushedFileReport {
  /** Here. */
  readonly path: string;
  /** What lies there on the other node. */
  readonly found: 'same' | 'differs' | 'absent';
  /** A file with a private key is never shown. */
  readonly holds: 'a key' | 'certificates' | 'text' | 'other';
  /** Fingerprints of certificates, SHA-256, here and there. */
  readonly certificates?: { readonly here: readonly string[]; readonly there: readonly string[] };
  /** Lines as diff(1) has them: `-` there, `+` here. */
  readonly lines?: readonly string[];
}

export interface PushReport {
  readonly node: string;
  readonly peer: string;
  /**
   * `unknown`: the other node could not be asked any more; `failed`: it could not put back what was there. With
   * `kept there only` this node was not reloaded with its own files, or fell.
   */
  readonly outcome:
    | 'compared'
    | 'same'
    | 'checked'
    | 'pushed'
    | 'kept there only'
    | 'rolled back'
    | 'failed'
    | 'unknown';
  /** A sentence; undefined where all is well. */
  readonly why: string | undefined;
  /** Whose proxy was reloaded first. */
  readonly first: string | undefined;
  readonly files: readonly PushedFileReport[];
  /** Named by haproxy.cfg, and outside of the directories that are pushed. */
  readonly notSent: readonly string[];
}

export interface UndoReport {
  readonly node: string;
  readonly outcome: 'undone' | 'rolled back' | 'failed';
  readonly why: string | undefined;
  readonly files: readonly string[];
}

export interface PushOrder {
  readonly mode: 'push' | 'dry-run' | 'diff';
  /** `active`: although the other node is master of something. */
  readonly to: 'standby' | 'active';
}
