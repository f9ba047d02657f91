import { expect, it } from 'vitest';
import type { RoleName } from '../../../src/core/notice.js';
import type { Schedule } from '../../../src/core/schedule.js';
import {
  formatSchedule,
  LATE_AT_MOST,
  MOST_AHEAD,
  readSchedule,
  scheduledGroup,
  scheduleKey,
  stepSchedule,
  whenProblem,
} from '../../../src/core/schedule.js';
import { fits } from '../../../src/core/registers.js';

const AT = Date.UTC(2026, 2, 2, 4, 11, 7, 214);
const PLANNED: Schedule = { state: 'planned', at: AT, to: 'lb2', why: '' };

it.each<[Schedule, string]>([
  [PLANNED, 'planned 2026-03-02T04:11:07.214Z lb2'],
  [
    { ...PLANNED, state: 'dropped', why: 'it is in fault' },
    'dropped 2026-03-02T04:11:07.214Z lb2 it is in fault',
  ],
])('%j is written as %s, and read back', (schedule, text) => {
  expect(formatSchedule(schedule)).toBe(text);
  expect(readSchedule(text)).toEqual(schedule);
});

it('whatever is to be explained fits into a register', () => {
  const to = 'n'.repeat(64);
  const value = formatSchedule({ ...PLANNED, to, state: 'dropped', why: 'für\n'.repeat(99) });
  expect(fits({ key: scheduleKey('web'), value })).toBe(true);
  expect(value).toContain(' f?r?f?r?');
});

it.each([
  '',
  'planned',
  'planned 2026-13-41T04:11:07.214Z lb2',
  'meant 2026-03-02T04:11:07.214Z lb2',
])('%s is none', (text) => {
  expect(readSchedule(text)).toBeUndefined();
});

it('belongs to a group', () => {
  expect(scheduledGroup(scheduleKey('web'))).toBe('web');
  expect(scheduledGroup('server/web/web1/admin')).toBeUndefined();
});

it.each([
  [AT, 'past'],
  [AT + 1, undefined],
  [AT + MOST_AHEAD, undefined],
  [AT + MOST_AHEAD + 1, 'too far ahead'],
])('what is planned for %d is %s', (at, problem) => {
  expect(whenProblem(at, AT)).toBe(problem);
});

it.each<[string, Partial<Schedule>, number, RoleName, string, object]>([
  ['before its time', {}, AT - 1, 'master', 'lb1', { kind: 'wait' }],
  ['on a backup', {}, AT, 'backup', 'lb1', { kind: 'wait' }],
  ['that was cancelled', { state: 'cancelled' }, AT, 'master', 'lb1', { kind: 'wait' }],
  ['in time', {}, AT, 'master', 'lb1', { kind: 'begin' }],
  ['a little late', {}, AT + LATE_AT_MOST, 'master', 'lb1', { kind: 'begin' }],
  [
    'too late',
    {},
    AT + LATE_AT_MOST + 1000,
    'master',
    'lb1',
    { kind: 'end', state: 'dropped', why: 'missed by 61 s, more than 60 s' },
  ],
  [
    'to the node that is master',
    {},
    AT,
    'master',
    'lb2',
    { kind: 'end', state: 'done', why: 'it was master already' },
  ],
])('a switchover %s', (_when, changes, now, role, node, step) => {
  expect(stepSchedule({ ...PLANNED, ...changes }, { now, node, role })).toEqual(step);
});
