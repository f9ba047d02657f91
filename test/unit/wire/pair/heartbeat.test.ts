import { expect, it } from 'vitest';
import { HEARTBEAT } from '../../../../src/wire/pair/heartbeat.js';

const GROUP = {
  group: 'web',
  role: 'master',
  priority: 254,
  interval: 1000,
  address: '10.77.0.1',
  lan: 'reachable',
  health: 100,
};

it('says how a node is, group by group', () => {
  const fields = { every: 100, sequence: 2, echo: 1, groups: [GROUP] };
  expect(HEARTBEAT.body.parse(fields)).toEqual({ kind: 'heartbeat', ...fields });
});

it('of an older daemon has no numbers and no health', () => {
  const { health, ...older } = GROUP;
  expect(health).toBe(100);
  const read = HEARTBEAT.body.parse({ every: 100, groups: [older] });
  expect(read).toEqual({ kind: 'heartbeat', every: 100, sequence: 0, echo: 0, groups: [older] });
});

it.each([{ health: 101 }, { health: 0.5 }, { lan: 'far' }, { role: 'king' }])(
  'is not believed with %j',
  (wrong) => {
    const groups = [{ ...GROUP, ...wrong }];
    expect(HEARTBEAT.body.safeParse({ every: 100, groups }).success).toBe(false);
  },
);
