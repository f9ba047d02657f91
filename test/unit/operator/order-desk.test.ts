/** Orders of the pair: what stands afterwards, and what the other node says of it. */
import { expect, it } from 'vitest';
import type { Result } from '../../../src/base/result.js';
import { fail, ok } from '../../../src/base/result.js';
import { deskOf } from './given-desk.js';

type Answer = Result<string, { code: string; detail: string }>;

const word = (orders: object | undefined): Answer =>
  ok(JSON.stringify({ node: 'lb2', release: '0.0.9', at: 0, groups: [], orders }));

it('a pause stands once it is ordered, and the other node says that it goes by it', async () => {
  const { desk, asks } = deskOf('master', () => word({ paused: 'yes' }));
  const paused = await desk.pause('on');
  expect(paused).toEqual({
    ok: true,
    value: {
      node: 'lb1',
      orders: { known: 'yes', paused: { by: 'lb1', at: 42 } },
      changed: 'something',
      kept: 'on disk',
      peer: { node: 'lb2', problem: undefined },
    },
  });
  expect(asks).toEqual(['status']);
  expect(await desk.pause('on')).toMatchObject({ value: { changed: 'nothing' } });
  expect(await desk.pause('off')).toMatchObject({
    value: {
      orders: { paused: undefined },
      changed: 'something',
      peer: { problem: 'it has it otherwise' },
    },
  });
});

it.each<[string, Answer, string]>([
  [
    'is silent',
    fail({ code: 'no-channel', detail: 'the pair channel is down' }),
    'channel is down',
  ],
  ['knows of no orders', word(undefined), 'its vipair 0.0.9 obeys no such orders'],
  ['answers nonsense', ok('{}'), 'its answer makes no sense'],
  ['has not heard of it', word({ paused: 'no' }), 'it has it otherwise'],
])('it stands here although the other node %s, and that is said', async (_how, answer, problem) => {
  const paused = await deskOf('backup', () => answer).desk.pause('on');
  expect(paused).toMatchObject({
    value: {
      orders: { paused: { by: 'lb1' } },
      peer: { problem: expect.stringContaining(problem) as string },
    },
  });
});

it('without a pair channel nobody is asked', async () => {
  expect(await deskOf('backup', undefined).desk.pause('on')).toMatchObject({
    value: { orders: { paused: { by: 'lb1' } }, peer: undefined },
  });
});
