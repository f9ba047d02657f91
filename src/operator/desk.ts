/** Where operators ask: on either node, for either node. */
import type { Result } from '../base/result.js';
import { fail } from '../base/result.js';
import type { Clock } from '../ports/clock.js';
import type { Loads, Servers } from '../ports/served.js';
import type { OrderAnswer } from '../telemetry/orders.js';
import type { ExplainAnswer } from '../telemetry/prediction.js';
import type { Refusal } from '../telemetry/refusal.js';
import type { ScheduleAnswer } from '../telemetry/schedule.js';
import type { Log } from '../telemetry/events.js';
import type { NodeLoads } from '../telemetry/servers.js';
import type { PairReport } from '../telemetry/status.js';
import type { FlowsAnswer } from '../telemetry/flows.js';
import type { TablesAnswer } from '../telemetry/tables.js';
import type { PairHistory } from '../telemetry/transition.js';
import type { FailbackAnswer, SwitchoverAnswer, SwitchoverOrder } from './deeds.js';
import { Deeds } from './deeds.js';
import type { Mind } from './explanations.js';
import { Explanations } from './explanations.js';
import type { HistoryOrder } from './histories.js';
import { Histories } from './histories.js';
import { loadsAnswers, loadsReport } from './loads-report.js';
import { pairReport, reportAnswers } from './pair-report.js';
import type { PlanOrder } from './planner.js';
import { Planner } from './planner.js';
import type { FlowsPorts } from './flows.js';
import { Flows } from './flows.js';
import type { OwnTables, TablesOrder } from './tables.js';
import { Tables } from './tables.js';
import { Timetable } from './timetable.js';
import type { MaintenanceOrder } from './order-desk.js';
import { OrderDesk } from './order-desk.js';
import type { Answers, NodeHistory, OrderBook, OwnNode, Peer } from './ports.js';

export interface DeskOptions {
  readonly node: string;
  /** Of both nodes. */
  readonly names: readonly string[];
}

export interface DeskPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly own: OwnNode;
  readonly orders: OrderBook;
  readonly mind: Mind;
  /** Undefined where there is no pair channel. */
  readonly peer: Peer | undefined;
  /** The proxy's, as it sees them; undefined where none is configured. */
  readonly servers: Servers | undefined;
  /** Of the proxy's servers and those of services; undefined where there are neither. */
  readonly loads?: Loads | undefined;
  /** Undefined where no stick tables are replicated. */
  readonly tables: OwnTables | undefined;
  /** Undefined where no flows are copied. */
  readonly flows: FlowsPorts['flows'];
  /** Of this node's transitions; undefined where nothing is recorded. */
  readonly history: NodeHistory | undefined;
}

export class Desk {
  readonly #node: string;
  readonly #ports: DeskPorts;
  readonly #deeds: Deeds;
  readonly #orders: OrderDesk;
  readonly #planner: Planner;
  readonly #timetable: Timetable;
  readonly #explanations: Explanations;
  readonly #histories: Histories;
  readonly #tables: Tables;
  readonly #flows: Flows;
  readonly #answers: ReadonlyMap<string, Answers[string]>;

  constructor(options: DeskOptions, ports: DeskPorts) {
    this.#node = options.node;
    this.#ports = ports;
    this.#deeds = new Deeds(options, ports.own, ports.peer);
    this.#orders = new OrderDesk(options, ports);
    this.#planner = new Planner(options, ports);
    this.#timetable = new Timetable(options, {
      ...ports,
      switchover: (order) => this.#deeds.switchover(order),
    });
    this.#explanations = new Explanations(options, ports);
    this.#histories = new Histories(options, ports);
    this.#tables = new Tables(options, ports);
    this.#flows = new Flows(options, ports);
    this.#answers = new Map(
      Object.entries({
        ...reportAnswers(ports),
        ...loadsAnswers(ports),
        ...this.#deeds.answers(),
        ...this.#orders.answers(),
        ...this.#explanations.answers(),
        ...this.#histories.answers(),
        ...this.#tables.answers(),
        ...this.#flows.answers(),
      }),
    );
  }

  /** Both nodes side by side. */
  report(): Promise<PairReport> {
    const { mind } = this.#ports;
    return pairReport({ ...this.#ports, heard: () => mind.state().peer });
  }

  /** What would happen if something failed now. */
  explain(): Promise<ExplainAnswer> {
    return this.#explanations.explain();
  }

  /** What both nodes remember. */
  history(order: HistoryOrder): Promise<Result<PairHistory, Refusal>> {
    return this.#histories.history(order);
  }

  /** The stick tables of both nodes. */
  tables(order: TablesOrder): Promise<Result<TablesAnswer, Refusal>> {
    return this.#tables.tables(order);
  }

  /** Connections through the kernel on both nodes. */
  flows(): Promise<Result<FlowsAnswer, Refusal>> {
    return this.#flows.flows();
  }

  /** What the proxy's servers have to do on both nodes; of one, or of all. */
  loads(server: string | undefined): Promise<readonly NodeLoads[]> {
    return loadsReport(this.#node, this.#ports, server);
  }

  switchover(order: SwitchoverOrder): Promise<Result<SwitchoverAnswer, Refusal>> {
    return this.#deeds.switchover(order);
  }

  /** `group`: undefined names the only one. */
  failback(group: string | undefined): Promise<Result<FailbackAnswer, Refusal>> {
    return this.#deeds.failback(group);
  }

  /** Stops automatic moves, or lets them go on. */
  pause(state: 'on' | 'off'): Promise<Result<OrderAnswer, Refusal>> {
    return this.#orders.pause(state);
  }

  /** Puts a node in maintenance, or ends that. */
  maintenance(order: MaintenanceOrder): Promise<Result<OrderAnswer, Refusal>> {
    return this.#orders.maintenance(order);
  }

  /** Plans a switchover, or cancels the one that is planned. */
  plan(order: PlanOrder): Promise<Result<ScheduleAnswer, Refusal>> {
    return this.#planner.plan(order);
  }

  /** Something may have been ordered, here or on the other node. */
  ordered(): void {
    this.#timetable.changed();
  }

  /** Nothing that is planned is carried out after it. */
  stop(): void {
    this.#timetable.stop();
  }

  /** What the other node asks of this one, in JSON. */
  answer(ask: string, body: string): Promise<Result<string, string>> {
    const answer = this.#answers.get(ask);
    return answer === undefined
      ? Promise.resolve(fail(`this version does not know what ${ask} asks`))
      : answer(body);
  }
}
