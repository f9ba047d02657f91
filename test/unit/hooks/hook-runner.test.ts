import { describe, expect, it } from 'vitest';
import { done, fail } from '../../../src/base/result.js';
import type { Result } from '../../../src/base/result.js';
import { millis } from '../../../src/base/time.js';
import type { HookConfig } from '../../../src/config/config.js';
import type { HookedMove } from '../../../src/hooks/hook-runner.js';
import { HookRunner } from '../../../src/hooks/hook-runner.js';
import type { Script, ScriptFailure } from '../../../src/ports/scripts.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import { HandClock, settled } from '../engine/fakes.js';

const HOOK: HookConfig = {
  path: '/sbin/tell',
  on: ['master', 'backup', 'fault'],
  arguments: 'vipair',
  timeout: millis(10_000),
  user: 'nobody',
};
const MOVE: HookedMove = {
  order: 1,
  group: 'web',
  from: 'starting',
  to: 'backup',
  cause: 'listening\u0000first',
  evidence: { priority: 254 },
};
const FAILED: ScriptFailure = { code: 'failed', detail: 'exit code 1' };

/** Scripts end when and how the test says. */
function given(...hooks: readonly HookConfig[]) {
  const clock = new HandClock();
  const events: LogEvent[] = [];
  const runs: {
    readonly script: Script;
    readonly stop: AbortSignal;
    end: (how: Result<undefined, ScriptFailure>) => void;
  }[] = [];
  const runner = new HookRunner(
    { node: 'lb1', epoch: 5, hooks },
    {
      clock,
      log: { tell: (event) => events.push(event) },
      scripts: {
        run: (script, stop) =>
          new Promise((resolve) => {
            runs.push({ script, stop, end: resolve });
            stop.addEventListener('abort', () => {
              resolve(fail({ code: 'failed', detail: 'stopped' }));
            });
          }),
      },
    },
  );
  const end = async (how: Result<undefined, ScriptFailure> = done) => {
    runs.at(-1)?.end(how);
    await settled();
  };
  const ring = async () => {
    clock.ringNext();
    await settled();
  };
  const argsOf = () => runs.map(({ script }) => script.args.join(' '));
  const told = () => events.map(({ event }) => event);
  return { runner, clock, events, runs, end, ring, argsOf, told };
}

describe('a hook', () => {
  it('is run with what it is to know, and not before the take-over had its time', async () => {
    const { runner, runs, ring, end, events } = given(HOOK);
    runner.moved(MOVE);
    await settled();
    expect(runs).toEqual([]);
    await ring();
    expect(runs[0]?.script).toEqual({
      path: '/sbin/tell',
      args: ['web', 'starting', 'backup', '1'],
      user: 'nobody',
      within: 10_000,
      environment: {
        VIPAIR_NODE: 'lb1',
        VIPAIR_GROUP: 'web',
        VIPAIR_FROM: 'starting',
        VIPAIR_TO: 'backup',
        VIPAIR_CAUSE: 'listening first',
        VIPAIR_PRIORITY: '254',
        VIPAIR_SEQUENCE: '1',
        VIPAIR_EPOCH: '5',
        VIPAIR_KIND: 'replay',
        VIPAIR_MERGED: '0',
        VIPAIR_ATTEMPT: '1',
      },
    });
    await end();
    const about = { hook: '/sbin/tell', group: 'web', to: 'backup', sequence: 1 };
    expect(events).toEqual([{ event: 'hook.ran', ...about, attempt: 1, tookMs: 0 }]);
  });

  it.each([
    ['keepalived', 'master', 'INSTANCE web MASTER 254'],
    ['keepalived', 'stopped', 'INSTANCE web STOP 254'],
    ['keepalived-group', 'fault', 'GROUP web FAULT 254'],
  ] as const)('of %s that became %s is run with %s', async (form, to, args) => {
    const { runner, ring, argsOf } = given({ ...HOOK, on: [to], arguments: form });
    runner.moved({ ...MOVE, to });
    await ring();
    expect(argsOf()).toEqual([args]);
  });

  it('of other roles is not run', async () => {
    const { runner, clock } = given({ ...HOOK, on: ['master'] });
    runner.moved(MOVE);
    await runner.settled(millis(10));
    expect(clock.pending()).toEqual([]);
  });

  it('runs alone, and in order: each for a transition before any for the next', async () => {
    const { runner, runs, ring, end, argsOf } = given(HOOK, { ...HOOK, arguments: 'keepalived' });
    runner.moved(MOVE);
    runner.moved({ ...MOVE, order: 2, from: 'backup', to: 'master' });
    await ring();
    for (const running of [1, 2, 3, 4]) {
      expect(runs).toHaveLength(running);
      await end();
    }
    expect(argsOf()).toEqual([
      'web starting backup 1',
      'INSTANCE web BACKUP 254',
      'web backup master 2',
      'INSTANCE web MASTER 254',
    ]);
    expect(runs.map(({ script }) => script.environment?.['VIPAIR_KIND'])).toEqual([
      'replay',
      'replay',
      'change',
      'change',
    ]);
  });

  it('that fails is tried again, and given up at last: the next is told all the same', async () => {
    const { runner, runs, ring, end, told, clock } = given(HOOK);
    runner.moved(MOVE);
    runner.moved({ ...MOVE, order: 2, from: 'backup', to: 'master' });
    await ring();
    for (const pause of [1000, 2000]) {
      await end(fail(FAILED));
      expect(clock.pending().map((at) => at - clock.now())).toEqual([pause]);
      await ring();
    }
    await end(fail({ code: 'timed-out', detail: 'no end' }));
    expect(told()).toEqual(['hook.failed', 'hook.failed', 'hook.failed', 'hook.given-up']);
    expect(runs.map(({ script }) => script.environment?.['VIPAIR_ATTEMPT'])).toEqual([
      '1',
      '2',
      '3',
      '1',
    ]);
    await end();
    expect(told().at(-1)).toBe('hook.ran');
  });

  it('that hangs lets transitions wait, a bounded number: those that were superseded are merged', async () => {
    const { runner, ring, end, runs, events } = given(HOOK);
    runner.moved(MOVE);
    await ring();
    for (let order = 2; order <= 70; order += 1) {
      runner.moved({ ...MOVE, order, from: 'master', to: order % 2 === 0 ? 'master' : 'backup' });
    }
    const merged = events.filter(({ event }) => event === 'hook.merged');
    expect(merged.map((each) => ('sequence' in each ? each.sequence : 0))).toEqual([2, 3, 4, 5, 6]);
    await end();
    expect(runs[1]?.script.environment).toMatchObject({
      VIPAIR_SEQUENCE: '7',
      VIPAIR_MERGED: '5',
      VIPAIR_KIND: 'change',
    });
  });

  it('that still runs at the end of the daemon is killed, and what was not told is said', async () => {
    const { runner, ring, runs, events, clock } = given(HOOK);
    runner.moved(MOVE);
    runner.moved({ ...MOVE, order: 2, from: 'backup', to: 'master' });
    await ring();
    const ended = runner.settled(millis(500));
    await ring();
    await ended;
    expect(runs[0]?.stop.aborted).toBe(true);
    expect(runs).toHaveLength(1);
    expect(events).toContainEqual({ event: 'hook.left', transitions: 2 });
    expect(clock.pending()).toEqual([]);
  });

  it('that waits to be tried again at the end is not waited for', async () => {
    const { runner, ring, end, clock } = given(HOOK);
    runner.moved(MOVE);
    await ring();
    await end(fail(FAILED));
    const ended = runner.settled(millis(500));
    await ring();
    await ended;
    expect(clock.pending()).toEqual([]);
  });

  it('that ends in time is waited for at the end', async () => {
    const { runner, ring, end, told } = given(HOOK);
    runner.moved(MOVE);
    await ring();
    const ended = runner.settled(millis(500));
    await end();
    await ended;
    expect(told()).toEqual(['hook.ran']);
  });
});
