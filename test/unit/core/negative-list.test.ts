/**
 * The negative list: what may arrive on protocol 112 without being what it should be, and the one counter that each
 * moves. A virtual router at work hears them all, and neither its machine, its socket nor any other counter does.
 */
import { describe, expect, it } from 'vitest';
import type { Arrived, Rejection } from '../../../src/core/receive-checks.js';
import { REJECTIONS } from '../../../src/core/receive-checks.js';
import { InstanceRunner } from '../../../src/engine/instance-runner.js';
import { FakeMachine } from '../engine/fakes.js';
import { arrive } from './given-packet.js';
import type { Name, Outcome } from './negative-rows.js';
import {
  CUT,
  FINE,
  NAMES,
  NOW,
  PEER,
  ROWS,
  SECOND,
  SETTINGS,
  SIGNED_NAMES,
  signedWith,
} from './negative-rows.js';

const EACH = [...ROWS, ...CUT].flatMap(([what, cause, where, wrong]) =>
  where.map((name) => ({
    name,
    what,
    cause,
    arrived: arrive({ ...SETTINGS[name].right, ...wrong }),
  })),
);

/** A virtual router at work, and what it makes of what arrives. */
function atWork(name: Name) {
  const machine = new FakeMachine();
  const heard: string[] = [];
  const runner = new InstanceRunner('web', SETTINGS[name].plan, {
    ...machine.ports,
    heard: (source, { priority }) => heard.push(`${source} ${String(priority)}`),
    sendFailed: ({ detail }) => heard.push(detail),
  });
  expect(runner.open().ok).toBe(true);
  const receive = (arrived: Arrived): void => {
    machine.sockets[0]?.handlers.received(arrived);
  };
  const traces = () => ({
    heard: [...heard],
    calls: [...machine.calls],
    sent: machine.messages.length,
  });
  const counters = () => runner.tally.counters();
  return { receive, traces, counters, events: machine.events };
}

describe.each(NAMES)('%s', (name) => {
  it.each(EACH.filter((row) => row.name === name))('$what: $cause', ({ cause, arrived }) => {
    const router = atWork(name);
    const traces = router.traces();
    const counters = router.counters();
    router.receive(arrived);
    expect(router.traces()).toEqual(traces);
    expect(router.counters()).toEqual({ ...counters, rejected: { [cause]: 1 } });
    const told =
      cause === 'vrid' || cause === 'own'
        ? []
        : [{ event: 'vrrp.rejected', group: 'web', cause, count: 1 }];
    expect(router.events).toEqual(told);
  });

  it.each(FINE.filter(([, , where]) => where.includes(name)))(
    '%s: %s',
    (_what, _outcome, _where, unusual) => {
      const router = atWork(name);
      router.receive(arrive({ ...SETTINGS[name].right, ...unusual }));
      expect(router.traces().heard).toHaveLength(1);
      expect(router.counters().rejected).toEqual({});
    },
  );

  it('by the ten thousand they are counted one by one, told once each, and the next right one is heard', () => {
    const router = atWork(name);
    const before = router.traces();
    const rows = EACH.filter((row) => row.name === name);
    const total = 10_000;
    for (let sent = 0; sent < total; sent += 1) {
      router.receive(rows[sent % rows.length]!.arrived);
    }
    const { rejected } = router.counters();
    expect(Object.values(rejected).reduce((sum, each) => sum + each, 0)).toBe(total);
    expect(router.traces()).toEqual(before);
    expect(router.events.length).toBeLessThanOrEqual(Object.keys(rejected).length);
    router.receive(arrive(SETTINGS[name].right));
    expect(router.traces().heard).toHaveLength(1);
  });
});

/** In which order they arrive, by their sequence in seconds from now, and what becomes of each. */
describe.each(SIGNED_NAMES)('%s', (name) => {
  it.each<[string, readonly (readonly [number, Outcome])[]]>([
    [
      'a duplicate',
      [
        [0, 'heard'],
        [0, 'trailer-replayed'],
      ],
    ],
    [
      'three duplicates',
      [
        [0, 'heard'],
        [0, 'trailer-replayed'],
        [0, 'trailer-replayed'],
        [1, 'heard'],
      ],
    ],
    [
      'reordering',
      [
        [1, 'heard'],
        [0, 'trailer-replayed'],
        [2, 'heard'],
      ],
    ],
    [
      'a replay of an older one',
      [
        [-4, 'heard'],
        [0, 'heard'],
        [-4, 'trailer-replayed'],
        [-6, 'trailer-stale'],
      ],
    ],
    [
      'one from the future, which moves nothing',
      [
        [6, 'trailer-stale'],
        [0, 'heard'],
      ],
    ],
  ])('%s', (_what, arrivals) => {
    const router = atWork(name);
    const outcomes = arrivals.map(([seconds]) => {
      const before = router.counters().rejected as Readonly<Partial<Record<Rejection, number>>>;
      const { right } = SETTINGS[name];
      const sequence = NOW + BigInt(seconds) * SECOND;
      router.receive(arrive({ ...right, ...signedWith({ sequence }) }));
      const after = router.counters().rejected as Readonly<Partial<Record<Rejection, number>>>;
      return REJECTIONS.find((cause) => (after[cause] ?? 0) !== (before[cause] ?? 0)) ?? 'heard';
    });
    expect(outcomes).toEqual(arrivals.map(([, outcome]) => outcome));
    expect(router.traces().heard).toHaveLength(outcomes.filter((each) => each === 'heard').length);
  });
});

describe('the negative list', () => {
  it('has a row for every counter', () => {
    const counted = new Set<Outcome>([...EACH.map(({ cause }) => cause), 'trailer-replayed']);
    expect(REJECTIONS.filter((cause) => !counted.has(cause))).toEqual([]);
  });

  it('duplicates that nobody signed are heard again, as adverts are meant to be', () => {
    const router = atWork('v3');
    for (let copy = 0; copy < 3; copy += 1) {
      router.receive(arrive(SETTINGS.v3.right));
    }
    expect(router.traces().heard).toEqual(Array(3).fill(`${PEER} 254`));
  });
});
