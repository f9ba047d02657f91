/** Switchovers are planned and cancelled on either node. */
import { expect, it } from 'vitest';
import { ok } from '../../../src/base/result.js';
import { MOST_AHEAD } from '../../../src/core/schedule.js';
import { deskOf } from './given-desk.js';

const ahead = 60_000;
const silent = () =>
  ok(
    JSON.stringify({
      ...{ node: 'lb2', release: '1', at: 0, groups: [] },
      orders: { paused: 'no', maintenance: [], schedules: [] },
    }),
  );

it('a switchover is planned for the node that is not master, and cancelled', async () => {
  const { desk, clock } = deskOf('master', undefined);
  const at = clock.wallTime() + ahead;
  const planned = await desk.plan({ group: undefined, at, to: undefined });
  expect(planned).toEqual({
    ok: true,
    value: {
      ...{ node: 'lb1', group: 'web', state: 'planned', at, to: 'lb2', why: '' },
      ...{ kept: 'on disk', peer: undefined },
    },
  });
  const cancelled = await desk.plan({ group: 'web', at: undefined, to: undefined });
  expect(cancelled).toMatchObject({ value: { state: 'cancelled', at } });
  expect(await desk.plan({ group: 'web', at: undefined, to: undefined })).toMatchObject({
    error: { code: 'nothing-planned' },
  });
});

it('on a backup it is planned for that one, and the other node is asked whether it knows', async () => {
  const { desk, clock } = deskOf('backup', silent);
  const planned = await desk.plan({ group: 'web', at: clock.wallTime() + ahead, to: undefined });
  expect(planned).toMatchObject({ value: { to: 'lb1', peer: { problem: 'it has it otherwise' } } });
});

it.each([
  [-1, 'web', undefined, 'not-a-time'],
  [MOST_AHEAD + 1, 'web', undefined, 'not-a-time'],
  [ahead, 'mail', undefined, 'unknown-group'],
  [ahead, 'web', 'lb3', 'unknown-node'],
])('is refused: in %d ms, of %s, to %s', async (inMs, group, to, code) => {
  const { desk, clock } = deskOf('master', undefined);
  const refused = await desk.plan({ group, at: clock.wallTime() + inMs, to });
  expect(refused).toMatchObject({ error: { code } });
});
