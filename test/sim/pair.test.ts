/** Whole daemons on virtual time: single stories told in full, and a first look at many random ones. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import { anyScenario, explore } from './explore.js';
import { boundsFor } from './bounds.js';
import type { FaultKind, Timed } from './faults.js';
import { FAULT_KINDS } from './faults.js';
import type { Settings } from './settings.js';
import { FASTEST_CLOCK, ORDINARY, SLOWEST_CLOCK } from './settings.js';
import { simulate, World } from './world.js';

const SECOND: Settings = { ...ORDINARY, proxy: { probeEvery: millis(250) } };

function once(kind: FaultKind, node: 0 | 1, lasting: number): readonly Timed[] {
  return [{ after: 300, fault: { kind, node, lasting } }];
}

/** Daemons come back while the rest goes on. */
function lasting(kind: FaultKind): number {
  return kind === 'daemon-stop' || kind === 'one-sided-change' ? 500 : 8001;
}

describe('a simulated pair', () => {
  it.each(FAULT_KINDS.flatMap((kind) => [0, 1].map((node) => [kind, node] as const)))(
    'keeps every promise through %s of node %i',
    async (kind, node) => {
      const { broken } = await simulate({
        seed: 1,
        settings: SECOND,
        faults: once(kind, node === 0 ? 0 : 1, 5000),
      });
      expect(broken).toBeUndefined();
    },
  );

  it('moves once when the master loses its power, and not again when it comes back', async () => {
    const { moves } = await simulate({
      seed: 1,
      settings: SECOND,
      faults: once('power-loss', 0, 5000),
    });
    expect(moves).toBe(1);
  });

  it.each(['daemon-crash', 'daemon-restart'] as const)(
    'does not move through %s when the next daemon is there within half a second',
    async (kind) => {
      const { moves, longestNone } = await simulate({
        seed: 1,
        settings: SECOND,
        faults: once(kind, 0, 500),
      });
      expect([moves, longestNone]).toEqual([0, expect.any(Number)]);
    },
  );

  it('keeps the owner through the death of the other node', async () => {
    const { moves } = await simulate({
      seed: 1,
      settings: SECOND,
      faults: once('power-loss', 1, 5000),
    });
    expect(moves).toBe(0);
  });

  it('says the same when the same seed is run again', async () => {
    const scenario = {
      seed: 7,
      settings: { ...SECOND, interval: millis(100) },
      faults: once('lossy', 0, 3000),
    };
    const first = await simulate(scenario, { recording: 'transcript' });
    const second = await simulate(scenario, { recording: 'transcript' });
    expect(first.transcript.length).toBeGreaterThan(10);
    expect(second.transcript).toEqual(first.transcript);
  });

  it('notices a broken promise: a judge that never complains judges nothing', async () => {
    const { broken } = await simulate(
      { seed: 1, settings: SECOND, faults: once('power-loss', 0, 5000) },
      {
        recording: 'silent',
        bounds: {
          dual: millis(0),
          none: millis(1000),
          lease: millis(0),
          channel: millis(0),
          unwanted: millis(0),
        },
      },
    );
    expect(broken?.invariant).toBe('no owner');
  });

  it('notices that two unfit nodes leave the address to nobody', async () => {
    const bounds = { ...boundsFor(millis(1000), 'open'), unwanted: millis(0) };
    const faults = once('proxies-broken', 0, 9000);
    const { broken } = await simulate(
      { seed: 1, settings: { ...SECOND, channel: 'open' }, faults: [...faults, ...faults] },
      { recording: 'silent', bounds },
    );
    expect(broken).toMatchObject({ detail: 'although both nodes are as unfit' });
  });

  it('says the same when promises are settled and the judge looks at every step', async () => {
    for (const scenario of fc.sample(anyScenario, { numRuns: 25, seed: 4 })) {
      const quick = await simulate(scenario, { recording: 'transcript' });
      const slow = await simulate(scenario, { recording: 'transcript', pace: 'at every step' });
      expect(slow).toEqual(quick);
    }
  }, 60_000);

  // A fault that nobody notices is no fault.
  it.each<readonly [string, readonly (readonly [FaultKind, 0 | 1])[], Partial<Settings>]>([
    [
      'address.stolen',
      [
        ['address-thief', 0],
        ['address-thief', 1],
      ],
      {},
    ],
    [
      'vrrp.stalled',
      [
        ['stalls', 0],
        ['stalls', 1],
      ],
      { interval: millis(100) },
    ],
    [
      'lease.lost',
      [
        ['stalls', 0],
        ['stalls', 1],
      ],
      { interval: millis(100) },
    ],
    [
      'address.duplicate',
      [
        ['duplicate-address', 0],
        ['daemon-stop', 0],
        ['daemon-stop', 1],
      ],
      {},
    ],
    [
      '"source":"10.77.0.4","priority":100',
      [
        ['foreign-router', 0],
        ['daemon-stop', 0],
        ['daemon-stop', 1],
      ],
      {},
    ],
    ['10.77.0.4 advertises priority 255', [['foreign-router', 1]], {}],
    ['trailer-missing', [['foreign-router', 1]], { authentication: 'signed' }],
    ['"cause":"version"', [['foreign-noise', 1]], {}],
    ['vrrp.interval-differs', [['one-sided-change', 1]], {}],
    ['"cause":"trailer-stale"', [['clock-step', 0]], { authentication: 'signed' }],
    [
      'history.not-kept',
      [
        ['disk-full', 0],
        ['link-down', 0],
      ],
      { journal: 'kept' },
    ],
    ['reset on the way', [['channel-reset', 0]], { channel: 'open' }],
    ['timed out', [['channel-late', 0]], { channel: 'open' }],
    ['vrrp.kept', [['proxies-broken', 0]], { channel: 'open', proxy: { probeEvery: millis(250) } }],
  ])('is told: %s', async (said, kinds, settings) => {
    const { transcript } = await simulate(
      {
        seed: 1,
        settings: { ...ORDINARY, ...settings },
        faults: [
          { after: 4000, fault: { kind: 'lossy', node: 0, lasting: 1 } },
          ...kinds.map(([kind, node]) => ({
            after: 200,
            fault: { kind, node, lasting: lasting(kind) },
          })),
        ],
      },
      { recording: 'transcript' },
    );
    expect(transcript.filter((line) => line.includes(said))).not.toEqual([]);
  });

  it.each(['cut-one-way', 'cut-both-ways', 'channel-cut'] as const)(
    'keeps one owner through %s, where there are two paths',
    async (kind) => {
      for (const node of [0, 1] as const) {
        const faults: readonly Timed[] = [
          { after: 4000, fault: { kind: 'lossy', node: 0, lasting: 1 } },
          { after: 200, fault: { kind, node, lasting: 9000 } },
        ];
        const settings: Settings = { ...ORDINARY, channel: 'open' };
        const { moves, longestDual, broken } = await simulate({ seed: 1, settings, faults });
        expect({ moves, longestDual, broken }).toEqual({
          moves: 0,
          longestDual: 0,
          broken: undefined,
        });
      }
    },
  );

  it.each<readonly [Settings['channel'], string, number]>([
    ['open', 'one of two unfit nodes has the address', 1],
    ['none', 'neither does, because nobody knows of the other', 0],
  ])('where the channel is %s, %s', async (channel, _what, owners) => {
    const faults = [...once('proxies-broken', 0, 20_000), ...once('lossy', 0, 1)];
    const world = new World(
      { seed: 1, settings: { ...SECOND, channel }, faults },
      { recording: 'silent' },
    );
    let seen = 0;
    world.scheduler.after(millis(15_000), () => {
      seen = world.machines.filter(({ kernel }) => kernel.answers(world.address)).length;
    });
    await world.run(faults);
    expect([seen, world.observer.broken]).toEqual([owners, undefined]);
  });

  it('has two owners where both paths are cut, and one when they are healed', async () => {
    const faults: readonly Timed[] = [
      { after: 4000, fault: { kind: 'lossy', node: 0, lasting: 1 } },
      { after: 200, fault: { kind: 'channel-cut', node: 0, lasting: 9000 } },
      { after: 1, fault: { kind: 'cut-both-ways', node: 0, lasting: 9000 } },
      { after: 9500, fault: { kind: 'lossy', node: 0, lasting: 1 } },
    ];
    const settings: Settings = { ...ORDINARY, channel: 'open' };
    const { moves, met, broken } = await simulate({ seed: 1, settings, faults });
    expect(broken).toBeUndefined();
    expect(moves).toBeLessThanOrEqual(1);
    expect([...met]).toContain('pair.peer');
  });

  it('has one owner through a cut of the LAN and of the preferred link, where there are second addresses', async () => {
    const settings: Settings = {
      ...ORDINARY,
      ...{ interval: millis(100), channel: 'open', paths: 'two' },
    };
    const faults: readonly Timed[] = [
      { after: 1000, fault: { kind: 'channel-cut', node: 0, lasting: 9000 } },
      // By then the daemons have found each other on the second addresses.
      { after: 4000, fault: { kind: 'cut-both-ways', node: 0, lasting: 3000 } },
      { after: 3500, fault: { kind: 'lossy', node: 0, lasting: 1 } },
    ];
    const { moves, longestDual, met, broken } = await simulate({ seed: 1, settings, faults });
    expect({ moves, longestDual, broken }).toEqual({ moves: 0, longestDual: 0, broken: undefined });
    expect([...met]).toContain('pair.path');
  });

  it('hears the next daemon at once, where the wall clock went back as the one before was killed', async () => {
    const { longestDual, met, broken } = await simulate({
      seed: 0,
      settings: {
        ...SECOND,
        ...{ interval: millis(100), startHold: millis(500), authentication: 'signed' },
        clockRates: [FASTEST_CLOCK, SLOWEST_CLOCK],
      },
      faults: [
        { after: 0, fault: { kind: 'clock-step', node: 0, lasting: 451 } },
        { after: 0, fault: { kind: 'daemon-crash', node: 0, lasting: 1 } },
      ],
    });
    expect({ longestDual, broken }).toEqual({ longestDual: 0, broken: undefined });
    expect([...met]).not.toContain('vrrp.rejected');
  });

  // By 2 s, then by 60 s: to and fro.
  it.each([137, 2274])(
    'hears a master as soon as its wall clock is right, which was set twice, the second time for %s ms',
    async (lasting) => {
      const { longestDual, broken } = await simulate({
        seed: 0,
        settings: {
          ...SECOND,
          ...{ interval: millis(100), startHold: millis(0), authentication: 'signed' },
          ...{ failback: { kind: 'manual' }, paths: 'two' },
          clockRates: [FASTEST_CLOCK, SLOWEST_CLOCK],
        },
        faults: [
          { after: 0, fault: { kind: 'clock-step', node: 0, lasting: 3124 } },
          { after: 41, fault: { kind: 'clock-step', node: 0, lasting } },
        ],
      });
      expect(broken).toBeUndefined();
      // Until the next advert, of a clock that is right again.
      expect(longestDual).toBeLessThan(100);
    },
  );

  it('relieves a node in maintenance again that had to take its group back, ten seconds after it was relieved before', async () => {
    const { moves, broken } = await simulate({
      seed: 0,
      settings: {
        ...ORDINARY,
        ...{ interval: millis(100), failback: { kind: 'after', stableFor: millis(1000) } },
        ...{ authentication: 'signed', channel: 'peer of version 1', paths: 'two' },
        clockRates: [FASTEST_CLOCK, SLOWEST_CLOCK],
      },
      faults: [
        { after: 0, fault: { kind: 'maintenance', node: 0, lasting: 1 } },
        { after: 236, fault: { kind: 'pause', node: 1, lasting: 1 } },
        { after: 67, fault: { kind: 'power-loss', node: 1, lasting: 1200 } },
      ],
    });
    expect({ moves, broken }).toEqual({ moves: 3, broken: undefined });
  });

  it('has the same intents on both nodes, whatever was stated on either while the channel was cut', async () => {
    const settings: Settings = { ...ORDINARY, channel: 'open' };
    const faults: readonly Timed[] = [
      { after: 4000, fault: { kind: 'channel-cut', node: 0, lasting: 9000 } },
      { after: 100, fault: { kind: 'intent-stated', node: 0, lasting: 12 } },
      { after: 100, fault: { kind: 'intent-stated', node: 1, lasting: 33 } },
      { after: 100, fault: { kind: 'intents-lost', node: 1, lasting: 500 } },
    ];
    const { met, broken } = await simulate({ seed: 1, settings, faults });
    expect(broken).toBeUndefined();
    expect([...met]).toContain('intents agree');
  });

  it('notices intents that differ', async () => {
    const settings: Settings = { ...ORDINARY, channel: 'open' };
    const faults = once('intent-stated', 0, 12);
    const world = new World({ seed: 1, settings, faults }, { recording: 'silent' });
    world.scheduler.after(millis(9000), () => {
      world.machines[1].intents.lines.splice(0);
    });
    await world.run(faults);
    expect(world.observer.broken).toMatchObject({ invariant: 'intents differ' });
  });

  it('notices a switchover that nobody waits for any more', async () => {
    const settings: Settings = { ...ORDINARY, channel: 'open' };
    const faults = once('lossy', 0, 1);
    const world = new World({ seed: 1, settings, faults }, { recording: 'silent' });
    world.scheduler.after(millis(6000), () => {
      void world.machines[0].daemon?.switchover('web');
    });
    await world.run(faults);
    expect(world.observer.broken).toMatchObject({ invariant: 'late deed' });
  });

  it('counts what schedules met, and names what none did', async () => {
    const { hazards } = await explore({ runs: 20, seed: 3 });
    expect(hazards.of('version 2') + hazards.of('version 3')).toBe(20);
    expect(hazards.missing.every((hazard) => hazards.of(hazard) === 0)).toBe(true);
    expect(hazards.table).toContain('address-thief');
  });

  it('keeps every promise in the first random schedules', async () => {
    const { details } = await explore({ runs: 30, seed: 20_261_123 });
    expect(details.counterexample).toBeNull();
  }, 60_000);
});
