import { describe, expect, it } from 'vitest';
import type { Result } from '../../../src/base/result.js';
import { fail, ok } from '../../../src/base/result.js';
import type { Millis } from '../../../src/base/time.js';
import { millis } from '../../../src/base/time.js';
import type { WorkersSeen } from '../../../src/ports/proxy-workers.js';
import { FormerWorkers } from '../../../src/proxy/former-workers.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import { HandClock, settled } from '../engine/fakes.js';

const ONE: WorkersSeen = {
  current: [{ pid: 9, age: millis(1000) }],
  former: [{ pid: 1, age: millis(90_000) }],
  failedReloads: 0,
};

function given(most: Millis | undefined = millis(6000)) {
  const clock = new HandClock();
  const events: LogEvent[] = [];
  const did: string[] = [];
  const machine = {
    seen: ok(ONE) as Result<WorkersSeen, string>,
    connections: 3 as number | undefined,
  };
  const former = new FormerWorkers(most, {
    clock,
    log: { tell: (event) => events.push(event) },
    workers: {
      look: () => Promise.resolve(machine.seen),
      connections: () => Promise.resolve(machine.connections),
      end: (pid, how) => {
        did.push(`${how} ${String(pid)}`);
        return Promise.resolve();
      },
    },
  });
  const next = async (): Promise<void> => {
    clock.ringNext();
    for (let turns = 0; turns < 10; turns += 1) {
      await settled();
    }
  };
  return { former, clock, events, did, machine, next };
}

describe('former workers', () => {
  it('are told of: how old, and how many connections they have', async () => {
    const { former, machine, next } = given();
    expect(former.status()).toMatchObject({ workers: [], problem: 'not looked at yet' });
    await former.begin();
    expect(former.status()).toEqual({
      workers: [{ pid: 1, ageMs: 1000, connections: 3 }],
      problem: undefined,
      failedReloads: 0,
    });
    machine.seen = fail('it does not say');
    await next();
    expect(former.status()).toMatchObject({ workers: [], problem: 'it does not say' });
    machine.seen = ok({ ...ONE, failedReloads: 2 });
    await next();
    // What was known before still counts.
    expect(former.status()).toMatchObject({ workers: [{ ageMs: 7000 }], failedReloads: 2 });
  });

  it('that are too old are ended, and killed where they do not end', async () => {
    const { former, did, events, machine, next } = given();
    await former.begin();
    expect(did).toEqual([]);
    await next();
    machine.connections = undefined;
    await next();
    await next();
    expect(did).toEqual(['stop 1', 'kill 1']);
    expect(events).toEqual([
      { event: 'proxy.worker-ended', pid: 1, how: 'stop', age: 6000, connections: 3 },
      { event: 'proxy.worker-ended', pid: 1, how: 'kill', age: 11_000, connections: undefined },
    ]);
  });

  it('of somebody else’s HAProxy are only told of', async () => {
    const clock = given(undefined);
    // The default of a parameter stands for undefined.
    const former = new FormerWorkers(undefined, {
      clock: clock.clock,
      log: { tell: () => undefined },
      workers: {
        look: () => Promise.resolve(ok(ONE)),
        connections: () => Promise.resolve(1),
        end: () => Promise.reject(new Error('not ours')),
      },
    });
    await former.begin();
    await clock.next();
    await clock.next();
    expect(former.status().workers).toHaveLength(1);
  });

  it('are not looked at any more once it is stopped', async () => {
    const { former, clock, machine } = given(millis(0));
    await former.begin();
    former.stop();
    expect(clock.pending()).toEqual([]);
    machine.seen = fail('gone');
    await former.begin();
    expect(clock.pending()).toEqual([]);
  });
});
