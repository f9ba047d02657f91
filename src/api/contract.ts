/** The control API: what is asked of a running daemon, and what it answers. One contract for server and clients. */
import type { Result } from '../base/result.js';
import type { SwitchoverOutcome } from '../core/notice.js';
import type { NodeStatus } from '../telemetry/status.js';

/** Everything a client may ask. */
export interface ControlApi {
  status(): NodeStatus;
  /** Undefined names the only group. Resolves when the group has moved, or the attempt was undone. */
  switchover(group: string | undefined): Promise<Result<SwitchoverOutcome, ApiRefusal>>;
  /** Undefined names the only group. Answers when the group was asked back; the takeover follows. */
  failback(group: string | undefined): Result<FailbackAccepted, ApiRefusal>;
}

export interface FailbackAccepted {
  readonly group: string;
  /** The master that it is taken back from. */
  readonly from: string | undefined;
}

/** A request that was understood and not granted. */
export interface ApiRefusal {
  readonly code:
    | 'unknown-group'
    | 'which-group'
    | 'not-master'
    | 'in-progress'
    | 'never-fails-back'
    | 'not-backup'
    | 'not-preferred';
  /** One sentence: what was found, and what to do. */
  readonly detail: string;
}

export const STATUS_PATH = '/v1/status';
export const SWITCHOVER_PATH = '/v1/switchover';
export const FAILBACK_PATH = '/v1/failback';

/** The most a request may carry, in bytes. */
export const REQUEST_LIMIT = 4096;
