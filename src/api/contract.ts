/** The control API: what is asked of a running daemon, and what it answers. One contract for server and clients. */
import type { Result } from '../base/result.js';
import type { StatedOf } from '../core/intents.js';
import type { FailbackAnswer, SwitchoverAnswer, SwitchoverOrder } from '../operator/deeds.js';
import type { DrillAsked } from '../operator/drill-desk.js';
import type { DrillState } from '../telemetry/drill.js';
import type { OrderAnswer } from '../telemetry/orders.js';
import type { HistoryOrder } from '../operator/histories.js';
import type { ScheduleAnswer } from '../telemetry/schedule.js';
import type { PlanOrder } from '../operator/planner.js';
import type { MaintenanceOrder } from '../operator/order-desk.js';
import type { FlowsAnswer } from '../telemetry/flows.js';
import type { TablesOrder } from '../operator/tables.js';
import type { EventsAnswer } from '../telemetry/recorded-event.js';
import type { ExplainAnswer } from '../telemetry/prediction.js';
import type { ProxyReloadAnswer } from '../telemetry/proxy-reload.js';
import type { Refusal } from '../telemetry/refusal.js';
import type { PushOrder, PushReport, UndoReport } from '../telemetry/push.js';
import type { ReloadReport } from '../telemetry/reload.js';
import type { ServersAnswer, ServersReport } from '../telemetry/servers.js';
import type { NodeStatus, PairReport } from '../telemetry/status.js';
import type { TablesAnswer } from '../telemetry/tables.js';
import type { PairHistory } from '../telemetry/transition.js';

/** Everything a client may ask. */
export interface ControlApi {
  /** Of this node alone, at once. */
  status(): NodeStatus;
  /** Of both nodes: the other one is asked. */
  report(): Promise<PairReport>;
  /** What would happen if something failed now. */
  explain(): Promise<ExplainAnswer>;
  /** Resolves when the group has moved, or the attempt was undone. */
  switchover(order: SwitchoverOrder): Promise<Result<SwitchoverAnswer, Refusal>>;
  /** Undefined names the only group. Answers when the group was asked back; the takeover follows. */
  failback(group: string | undefined): Promise<Result<FailbackAnswer, Refusal>>;
  /** Stops automatic moves on both nodes, or lets them go on. */
  pause(state: 'on' | 'off'): Promise<Result<OrderAnswer, Refusal>>;
  /** Puts a node in maintenance, or ends that; resolves when it has given away what it can. */
  maintenance(order: MaintenanceOrder): Promise<Result<OrderAnswer, Refusal>>;
  /** Plans a switchover, or cancels the one that is planned. */
  plan(order: PlanOrder): Promise<Result<ScheduleAnswer, Refusal>>;
  /** `planned`: what it would come to, on both nodes; nothing is changed. */
  reload(mode: ReloadMode): Promise<Result<ReloadReport, Refusal>>;
  /** Files of the proxy to the other node, or only a comparison. Resolves when it is known what became of them. */
  push(order: PushOrder): Promise<Result<PushReport, Refusal>>;
  /** What the last push to this node replaced is put back. */
  undoPush(): Promise<Result<UndoReport, Refusal>>;
  /** Of one node's hand. Resolves when it has done it, or has it in hand. */
  drill(asked: DrillAsked): Promise<Result<DrillState, Refusal>>;
  /** Of both nodes' hands: the other one is asked. */
  drillState(): Promise<DrillState>;
  /** Has the proxy read its configuration anew. Resolves when another of its processes serves, or none will. */
  reloadProxy(): Promise<Result<ProxyReloadAnswer, Refusal>>;
  /** The proxy's servers, what operators want of them, and what they have to do on both nodes; of one, or of all. */
  servers(server: string | undefined): Promise<Result<ServersReport, Refusal>>;
  /** An operator wants a server so, on both nodes. Resolves when the proxy here was told, or after a while. */
  stateServer(asked: ServerAsked): Promise<Result<ServersAnswer, Refusal>>;
  /** The stick tables of both nodes, and whether they are the same. */
  tables(order: TablesOrder): Promise<Result<TablesAnswer, Refusal>>;
  /** Connections through the kernel on both nodes, and whether both have the same. */
  flows(): Promise<Result<FlowsAnswer, Refusal>>;
  /** What both nodes remember: the other one is asked. */
  history(order: HistoryOrder): Promise<Result<PairHistory, Refusal>>;
  /** Of one that follows: resolves when there is something new, or after a while. `gone`: nobody waits any more. */
  events(asked: EventsAsked, gone: AbortSignal): Promise<Result<EventsAnswer, Refusal>>;
}

/** What is to become of the file on the disk. */
export type ReloadMode = 'applied' | 'planned';

export interface ServerAsked {
  /** `BACKEND/SERVER`. */
  readonly server: string;
  readonly aspect: StatedOf;
  readonly value: string;
}

export interface EventsAsked {
  /** The last one that the client knows, and of which daemon; undefined: it wants the newest. */
  readonly after: { readonly number: number; readonly epoch: number } | undefined;
  readonly limit: number;
}

export const STATUS_PATH = '/v1/status';
export const PAIR_PATH = '/v1/pair';
export const EXPLAIN_PATH = '/v1/explain';
export const SWITCHOVER_PATH = '/v1/switchover';
export const FAILBACK_PATH = '/v1/failback';
export const MAINTENANCE_PATH = '/v1/maintenance';
export const SCHEDULE_PATH = '/v1/schedule';
export const PAUSE_PATH = '/v1/pause';
export const RELOAD_PATH = '/v1/reload';
export const PUSH_PATH = '/v1/push';
export const DRILL_PATH = '/v1/drill';
export const HISTORY_PATH = '/v1/history';
export const EVENTS_PATH = '/v1/events';
export const PROXY_RELOAD_PATH = '/v1/proxy/reload';
export const SERVERS_PATH = '/v1/servers';
export const FLOWS_PATH = '/v1/flows';
export const TABLES_PATH = '/v1/tables';

/** The most entries that can be asked for at once. */
export const MOST_ENTRIES = 1000;
export const USUAL_ENTRIES = 20;

/** The most a request may carry, in bytes: a drill that cuts off every server of a large site names them. */
export const REQUEST_LIMIT = 16_384;
