import { describe, expect, it } from 'vitest';
import { instant, millis } from '../../../src/base/time.js';
import type { FormerWorker, WorkerSeen } from '../../../src/core/former-workers.js';
import { stepFormer } from '../../../src/core/former-workers.js';

const NOW = instant(100_000);
const MOST = millis(60_000);

function worker(pid: number, age: number): WorkerSeen {
  return { pid, age: millis(age) };
}

function step(
  known: readonly FormerWorker[],
  former: readonly WorkerSeen[],
  given: Partial<{ current: readonly WorkerSeen[]; most: typeof MOST | undefined }> = {},
) {
  const { current, most } = { current: [worker(9, 1000)], most: MOST, ...given };
  return stepFormer(known, { former, current }, { now: NOW, most });
}

describe('since when a worker is a former one', () => {
  it.each([
    ['the one after it was started, where that is all that is known', [], 99_000],
    [
      'it was seen as one, where that was before',
      [{ pid: 1, since: instant(50_000), told: 'nothing' }],
      50_000,
    ],
    [
      'and not earlier than was seen',
      [{ pid: 1, since: instant(99_500), told: 'nothing' }],
      99_000,
    ],
    ['another one is another one', [{ pid: 2, since: instant(1), told: 'stop' }], 99_000],
  ] as const)('%s', (_what, known, since) => {
    expect(step(known, [worker(1, 80_000)]).workers).toEqual([{ pid: 1, since, told: 'nothing' }]);
  });

  it('is now where nobody is younger, as while the next one is loaded', () => {
    expect(step([], [worker(1, 80_000)], { current: [] }).workers).toEqual([
      { pid: 1, since: NOW, told: 'nothing' },
    ]);
  });

  it('puts the one first that was replaced first', () => {
    const { workers } = step([], [worker(3, 20_000), worker(2, 40_000), worker(1, 80_000)]);
    expect(workers.map(({ pid, since }) => [pid, since])).toEqual([
      [1, 60_000],
      [2, 80_000],
      [3, 99_000],
    ]);
    const at = { since: instant(5), told: 'nothing' } as const;
    const same = step(
      [
        { pid: 2, ...at },
        { pid: 1, ...at },
      ],
      [worker(2, 7), worker(1, 7)],
    );
    expect(same.workers.map(({ pid }) => pid)).toEqual([1, 2]);
  });
});

describe('a former worker that is too old', () => {
  const known = (told: FormerWorker['told'], since = 40_000): FormerWorker[] => [
    { pid: 1, since: instant(since), told },
  ];
  const end = (how: 'stop' | 'kill') => [{ pid: 1, how, age: millis(60_000) }];

  it.each([
    ['is told to end at once', known('nothing'), end('stop'), 'stop'],
    ['and killed where it does not', known('stop'), end('kill'), 'kill'],
    ['and left where nothing helps', known('kill'), [], 'kill'],
    ['not before its time', known('nothing', 40_001), [], 'nothing'],
  ] as const)('%s', (_what, before, ends, told) => {
    const stepped = step(before, [worker(1, 90_000)]);
    expect(stepped.ends).toEqual(ends);
    expect(stepped.workers[0]?.told).toBe(told);
  });

  it('is somebody else’s affair where no bound is given', () => {
    expect(step(known('nothing'), [worker(1, 90_000)], { most: undefined }).ends).toEqual([]);
  });

  it('is forgotten when it has ended', () => {
    expect(step(known('stop'), [])).toEqual({ workers: [], ends: [] });
  });
});
