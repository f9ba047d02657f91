/**
 * A switchover at a time of day, as operators order it: it is carried out once, by whoever is master then, or dropped
 * where it cannot be, and never done late.
 */
import type { Millis } from '../base/time.js';
import { millis } from '../base/time.js';
import type { RoleName } from './notice.js';

export interface Schedule {
  /** `begun`: whoever carries it out has not said yet what came of it. */
  readonly state: (typeof STATES)[number];
  /** Unix milliseconds. */
  readonly at: number;
  /** The node that is to be master afterwards. */
  readonly to: string;
  /** What came of it, where that has to be explained. */
  readonly why: string;
}

const STATES = ['planned', 'begun', 'done', 'cancelled', 'dropped'] as const;

export function scheduleKey(group: string): string {
  return `${PREFIX}${group}`;
}

/** Undefined for a register of something else. */
export function scheduledGroup(key: string): string | undefined {
  return key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined;
}

/** As the value of a register: ASCII, and no longer than that may be. */
export function formatSchedule({ state, at, to, why }: Schedule): string {
  const said = why.replaceAll(/[^\x20-\x7e]/gu, '?').slice(0, MOST_WHY);
  return `${state} ${new Date(at).toISOString()} ${to}${said === '' ? '' : ` ${said}`}`;
}

/** Undefined for what a version to come has written. */
export function readSchedule(value: string): Schedule | undefined {
  const [, found, time = '', to = '', why = ''] = VALUE.exec(value) ?? [];
  const state = STATES.find((each) => each === found);
  const at = Date.parse(time);
  return state === undefined || Number.isNaN(at) ? undefined : { state, at, to, why };
}

/** Why nothing can be planned for then; undefined where it can. */
export function whenProblem(at: number, now: number): 'past' | 'too far ahead' | undefined {
  if (at <= now) {
    return 'past';
  }
  return at - now > MOST_AHEAD ? 'too far ahead' : undefined;
}

export type ScheduleStep =
  | { readonly kind: 'wait' }
  | { readonly kind: 'begin' }
  | { readonly kind: 'end'; readonly state: 'done' | 'dropped'; readonly why: string };

/** What this node does about it now: nothing, unless it is master. `now`: its wall clock. */
export function stepSchedule(
  { state, at, to }: Schedule,
  { now, node, role }: { readonly now: number; readonly node: string; readonly role: RoleName },
): ScheduleStep {
  if (state !== 'planned' || now < at || role !== 'master') {
    return { kind: 'wait' };
  }
  const late = now - at;
  if (late > LATE_AT_MOST) {
    const why = `missed by ${String(Math.round(late / 1000))} s, more than ${String(LATE_AT_MOST / 1000)} s`;
    return { kind: 'end', state: 'dropped', why };
  }
  return to === node
    ? { kind: 'end', state: 'done', why: 'it was master already' }
    : { kind: 'begin' };
}

/** A node that was down, or whose clock was stepped, does not do late what was meant for then. */
export const LATE_AT_MOST: Millis = millis(60_000);
/** Thirty days: what is farther away is a mistake. */
export const MOST_AHEAD: Millis = millis(30 * 24 * 60 * 60 * 1000);

const PREFIX = 'switchover/';
const MOST_WHY = 90;
const VALUE = /^([a-z]+) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (\S{1,64})(?: (.*))?$/u;
