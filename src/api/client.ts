/** Asks a running daemon over its control socket. */
import { request } from 'node:http';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { millis } from '../base/time.js';
import type { FailbackAnswer, SwitchoverAnswer, SwitchoverOrder } from '../operator/deeds.js';
import type { DrillAsked } from '../operator/drill-desk.js';
import type { DrillState, HandOrder } from '../telemetry/drill.js';
import type { OrderAnswer } from '../telemetry/orders.js';
import type { ScheduleAnswer } from '../telemetry/schedule.js';
import type { PlanOrder } from '../operator/planner.js';
import type { MaintenanceOrder } from '../operator/order-desk.js';
import type { TablesOrder } from '../operator/tables.js';
import type { EventsAnswer } from '../telemetry/recorded-event.js';
import type { ExplainAnswer } from '../telemetry/prediction.js';
import type { ProxyReloadAnswer } from '../telemetry/proxy-reload.js';
import type { Refusal } from '../telemetry/refusal.js';
import type { PushOrder, PushReport, UndoReport } from '../telemetry/push.js';
import type { ReloadReport } from '../telemetry/reload.js';
import type { ServersAnswer, ServersReport } from '../telemetry/servers.js';
import type { NodeStatus, PairReport } from '../telemetry/status.js';
import type { FlowsAnswer } from '../telemetry/flows.js';
import type { TablesAnswer } from '../telemetry/tables.js';
import type { PairHistory } from '../telemetry/transition.js';
import type { HistoryOrder } from '../operator/histories.js';
import type { EventsAsked, ReloadMode, ServerAsked } from './contract.js';
import {
  DRILL_PATH,
  FLOWS_PATH,
  EVENTS_PATH,
  EXPLAIN_PATH,
  FAILBACK_PATH,
  HISTORY_PATH,
  MAINTENANCE_PATH,
  PAIR_PATH,
  PAUSE_PATH,
  PUSH_PATH,
  PROXY_RELOAD_PATH,
  RELOAD_PATH,
  SCHEDULE_PATH,
  SERVERS_PATH,
  STATUS_PATH,
  SWITCHOVER_PATH,
  TABLES_PATH,
} from './contract.js';

export type ApiFailure =
  | { readonly code: 'no-daemon'; readonly detail: string }
  | { readonly code: 'bad-answer'; readonly detail: string }
  | { readonly code: 'refused'; readonly refusal: Refusal };

export async function askStatus(socketPath: string): Promise<Result<NodeStatus, ApiFailure>> {
  const answer = await ask({ socketPath, method: 'GET', path: STATUS_PATH, within: QUICK });
  return answer.ok ? ok(answer.value as NodeStatus) : answer;
}

/** Of both nodes. */
export async function askPair(socketPath: string): Promise<Result<PairReport, ApiFailure>> {
  const answer = await ask({ socketPath, method: 'GET', path: PAIR_PATH, within: QUICK });
  return answer.ok ? ok(answer.value as PairReport) : answer;
}

/** Worked out by both nodes, in their spare time. */
export async function askExplain(socketPath: string): Promise<Result<ExplainAnswer, ApiFailure>> {
  const answer = await ask({ socketPath, method: 'GET', path: EXPLAIN_PATH, within: PATIENT });
  return answer.ok ? ok(answer.value as ExplainAnswer) : answer;
}

/** Waits until the group has moved or the attempt was undone. */
export async function askSwitchover(
  socketPath: string,
  order: Partial<SwitchoverOrder>,
): Promise<Result<SwitchoverAnswer, ApiFailure>> {
  const answer = await ask({
    ...{ socketPath, method: 'POST', path: SWITCHOVER_PATH },
    ...{ within: PATIENT, body: JSON.stringify(order) },
  });
  return answer.ok ? ok(answer.value as SwitchoverAnswer) : answer;
}

/** Answers when the group was asked back; the takeover takes a backup's patience. */
export async function askFailback(
  socketPath: string,
  group: string | undefined,
): Promise<Result<FailbackAnswer, ApiFailure>> {
  const body = JSON.stringify(group === undefined ? {} : { group });
  const answer = await ask({
    ...{ socketPath, method: 'POST', path: FAILBACK_PATH },
    ...{ within: PATIENT, body },
  });
  return answer.ok ? ok(answer.value as FailbackAnswer) : answer;
}

/** Answers when it stands here, and the other node has been asked whether it does there. */
export async function askPause(
  socketPath: string,
  state: 'on' | 'off',
): Promise<Result<OrderAnswer, ApiFailure>> {
  const answer = await ask({
    ...{ socketPath, method: 'POST', path: PAUSE_PATH },
    ...{ within: PATIENT, body: JSON.stringify({ state }) },
  });
  return answer.ok ? ok(answer.value as OrderAnswer) : answer;
}

/** Waits until the node has given away what it can. */
export async function askMaintenance(
  socketPath: string,
  { node, state, successor }: MaintenanceOrder,
): Promise<Result<OrderAnswer, ApiFailure>> {
  const answer = await ask({
    ...{ socketPath, method: 'POST', path: MAINTENANCE_PATH },
    ...{ within: PATIENT, body: JSON.stringify({ node, state, successor }) },
  });
  return answer.ok ? ok(answer.value as OrderAnswer) : answer;
}

/** Answers when it stands here, and the other node has been asked whether it does there. */
export async function askPlan(
  socketPath: string,
  { group, at, to }: PlanOrder,
): Promise<Result<ScheduleAnswer, ApiFailure>> {
  const time = at === undefined ? undefined : new Date(at).toISOString();
  const answer = await ask({
    ...{ socketPath, method: 'POST', path: SCHEDULE_PATH },
    ...{ within: PATIENT, body: JSON.stringify({ group, at: time, to }) },
  });
  return answer.ok ? ok(answer.value as ScheduleAnswer) : answer;
}

/** Reads the daemon's configuration file again, or only says what that would come to. */
export async function askReload(
  socketPath: string,
  mode: ReloadMode,
): Promise<Result<ReloadReport, ApiFailure>> {
  const body = JSON.stringify({ mode });
  const answer = await ask({
    ...{ socketPath, method: 'POST', path: RELOAD_PATH },
    ...{ within: RELOADING, body },
  });
  return answer.ok ? ok(answer.value as ReloadReport) : answer;
}

/** Answers when it is known what became of the files, which takes as long as both proxies are watched. */
export async function askPush(
  socketPath: string,
  order: PushOrder,
): Promise<Result<PushReport, ApiFailure>> {
  const body = JSON.stringify(order);
  const answer = await ask({
    ...{ socketPath, method: 'POST', path: PUSH_PATH },
    ...{ within: PUSHING, body },
  });
  return answer.ok ? ok(answer.value as PushReport) : answer;
}

/** On that node alone. */
export async function askUndoPush(socketPath: string): Promise<Result<UndoReport, ApiFailure>> {
  const body = JSON.stringify({ mode: 'undo' });
  const answer = await ask({
    ...{ socketPath, method: 'POST', path: PUSH_PATH },
    ...{ within: PUSHING, body },
  });
  return answer.ok ? ok(answer.value as UndoReport) : answer;
}

/** Of one node's hand; answers when it is ready, and would outlive its daemon. */
export function askDrillArm(
  socketPath: string,
  node: string,
  order: HandOrder,
): Promise<Result<DrillState, ApiFailure>> {
  return askDrill(socketPath, { do: 'arm', node, order });
}

/** Answers when the hand has heard of it; what it has done comes with {@link askDrillState}. */
export function askDrillFire(
  socketPath: string,
  node: string,
  id: string,
): Promise<Result<DrillState, ApiFailure>> {
  return askDrill(socketPath, { do: 'fire', node, id });
}

/** Answers when everything is undone, or after some seconds: then it goes on. */
export function askDrillUndo(
  socketPath: string,
  node: string,
  id: string,
): Promise<Result<DrillState, ApiFailure>> {
  return askDrill(socketPath, { do: 'undo', node, id });
}

/** Of both nodes' hands. */
export async function askDrillState(socketPath: string): Promise<Result<DrillState, ApiFailure>> {
  const answer = await ask({ socketPath, method: 'GET', path: DRILL_PATH, within: QUICK });
  return answer.ok ? ok(answer.value as DrillState) : answer;
}

async function askDrill(
  socketPath: string,
  asked: DrillAsked,
): Promise<Result<DrillState, ApiFailure>> {
  const answer = await ask({
    ...{ socketPath, method: 'POST', path: DRILL_PATH },
    ...{ within: DRILLING, body: JSON.stringify(asked) },
  });
  return answer.ok ? ok(answer.value as DrillState) : answer;
}

/** Waits until HAProxy's new process serves, or it is known that none will: for so long at the most. */
export async function askProxyReload(
  socketPath: string,
  within: Millis = PROXY_RELOADING,
): Promise<Result<ProxyReloadAnswer, ApiFailure>> {
  const answer = await ask({
    ...{ socketPath, method: 'POST', path: PROXY_RELOAD_PATH },
    ...{ within, body: '' },
  });
  return answer.ok ? ok(answer.value as ProxyReloadAnswer) : answer;
}

/** Of one server, or of all. */
export async function askServers(
  socketPath: string,
  server?: string,
): Promise<Result<ServersReport, ApiFailure>> {
  const query = server === undefined ? '' : `?${new URLSearchParams({ server }).toString()}`;
  const path = `${SERVERS_PATH}${query}`;
  const answer = await ask({ socketPath, method: 'GET', path, within: QUICK });
  return answer.ok ? ok(answer.value as ServersReport) : answer;
}

/** Answers when the proxy of that node was told, or after a second. */
export async function askServer(
  socketPath: string,
  { server, aspect, value }: ServerAsked,
): Promise<Result<ServersAnswer, ApiFailure>> {
  const body = JSON.stringify({ server, [aspect]: value });
  const answer = await ask({
    ...{ socketPath, method: 'POST', path: SERVERS_PATH },
    ...{ within: PATIENT, body },
  });
  return answer.ok ? ok(answer.value as ServersAnswer) : answer;
}

/** Of both nodes, unless one is named. */
export async function askHistory(
  socketPath: string,
  { group, limit, node }: HistoryOrder,
): Promise<Result<PairHistory, ApiFailure>> {
  const query = new URLSearchParams({
    limit: String(limit),
    ...(group === undefined ? {} : { group }),
    ...(node === undefined ? {} : { node }),
  });
  const path = `${HISTORY_PATH}?${query.toString()}`;
  const answer = await ask({ socketPath, method: 'GET', path, within: PATIENT });
  return answer.ok ? ok(answer.value as PairHistory) : answer;
}

/** Of both nodes, unless one is named; where they look anew, each of them asks its HAProxy for all rows. */
export async function askTables(
  socketPath: string,
  { table, node, look }: TablesOrder,
): Promise<Result<TablesAnswer, ApiFailure>> {
  const query = new URLSearchParams({
    look,
    ...(table === undefined ? {} : { table }),
    ...(node === undefined ? {} : { node }),
  });
  const path = `${TABLES_PATH}?${query.toString()}`;
  const answer = await ask({ socketPath, method: 'GET', path, within: PATIENT });
  return answer.ok ? ok(answer.value as TablesAnswer) : answer;
}

export async function askFlows(socketPath: string): Promise<Result<FlowsAnswer, ApiFailure>> {
  const answer = await ask({ socketPath, method: 'GET', path: FLOWS_PATH, within: PATIENT });
  return answer.ok ? ok(answer.value as FlowsAnswer) : answer;
}

/** Where the client says what it knows already, the daemon answers when there is more, or after a while. */
export async function askEvents(
  socketPath: string,
  { after, limit }: EventsAsked,
  signal: AbortSignal,
): Promise<Result<EventsAnswer, ApiFailure>> {
  const query = new URLSearchParams({
    limit: String(limit),
    ...(after === undefined ? {} : { after: String(after.number), epoch: String(after.epoch) }),
  });
  const path = `${EVENTS_PATH}?${query.toString()}`;
  const within = after === undefined ? QUICK : FOLLOWING;
  const answer = await ask({ socketPath, method: 'GET', path, within, signal });
  return answer.ok ? ok(answer.value as EventsAnswer) : answer;
}

interface Question {
  readonly socketPath: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly within: Millis;
  readonly body?: string;
  /** Ends the question before its answer. */
  readonly signal?: AbortSignal;
}

/** One that asks again and again, or whose request does something, must not be sent over a connection that the daemon is just about to close. */
const NOT_KEPT_ALIVE = { agent: false } as const;

function ask(question: Question): Promise<Result<unknown, ApiFailure>> {
  const { socketPath, method, path, within, body, signal } = question;
  const options = {
    socketPath,
    method,
    path,
    timeout: within,
    ...(signal === undefined ? {} : { signal }),
    ...(signal === undefined && method === 'GET' ? {} : NOT_KEPT_ALIVE),
  };
  return new Promise((resolve) => {
    const asked = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text = (text + chunk).slice(0, ANSWER_LIMIT);
      });
      response.on('end', () => {
        resolve(readAnswer(text));
      });
    });
    asked.on('timeout', () => {
      asked.destroy(new Error(`no answer within ${String(within)} ms`));
    });
    asked.on('error', (error) => {
      resolve(fail({ code: 'no-daemon', detail: `${socketPath}: ${error.message}` }));
    });
    asked.end(body);
  });
}

function readAnswer(text: string): Result<unknown, ApiFailure> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail({ code: 'bad-answer', detail: 'the daemon did not answer in JSON' });
  }
  if (typeof value === 'object' && value !== null && 'error' in value) {
    return fail({ code: 'refused', refusal: value.error as Refusal });
  }
  return ok(value);
}

const QUICK = millis(2000);
/** Longer than any resignation may take. */
const PATIENT = millis(10_000);
/** Two reloads, each with its check, the signal and the wait for the new process. */
const PROXY_RELOADING = millis(300_000);
/** Longer than two nodes need to find that they cannot change together. */
const RELOADING = millis(20_000);
/** A hand that is gone has everything undone by whoever is asked: an interface and its routes take the longest. */
const DRILLING = millis(90_000);
/** Longer than two checks, three reloads and as many watches of five minutes each take, and a way back. */
const PUSHING = millis(1_800_000);
/** Longer than the daemon waits for something to tell. */
const FOLLOWING = millis(30_000);
const ANSWER_LIMIT = 4 * 1024 * 1024;
