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

/** vipair.yaml, which both nodes share. */
export interface PushedSharedReport {
  /** Here. */
  readonly path: string;
  /**
   * `differs`: nothing was installed; `put back`: it was there for a while; `not taken over`: both nodes have it on the disk,
   * and what ran runs on, on one of them at least.
   */
  readonly outcome: 'same' | 'not sent' | 'differs' | 'put back' | 'taken over' | 'not taken over';
  /** A sentence; undefined where all is well. */
  readonly why: string | undefined;
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
  /** Undefined where it was not looked at. */
  readonly shared: PushedSharedReport | undefined;
  /** Groups that were given to the other node, and are there. */
  readonly given: readonly string[];
}

export interface UndoReport {
  readonly node: string;
  readonly outcome: 'undone' | 'rolled back' | 'failed';
  readonly why: string | undefined;
  readonly files: readonly string[];
  /** Where vipair.yaml is among them. */
  readonly shared: PushedSharedReport | undefined;
}

export interface PushOrder {
  readonly mode: 'push' | 'dry-run' | 'diff';
  /** `active`: although the other node is master of something. */
  readonly to: 'standby' | 'active';
  /** What follows between the other node and this one, beside the watch. */
  readonly then: 'wait' | 'switchover';
  /** Whether vipair.yaml goes along: `newer`: unless the other node's was changed later. */
  readonly shared: 'newer' | 'always' | 'never';
}
