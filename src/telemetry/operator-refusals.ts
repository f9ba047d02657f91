/** Why a daemon does not do what an operator asks of it. */
import type { RoleName } from '../core/notice.js';

export type SwitchoverRefusal =
  | { readonly code: 'unknown-group'; readonly group: string; readonly known: readonly string[] }
  | {
      readonly code: 'not-master';
      readonly group: string;
      readonly role: RoleName;
      readonly master: string | undefined;
    }
  | { readonly code: 'in-progress'; readonly group: string }
  /** The other node could not take over, by its own word. */
  | { readonly code: 'not-ready'; readonly group: string; readonly why: string };

/** `any`: a switchover is tried although the other node says that it is not ready. */
export type Successor = 'ready' | 'any';

export type FailbackRefusal =
  | { readonly code: 'unknown-group'; readonly group: string; readonly known: readonly string[] }
  | { readonly code: 'never-fails-back'; readonly group: string }
  | { readonly code: 'not-backup'; readonly group: string; readonly role: RoleName }
  /** Its proxy has not the stick tables of the other node's yet. */
  | { readonly code: 'not-ready'; readonly group: string }
  /** It hears a master of no lower priority, or none. */
  | { readonly code: 'not-preferred'; readonly group: string };
