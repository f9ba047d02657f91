/** The control API: what is asked of a running daemon, and what it answers. One contract for server and clients. */
import type { Result } from '../base/result.js';
import type { SwitchoverOutcome } from '../core/notice.js';
import type { EventsAnswer } from '../telemetry/recorded-event.js';
import type { NodeStatus } from '../telemetry/status.js';
import type { HistoryAnswer } from '../telemetry/transition.js';

/** Everything a client may ask. */
export interface ControlApi {
  status(): NodeStatus;
  /** Undefined names the only group. Resolves when the group has moved, or the attempt was undone. */
  switchover(group: string | undefined): Promise<Result<SwitchoverOutcome, ApiRefusal>>;
  /** Undefined names the only group. Answers when the group was asked back; the takeover follows. */
  failback(group: string | undefined): Result<FailbackAccepted, ApiRefusal>;
  history(asked: HistoryAsked): Result<HistoryAnswer, ApiRefusal>;
  /** Of one that follows: resolves when there is something new, or after a while. `gone`: nobody waits any more. */
  events(asked: EventsAsked, gone: AbortSignal): Promise<Result<EventsAnswer, ApiRefusal>>;
}

export interface HistoryAsked {
  /** Undefined: all. */
  readonly group: string | undefined;
  /** The newest so many. */
  readonly limit: number;
}

export interface EventsAsked {
  /** The last one that the client knows, and of which daemon; undefined: it wants the newest. */
  readonly after: { readonly number: number; readonly epoch: number } | undefined;
  readonly limit: number;
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
    | 'not-preferred'
    | 'too-many-followers';
  /** One sentence: what was found, and what to do. */
  readonly detail: string;
}

export const STATUS_PATH = '/v1/status';
export const SWITCHOVER_PATH = '/v1/switchover';
export const FAILBACK_PATH = '/v1/failback';
export const HISTORY_PATH = '/v1/history';
export const EVENTS_PATH = '/v1/events';

/** The most entries that can be asked for at once. */
export const MOST_ENTRIES = 1000;
export const USUAL_ENTRIES = 20;

/** The most a request may carry, in bytes. */
export const REQUEST_LIMIT = 4096;
