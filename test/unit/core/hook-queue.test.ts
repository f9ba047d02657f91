import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HookCall } from '../../../src/core/hook-queue.js';
import { enqueue } from '../../../src/core/hook-queue.js';

const call = (sequence: number, group: string, changes: Partial<HookCall> = {}): HookCall => ({
  sequence,
  group,
  from: 'backup',
  to: 'master',
  cause: 'because',
  priority: 254,
  kind: 'change',
  merged: 0,
  ...changes,
});

describe('what waits for a script', () => {
  it.each<[string, readonly HookCall[], HookCall, number, readonly string[], number | undefined]>([
    ['waits in order', [call(1, 'web')], call(2, 'mail'), 2, ['1 web +0', '2 mail +0'], undefined],
    [
      'is merged with the next of its group where there are too many',
      [call(1, 'web'), call(2, 'mail')],
      call(3, 'web'),
      2,
      ['2 mail +0', '3 web +1'],
      1,
    ],
    [
      'is the oldest that another has superseded',
      [call(1, 'mail'), call(2, 'web', { merged: 2 }), call(3, 'web')],
      call(4, 'web'),
      3,
      ['1 mail +0', '3 web +3', '4 web +0'],
      2,
    ],
    [
      'is not lost where none has been superseded',
      [call(1, 'mail')],
      call(2, 'web'),
      1,
      ['1 mail +0', '2 web +0'],
      undefined,
    ],
  ])('%s', (_what, waiting, next, most, expected, merged) => {
    const queued = enqueue(waiting, next, most);
    expect(
      queued.waiting.map(
        (each) => `${String(each.sequence)} ${each.group} +${String(each.merged)}`,
      ),
    ).toEqual(expected);
    expect(queued.merged?.sequence).toBe(merged);
  });

  it('goes from where the merged one came from', () => {
    const waiting = [call(1, 'web', { from: 'fault', to: 'backup' })];
    const queued = enqueue(waiting, call(2, 'web'), 1);
    expect(queued.waiting).toEqual([call(2, 'web', { from: 'fault', merged: 1 })]);
  });

  it('is bounded, counts every transition, and ends as each group is', () => {
    const groups = fc.array(fc.constantFrom('web', 'mail', 'db'), { maxLength: 60 });
    fc.assert(
      fc.property(groups, (moved) => {
        let waiting: readonly HookCall[] = [];
        for (const [index, group] of moved.entries()) {
          ({ waiting } = enqueue(waiting, call(index + 1, group), 4));
        }
        expect(waiting.length).toBeLessThanOrEqual(4);
        expect(waiting.reduce((sum, each) => sum + each.merged + 1, 0)).toBe(moved.length);
        for (const group of new Set(moved)) {
          expect(waiting.findLast((each) => each.group === group)?.sequence).toBe(
            moved.lastIndexOf(group) + 1,
          );
        }
      }),
    );
  });
});
