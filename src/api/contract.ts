/** The control API: what is asked of a running daemon, and what it answers. One contract for server and clients. */
import type { Result } from '../base/result.js';
import type { SwitchoverOutcome } from '../core/notice.js';
import type { NodeStatus } from '../telemetry/status.js';

/** Everything a client may ask. */
export interface ControlApi {
  status(): NodeStatus;
  /** Undefined names the only group. Resolves when the group has moved, or the attempt was undone. */
  switchover(group: string | undefined): Promise<Result<SwitchoverOutcome, ApiRefusal>>;
}

/** A request that was understood and not granted. */
export interface ApiRefusal {
  readonly code: 'unknown-group' | 'which-group' | 'not-master' | 'in-progress';
  /** One sentence: what was found, and what to do. */
  readonly detail: string;
}

export const STATUS_PATH = '/v1/status';
export const SWITCHOVER_PATH = '/v1/switchover';

/** The most a request may carry, in bytes. */
export const REQUEST_LIMIT = 4096;
