/** Where operators plan a switchover, or cancel it, on either node. */
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { Schedule } from '../core/schedule.js';
import {
  formatSchedule,
  MOST_AHEAD,
  readSchedule,
  scheduleKey,
  whenProblem,
} from '../core/schedule.js';
import type { Clock } from '../ports/clock.js';
import type { Refusal } from '../telemetry/refusal.js';
import type { ScheduleAnswer } from '../telemetry/schedule.js';
import { namedGroup } from './deeds.js';
import { confirmedBy } from './confirmation.js';
import type { OrderBook, OwnNode, Peer } from './ports.js';

export interface PlannerPorts {
  readonly clock: Pick<Clock, 'wallTime'>;
  readonly orders: OrderBook;
  readonly own: Pick<OwnNode, 'status'>;
  /** Undefined where there is no pair channel. */
  readonly peer: Peer | undefined;
}

export interface PlanOrder {
  /** Undefined: the only one. */
  readonly group: string | undefined;
  /** Unix milliseconds; undefined: what is planned is cancelled. */
  readonly at: number | undefined;
  /** Undefined: whichever node is not master now. */
  readonly to: string | undefined;
}

export class Planner {
  readonly #node: string;
  readonly #names: readonly string[];
  readonly #ports: PlannerPorts;

  constructor(
    { node, names }: { readonly node: string; readonly names: readonly string[] },
    ports: PlannerPorts,
  ) {
    this.#node = node;
    this.#names = names;
    this.#ports = ports;
  }

  /** What is planned anew takes the place of what was. */
  async plan({ group, at, to }: PlanOrder): Promise<Result<ScheduleAnswer, Refusal>> {
    const named = namedGroup(this.#groups(), group);
    if (!named.ok) {
      return named;
    }
    await this.#ports.orders.read();
    const schedule =
      at === undefined ? this.#cancelled(named.value) : this.#planned(named.value, at, to);
    if (!schedule.ok) {
      return schedule;
    }
    const value = formatSchedule(schedule.value);
    await this.#ports.orders.give(scheduleKey(named.value), value);
    const { peer, orders } = this.#ports;
    const said = `${named.value} ${value}`;
    return ok({
      node: this.#node,
      group: named.value,
      ...schedule.value,
      kept: orders.kept,
      peer:
        peer === undefined
          ? undefined
          : await confirmedBy(peer, ({ schedules }) => schedules.includes(said)),
    });
  }

  #planned(group: string, at: number, to: string | undefined): Result<Schedule, Refusal> {
    if (!this.#groups().includes(group)) {
      const detail = `no group is called ${group}; there are: ${this.#groups().join(', ')}`;
      return fail({ code: 'unknown-group', detail });
    }
    if (to !== undefined && !this.#names.includes(to)) {
      const detail = `no node is called ${to}; there are: ${this.#names.join(' and ')}`;
      return fail({ code: 'unknown-node', detail });
    }
    const problem = whenProblem(at, this.#ports.clock.wallTime());
    if (problem !== undefined) {
      const days = MOST_AHEAD / DAY;
      const detail = `${new Date(at).toISOString()} is ${problem}: expected a time to come, ${String(days)} days ahead at the most, by the clock of ${this.#node}`;
      return fail({ code: 'not-a-time', detail });
    }
    return ok({ state: 'planned', at, to: to ?? this.#other(group), why: '' });
  }

  /** Whoever is not master now: named, so that it is the same node whoever is master then. */
  #other(group: string): string {
    const own = this.#ports.own.status().groups.find(({ name }) => name === group);
    const isHere = own?.role === 'master' || own?.role === 'resigning';
    const other = this.#names.find((each) => each !== this.#node);
    return isHere ? (other ?? this.#node) : this.#node;
  }

  #cancelled(group: string): Result<Schedule, Refusal> {
    const value = this.#ports.orders.register(scheduleKey(group))?.value ?? '';
    const schedule = readSchedule(value);
    return schedule?.state === 'planned'
      ? ok({ ...schedule, state: 'cancelled' })
      : fail({ code: 'nothing-planned', detail: `no switchover of ${group} is planned` });
  }

  #groups(): readonly string[] {
    return this.#ports.own.status().groups.map(({ name }) => name);
  }
}

const DAY = 24 * 60 * 60 * 1000;
