/** The two nodes, as whoever carries out an operator's request needs them. */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import type { Millis } from '../base/time.js';
import type { SwitchoverOutcome } from '../core/notice.js';
import type { Orders } from '../core/orders.js';
import type { Register } from '../core/registers.js';
import type {
  FailbackRefusal,
  Successor,
  SwitchoverRefusal,
} from '../telemetry/operator-refusals.js';
import type { KeptWhere } from '../telemetry/servers.js';
import type { NodeStatus } from '../telemetry/status.js';
import type { HistoryAnswer, HistoryQuestion } from '../telemetry/transition.js';

/** This node. It asks nobody else. */
export interface OwnNode {
  status(): NodeStatus;
  switchover(
    group: string,
    successor: Successor,
  ): Promise<Result<SwitchoverOutcome, SwitchoverRefusal>>;
  failback(group: string): Result<Ip | undefined, FailbackRefusal>;
  /** Of all that operators want: the same on both nodes once both have heard of everything. */
  intentDigest(): string;
}

/** What operators have ordered of the pair. */
export interface OrderBook {
  readonly orders: Orders;
  readonly kept: KeptWhere;
  /** The last statement of one key. */
  register(key: string): Register | undefined;
  /** Resolves when it is known what this node kept, as far as it can be. */
  read(): Promise<void>;
  /** It stands from then on, and the other node is told. */
  give(key: string, value: string): Promise<void>;
}

/** What this node remembers of its transitions. */
export interface NodeHistory {
  answer(question: HistoryQuestion): HistoryAnswer;
}

/** The other node's daemon. */
export interface Peer {
  readonly name: string;
  /** `body` and answer are JSON. */
  ask(ask: string, body: string, within: Millis): Promise<Result<string, AskFailure>>;
}

interface AskFailure {
  readonly code: string;
  /** One sentence. */
  readonly detail: string;
}

/** What this node answers to questions of the other, by what is asked; a refusal is a sentence. */
export type Answers = Readonly<Record<string, (body: string) => Promise<Result<string, string>>>>;
