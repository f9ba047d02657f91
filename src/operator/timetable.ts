/** Carries out what is planned, when it is time, where this node is master; and tells of what becomes of it. */
import type { Result } from '../base/result.js';
import { later, longer, millis, shorter } from '../base/time.js';
import type { Schedule } from '../core/schedule.js';
import { formatSchedule, readSchedule, scheduleKey, stepSchedule } from '../core/schedule.js';
import type { Alarm, Clock } from '../ports/clock.js';
import type { Log } from '../telemetry/events.js';
import type { Refusal } from '../telemetry/refusal.js';
import type { GroupStatus } from '../telemetry/status.js';
import type { SwitchoverAnswer, SwitchoverOrder } from './deeds.js';
import type { OrderBook, OwnNode } from './ports.js';

export interface TimetablePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly orders: OrderBook;
  readonly own: Pick<OwnNode, 'status'>;
  /** As an operator asks for it by hand. */
  readonly switchover: (order: SwitchoverOrder) => Promise<Result<SwitchoverAnswer, Refusal>>;
}

export class Timetable {
  readonly #node: string;
  readonly #ports: TimetablePorts;
  /** Groups whose switchover is under way. */
  readonly #busy = new Set<string>();
  /** What was last told of each group. */
  readonly #told = new Map<string, string>();
  #alarm: Alarm | undefined;
  #phase: 'running' | 'stopped' = 'running';

  constructor({ node }: { readonly node: string }, ports: TimetablePorts) {
    this.#node = node;
    this.#ports = ports;
  }

  /** Something may have been planned, or cancelled. Before it is known what was, nothing is carried out. */
  changed(): void {
    const { orders, clock, own } = this.#ports;
    this.#alarm?.cancel();
    this.#alarm = undefined;
    if (this.#phase === 'stopped' || orders.orders.known !== 'yes') {
      return;
    }
    const planned = own.status().groups.flatMap((group) => this.#look(group) ?? []);
    const [next] = planned.map(({ at }) => at).toSorted((a, b) => a - b);
    if (next !== undefined) {
      // The wall clock may be stepped meanwhile.
      const left = millis(next - clock.wallTime());
      // What is due is for the master to do, or under way.
      const wait = left > 0 ? longer(left, SHORTEST) : LOOK_EVERY;
      this.#alarm = clock.alarm(later(clock.now(), shorter(wait, LOOK_EVERY)), () => {
        this.changed();
      });
    }
  }

  stop(): void {
    this.#phase = 'stopped';
    this.#alarm?.cancel();
  }

  /** The plan, while it stands. */
  #look({ name, role }: GroupStatus): Schedule | undefined {
    const { orders, clock } = this.#ports;
    const value = orders.register(scheduleKey(name))?.value;
    const schedule = value === undefined ? undefined : readSchedule(value);
    if (value === undefined || schedule === undefined) {
      return undefined;
    }
    this.#tell(name, value, schedule);
    if (schedule.state !== 'planned' || this.#busy.has(name)) {
      return undefined;
    }
    const step = stepSchedule(schedule, { now: clock.wallTime(), node: this.#node, role });
    switch (step.kind) {
      case 'wait':
        return schedule;
      case 'begin':
        void this.#carryOut(name, schedule);
        return undefined;
      case 'end':
        void this.#end(name, schedule, step);
        return undefined;
      default:
        return step satisfies never;
    }
  }

  async #carryOut(group: string, schedule: Schedule): Promise<void> {
    this.#busy.add(group);
    const { orders, switchover } = this.#ports;
    // First of all: whatever becomes of this daemon, it is not carried out twice.
    const begun: Schedule = { ...schedule, state: 'begun' };
    await orders.give(scheduleKey(group), formatSchedule(begun));
    const done = await switchover({ group, to: schedule.to, successor: 'ready' });
    const why = done.ok ? undoneWhy(done.value) : done.error.detail;
    await this.#end(group, begun, {
      state: why === undefined ? 'done' : 'dropped',
      why: why ?? '',
    });
  }

  async #end(
    group: string,
    schedule: Schedule,
    ended: Pick<Schedule, 'state' | 'why'>,
  ): Promise<void> {
    this.#busy.add(group);
    const { orders } = this.#ports;
    const key = scheduleKey(group);
    // Something else may have been planned meanwhile.
    if (orders.register(key)?.value === formatSchedule(schedule)) {
      await orders.give(key, formatSchedule({ ...schedule, ...ended }));
    }
    this.#busy.delete(group);
    this.changed();
  }

  /** What is over when this daemon first hears of it is no news. */
  #tell(group: string, value: string, { state, at, to, why }: Schedule): void {
    const isNews = this.#told.has(group) || state === 'planned';
    if (isNews && this.#told.get(group) !== value) {
      const event = state === 'dropped' ? 'schedule.dropped' : 'schedule.changed';
      this.#ports.log.tell({ event, group, state, due: new Date(at).toISOString(), to, why });
    }
    this.#told.set(group, value);
  }
}

function undoneWhy(answer: SwitchoverAnswer): string | undefined {
  return answer.kind === 'undone' ? `undone: ${answer.reason}` : undefined;
}

/** As long as something is planned: so late it may be. */
const LOOK_EVERY = millis(1000);
const SHORTEST = millis(1);
