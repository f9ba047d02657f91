/**
 * Both nodes change their configuration at the same moment, and something goes wrong meanwhile: with the LAN whole, there is
 * never a second owner, not for an instant, and nobody has the address for no longer than a failover may take.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import { anySettings } from './explore.js';
import type { FaultKind, Timed } from './faults.js';
import { spansFor } from './faults.js';
import type { Settings } from './settings.js';
import { ORDINARY } from './settings.js';
import type { Outcome } from './world.js';
import { simulate } from './world.js';

const OPEN: Settings = { ...ORDINARY, interval: millis(100), channel: 'open' };

function once(kind: FaultKind, node: 0 | 1, lasting: number): readonly Timed[] {
  return [{ after: 1500, fault: { kind, node, lasting } }];
}

function told(outcome: Outcome): readonly string[] {
  return outcome.transcript.flatMap((line) => {
    const event = /(lb[12]) \{"event":"(reload\.[a-z]+)"/u.exec(line);
    return event === null ? [] : [`${event[1] ?? ''} ${event[2] ?? ''}`];
  });
}

describe('a change of both nodes', () => {
  it.each([0, 1] as const)('asked for on node %i: both switch, and nothing moves', async (node) => {
    const outcome = await simulate(
      { seed: 1, settings: OPEN, faults: once('change-together', node, 1) },
      { recording: 'transcript' },
    );
    expect(outcome).toMatchObject({ broken: undefined, moves: 0, longestTwo: 0 });
    expect([...told(outcome)].toSorted()).toEqual(
      [
        'lb1 reload.switched',
        'lb2 reload.switched',
        `${node === 0 ? 'lb2' : 'lb1'} reload.prepared`,
      ].toSorted(),
    );
    expect(outcome.met).not.toContain('generation.group-differs');
  });

  it.each([0, 1] as const)('asked for on both at once, first on node %i: once', async (node) => {
    const outcome = await simulate(
      { seed: 1, settings: OPEN, faults: once('change-together', node, 2) },
      { recording: 'transcript' },
    );
    expect(outcome).toMatchObject({ broken: undefined, moves: 0, longestTwo: 0 });
    expect(told(outcome).toSorted()).toEqual([
      'lb1 reload.switched',
      ...['lb2 reload.prepared', 'lb2 reload.refused', 'lb2 reload.switched'],
    ]);
  });

  it('does nothing where the channel speaks an older version', async () => {
    const settings: Settings = { ...OPEN, channel: 'peer of version 2' };
    const { met, broken } = await simulate({
      seed: 1,
      settings,
      faults: once('change-together', 0, 1),
    });
    expect([met.has('reload.switched'), broken]).toEqual([false, undefined]);
  });

  /** A tenth of a millisecond apart at first, for either node, and then a hundredth of a second. */
  const moments = [
    ...[...new Array(40).keys()].map((index) => 2100 + index * 21),
    ...[...new Array(20).keys()].map((index) => 2002 + index * 15),
  ];
  it.each([0, 1] as const)(
    'asked for on node %i, the channel cut at any moment of it',
    async (node) => {
      const seen = new Set<string>();
      for (const lasting of moments) {
        const outcome = await simulate(
          { seed: 1, settings: OPEN, faults: once('change-unconfirmed', node, lasting) },
          { recording: 'transcript' },
        );
        expect(outcome, String(lasting)).toMatchObject({
          broken: undefined,
          longestTwo: 0,
          moves: 0,
        });
        told(outcome).forEach((each) => seen.add(each));
      }
      expect(seen).toContain(`lb${String(node + 1)} reload.doubtful`);
    },
    60_000,
  );

  it.each([0, 1] as const)(
    'asked for on node %i, either node asleep from any moment of it',
    async (node) => {
      for (const lasting of moments) {
        for (const longer of [-1200, 0, 4800]) {
          const faults = once('change-asleep', node, lasting + longer);
          const outcome = await simulate({ seed: 1, settings: OPEN, faults });
          expect(outcome, String(lasting)).toMatchObject({ broken: undefined, longestTwo: 0 });
        }
      }
    },
    60_000,
  );

  it('is survived in any order, by any pair that has a channel', async () => {
    const anyChange = anySettings.chain((settings) =>
      fc.record({
        seed: fc.nat(),
        settings: fc.constant<Settings>({
          ...settings,
          ...{ channel: 'open', proxy: 'none' },
          // One that fails back has the address taken from it.
          failback: { kind: 'never' },
        }),
        faults: fc.array(
          fc.record({
            after: fc.integer({ min: 0, max: spansFor(settings.interval).longestPause }),
            fault: fc.record({
              kind: fc.constantFrom<FaultKind>(
                'change-together',
                'change-unconfirmed',
                'change-asleep',
                'channel-cut',
                'channel-reset',
              ),
              node: fc.constantFrom<0 | 1>(0, 1),
              lasting: fc.integer({ min: 1, max: spansFor(settings.interval).longestFault }),
            }),
          }),
          { minLength: 1, maxLength: 5 },
        ),
      }),
    );
    const holds = fc.asyncProperty(anyChange, async (scenario) => {
      const { broken, longestTwo } = await simulate(scenario);
      return broken === undefined && longestTwo === 0;
    });
    await fc.assert(holds, { numRuns: 150, seed: 3 });
  }, 120_000);
});
