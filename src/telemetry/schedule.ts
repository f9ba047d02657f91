/** What a daemon says of switchovers that operators have planned. */
import type { Register } from '../core/registers.js';
import type { Schedule } from '../core/schedule.js';
import { readSchedule, scheduledGroup } from '../core/schedule.js';
import type { Given, PeerObeys } from './orders.js';
import { sinceText } from './orders.js';
import type { KeptWhere } from './servers.js';

/** The last plan of a group, and when and where its state was said. */
export interface ScheduleStatus extends Schedule {
  readonly group: string;
  readonly said: Given;
}

/** What has been planned or cancelled. */
export interface ScheduleAnswer extends Schedule {
  readonly node: string;
  readonly group: string;
  readonly kept: KeptWhere;
  /** Undefined where there is no pair channel. */
  readonly peer: PeerObeys | undefined;
}

/** Of all groups, as far as this version understands it. */
export function schedulesIn(registers: Iterable<Register>): readonly ScheduleStatus[] {
  return [...registers].flatMap(({ key, value, stamp, at }) => {
    const group = scheduledGroup(key);
    const schedule = readSchedule(value);
    return group === undefined || schedule === undefined
      ? []
      : [{ group, ...schedule, said: { by: stamp.node, at } }];
  });
}

/** Such as `web: switchover to lb2 at 2026-03-02T04:11:07.000Z: dropped, it is in fault`. */
export function scheduleText({
  group,
  state,
  at,
  to,
  why,
}: Schedule & { readonly group: string }): string {
  const explained = why === '' ? '' : `, ${why}`;
  return `${group}: switchover to ${to} at ${new Date(at).toISOString()}: ${state}${explained}`;
}

/** With when that was said, and on which node. */
export function scheduleLine(schedule: ScheduleStatus): string {
  return `${scheduleText(schedule)} (${sinceText(schedule.said)})`;
}
