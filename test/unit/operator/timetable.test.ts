/** What is planned is carried out once, by the master of then, or dropped with a reason. */
import { expect, it } from 'vitest';
import type { Result } from '../../../src/base/result.js';
import { fail, ok } from '../../../src/base/result.js';
import { instant } from '../../../src/base/time.js';
import type { RoleName } from '../../../src/core/notice.js';
import type { Schedule } from '../../../src/core/schedule.js';
import {
  formatSchedule,
  LATE_AT_MOST,
  readSchedule,
  scheduleKey,
} from '../../../src/core/schedule.js';
import { Timetable } from '../../../src/operator/timetable.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import type { SwitchoverAnswer, SwitchoverOrder } from '../../../src/operator/deeds.js';
import type { Refusal } from '../../../src/telemetry/refusal.js';
import { HandClock, settled } from '../engine/fakes.js';
import { HandBook, HandNode } from './given-desk.js';

type Outcome = Result<SwitchoverAnswer, Refusal>;
const WEB = { node: 'lb1', group: 'web' };

function given(
  role: RoleName,
  outcome: Outcome = ok({ ...WEB, kind: 'moved', to: '10.77.0.2', within: 9 }),
) {
  const clock = new HandClock();
  const orders = new HandBook({ own: 'lb1', peer: 'lb2' });
  const node = new HandNode('lb1', role);
  const events: LogEvent[] = [];
  const switchover = ({ group }: SwitchoverOrder): Promise<Outcome> => {
    node.asked.push(group ?? '');
    return Promise.resolve(outcome);
  };
  const log = { tell: (event: LogEvent) => events.push(event) };
  const table = new Timetable({ node: 'lb1' }, { clock, log, orders, own: node, switchover });
  const plan = async (inMs: number, changes: Partial<Schedule> = {}): Promise<void> => {
    const at = clock.wallTime() + inMs;
    const schedule = { state: 'planned', at, to: 'lb2', why: '', ...changes } as const;
    await orders.give(scheduleKey('web'), formatSchedule(schedule));
    table.changed();
    await settled();
  };
  const now = (): Schedule | undefined =>
    readSchedule(orders.register(scheduleKey('web'))?.value ?? '');
  const ring = async (late = 0): Promise<void> => {
    clock.ringNext(late);
    await settled();
  };
  return { clock, orders, node, events, table, plan, now, ring };
}

it('waits until then, looks at the clock every second, and is done once', async () => {
  const { plan, now, ring, node, clock, events } = given('master');
  await plan(2500);
  expect(clock.pending()).toHaveLength(1);
  await ring();
  await ring();
  expect(now()?.state).toBe('planned');
  await ring();
  expect(node.asked).toEqual(['web']);
  expect(now()).toMatchObject({ state: 'done', to: 'lb2', why: '' });
  expect(clock.pending()).toEqual([]);
  expect(events.map((event) => ('state' in event ? event.state : ''))).toEqual(['planned', 'done']);
});

it.each<[string, Outcome, string]>([
  [
    'its successor is not ready',
    fail({ code: 'not-ready', detail: 'it is in fault' }),
    'it is in fault',
  ],
  [
    'nobody takes over',
    ok({ ...WEB, kind: 'undone', reason: 'no other node took over' }),
    'undone: no',
  ],
])('is dropped where %s', async (_why, outcome, why) => {
  const { plan, now, ring, events } = given('master', outcome);
  await plan(100);
  await ring();
  expect(now()).toMatchObject({ state: 'dropped', why: expect.stringContaining(why) as string });
  expect(events.at(-1)).toMatchObject({ event: 'schedule.dropped', group: 'web' });
});

it('is not done late: a clock that was stepped, or a node that was down, drops it', async () => {
  const { plan, now, ring, node } = given('master');
  await plan(100);
  await ring(LATE_AT_MOST + 1);
  expect(node.asked).toEqual([]);
  expect(now()).toMatchObject({
    state: 'dropped',
    why: expect.stringMatching(/^missed/u) as string,
  });
});

it('says nothing of one that has made room for another meanwhile', async () => {
  const { plan, now, ring, node, orders, clock } = given('master');
  await plan(100);
  const next = { state: 'planned', at: clock.wallTime() + 9000, to: 'lb2', why: '' } as const;
  node.asked.push = () => {
    void orders.give(scheduleKey('web'), formatSchedule(next));
    return 0;
  };
  await ring();
  expect(now()).toEqual(next);
  expect(clock.pending()).toHaveLength(1);
});

it('changes nothing where the node is master already, and is left to the master by a backup', async () => {
  const there = given('master');
  await there.plan(100, { to: 'lb1' });
  await there.ring();
  expect(there.node.asked).toEqual([]);
  expect(there.now()).toMatchObject({ state: 'done', why: 'it was master already' });
  const backup = given('backup');
  await backup.plan(100);
  await backup.ring();
  await backup.ring();
  expect(backup.now()?.state).toBe('planned');
});

it('what is over, or of a version to come, is passed over without a word', async () => {
  const { plan, orders, table, clock, events, node } = given('master');
  await plan(-5, { state: 'cancelled' });
  await orders.give(scheduleKey('web'), 'perhaps');
  table.changed();
  expect([clock.pending(), events, node.asked]).toEqual([[], [], []]);
});

it('waits no longer when it has stopped', async () => {
  const { plan, table, clock } = given('master');
  await plan(100);
  table.stop();
  table.changed();
  clock.time = instant(clock.time + 1000);
  expect(clock.pending()).toEqual([]);
});
