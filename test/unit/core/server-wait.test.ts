import { describe, expect, it } from 'vitest';
import type { NodeView, WaitGoal } from '../../../src/core/server-wait.js';
import { isReached, SILENT_ROUNDS, waitGoalOf, waitOn } from '../../../src/core/server-wait.js';

const FAILED = { checks: 0, connects: 0, answers: 0 };

function view(node: string, status: string, sessions = 0): NodeView {
  return { node, server: { name: 'web/a', status, sessions, failed: FAILED } };
}

const SILENT: NodeView = { node: 'lb2', server: 'not known' };

it.each([
  ['admin', 'drain', 'drained'],
  ['admin', 'maint', 'in maintenance'],
  ['admin', 'ready', undefined],
  ['weight', '50%', undefined],
  ['existence', 'add 10.0.0.4:80', 'up'],
  ['existence', 'remove', 'gone'],
] as const)('who states %s %s waits until it is %s', (aspect, value, goal) => {
  expect(waitGoalOf(aspect, value)).toBe(goal);
});

describe('it is reached', () => {
  it.each<[WaitGoal, readonly NodeView[], boolean]>([
    ['drained', [view('lb1', 'DRAIN'), view('lb2', 'DRAIN')], true],
    ['drained', [view('lb1', 'DRAIN')], true],
    ['drained', [view('lb1', 'DRAIN'), view('lb2', 'DRAIN', 1)], false],
    ['drained', [view('lb1', 'DRAIN', 1), view('lb2', 'DRAIN')], false],
    // The other one has not been told yet.
    ['drained', [view('lb1', 'DRAIN'), view('lb2', 'UP')], false],
    ['drained', [view('lb1', 'MAINT'), view('lb2', 'DOWN')], true],
    ['drained', [view('lb1', 'DRAIN'), { node: 'lb2', server: 'none' }], true],
    ['in maintenance', [view('lb1', 'MAINT'), view('lb2', 'MAINT (via web/b)')], true],
    ['in maintenance', [view('lb1', 'MAINT'), view('lb2', 'DOWN')], false],
    ['gone', [{ node: 'lb1', server: 'none' }, view('lb2', 'MAINT')], false],
    [
      'gone',
      [
        { node: 'lb1', server: 'none' },
        { node: 'lb2', server: 'none' },
      ],
      true,
    ],
    ['up', [view('lb1', 'UP', 3), view('lb2', 'no check')], true],
    ['up', [view('lb1', 'UP'), view('lb2', 'DOWN 1/2')], false],
    ['up', [view('lb1', 'UP'), { node: 'lb2', server: 'none' }], false],
    ['drained', [{ node: 'lb1', server: 'not known' }], false],
  ])('%s: %j', (goal, views, expected) => {
    expect(isReached(goal, waitOn(undefined, views))).toBe(expected);
  });
});

it('a node that is not heard of for a while is not waited for, and until then it is', () => {
  const views = [view('lb1', 'DRAIN'), SILENT];
  let waiting = waitOn(undefined, views);
  for (let round = 1; round < SILENT_ROUNDS; round += 1) {
    expect(isReached('drained', waiting)).toBe(false);
    waiting = waitOn(waiting, views);
  }
  expect(isReached('drained', waiting)).toBe(true);
  const back = waitOn(waiting, [view('lb1', 'DRAIN'), view('lb2', 'DRAIN', 2)]);
  expect(isReached('drained', back)).toBe(false);
  expect(isReached('drained', waitOn(back, views))).toBe(false);
});
