import { describe, expect, it } from 'vitest';
import { instant, later, millis } from '../../../src/base/time.js';
import type { ReloadQueue, ReloadQueueEvent } from '../../../src/core/reload-queue.js';
import { NO_RELOADS, RELOAD_DISTANCE, stepReloadQueue } from '../../../src/core/reload-queue.js';

const NOW = instant(10_000);
const NEXT = later(NOW, RELOAD_DISTANCE);
const running = { name: 'running', again: 'no' } as const;
const runningAgain = { name: 'running', again: 'yes' } as const;
const waiting = (until = NOW): ReloadQueue => ({ name: 'waiting', until });
const idle = (notBefore = NOW): ReloadQueue => ({ name: 'idle', notBefore });

describe('reloads of the proxy', () => {
  it.each<[string, ReloadQueue, ReloadQueueEvent, ReloadQueue, 'nothing' | 'reload']>([
    ['the first begins at once', NO_RELOADS, 'asked', running, 'reload'],
    ['so does one long after the last', idle(), 'asked', running, 'reload'],
    ['one soon after the last waits', idle(NEXT), 'asked', waiting(NEXT), 'nothing'],
    ['one that waits already is joined', waiting(NEXT), 'asked', waiting(NEXT), 'nothing'],
    ['the wait ends with a reload', waiting(), 'alarm', running, 'reload'],
    ['and not before its time', waiting(NEXT), 'alarm', waiting(NEXT), 'nothing'],
    ['while one runs another is wanted', running, 'asked', runningAgain, 'nothing'],
    ['and no more than one', runningAgain, 'asked', runningAgain, 'nothing'],
    ['then it waits its time', runningAgain, 'finished', waiting(NEXT), 'nothing'],
    ['nothing more was wanted', running, 'finished', idle(NEXT), 'nothing'],
    ['what ends when nothing runs is old news', idle(), 'finished', idle(), 'nothing'],
    ['an alarm while one runs is old news', running, 'alarm', running, 'nothing'],
  ])('%s', (_why, state, event, next, then) => {
    expect(stepReloadQueue(state, event, NOW)).toEqual({ state: next, then });
  });

  it('asked for without end, at most one a distance', () => {
    let [state, reloads] = [NO_RELOADS, 0];
    for (let ms = 0; ms < 60_000; ms += 10) {
      const now = instant(ms);
      const events: ReloadQueueEvent[] = [
        'asked',
        'alarm',
        ...(ms % 50 === 0 ? ['finished' as const] : []),
      ];
      for (const event of events) {
        const step = stepReloadQueue(state, event, now);
        state = step.state;
        reloads += step.then === 'reload' ? 1 : 0;
      }
    }
    expect(reloads).toBeGreaterThan(50);
    expect(reloads).toBeLessThanOrEqual(60_000 / millis(RELOAD_DISTANCE));
  });

  it('an event that there is not is our mistake', () => {
    expect(() => stepReloadQueue(NO_RELOADS, 'other' as ReloadQueueEvent, NOW)).toThrow();
  });
});
