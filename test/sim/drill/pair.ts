/** A simulated pair that is drilled: everything about it that is diced, from one seed. */
import * as fc from 'fast-check';
import type { Millis } from '../../../src/base/time.js';
import { millis, scale } from '../../../src/base/time.js';
import type { DrillName } from '../../../src/core/drill-catalogue.js';
import { DRILLS } from '../../../src/core/drill-catalogue.js';
import type { DrillNeed } from '../../../src/core/drill-scene.js';
import { anySettings } from '../explore.js';
import type { Settings } from '../settings.js';

export interface DrillPair {
  readonly settings: Settings;
  /** How much later than the first each node starts. */
  readonly offsets: readonly [Millis, Millis];
  /** How long after the pair came to rest it is done: adverts, heartbeats and looks are anywhere then. */
  readonly moment: Millis;
  /** Share of packets of the LAN that are lost all the while. */
  readonly loss: number;
  /** Until the next daemon runs, after a crash and in a restart. */
  readonly restartTakes: Millis;
  /** Until each node's proxy has found by its checks what has become of a server. */
  readonly checksTake: Readonly<Record<string, Millis>>;
  /** How long a starved daemon waits for a processor, at the most. */
  readonly starvedFor: Millis;
}

/** Whatever the drill needs is there; everything else may be. */
export function pairFor(name: DrillName, seed: number): DrillPair {
  const needs = new Set(DRILLS[name].needs);
  const [pair] = fc.sample(anyPair(name, needs), { seed, numRuns: 1 });
  if (pair === undefined) {
    throw new Error('nothing was diced');
  }
  return pair;
}

function anyPair(name: DrillName, needs: ReadonlySet<DrillNeed>): fc.Arbitrary<DrillPair> {
  return anySettings
    .chain((settings) => fc.record({ settings: fc.constant(settings), channel: anyChannel }))
    .map(({ settings, channel }) =>
      settle(name, { ...settings, ...channelFor(needs, settings, channel) }, needs),
    )
    .chain((settings) =>
      fc.record({
        settings: fc.constant(settings),
        offsets: anyOffsets(settings.interval),
        moment: between(millis(0), scale(settings.interval, 2)),
        loss: fc.constantFrom(0, 0, LOSS),
        restartTakes: between(millis(150), millis(900)),
        checksTake: anyChecks,
        starvedFor: between(millis(1), millis(20)),
      }),
    );
}

const anyChannel = fc.constantFrom<Settings['channel']>(
  'open',
  'open',
  'peer of version 1',
  'peer of version 2',
  'peer of version 3',
);

function channelFor(
  needs: ReadonlySet<DrillNeed>,
  { channel: diced }: Settings,
  channel: Settings['channel'],
): Pick<Settings, 'channel'> {
  return { channel: needs.has('channel') && diced === 'none' ? channel : diced };
}

function settle(name: DrillName, settings: Settings, needs: ReadonlySet<DrillNeed>): Settings {
  const needsProxy = (['proxy', 'supervised-proxy', 'servers'] as const).some((each) =>
    needs.has(each),
  );
  const { proxy, journal, authentication } = settings;
  return {
    ...settings,
    proxy: proxy === 'none' && needsProxy ? { probeEvery: millis(1000) } : proxy,
    journal: needs.has('state-disk') ? 'kept' : journal,
    backends: needs.has('tracked-backends') ? 'tracked' : 'untracked',
    // Two nodes that sign believe nothing of each other while their clocks are an hour apart: see docs/operating.md.
    authentication: name === 'clock-step' && settings.channel === 'none' ? 'none' : authentication,
  };
}

function anyOffsets(interval: Millis): fc.Arbitrary<readonly [Millis, Millis]> {
  const apart = between(millis(0), scale(interval, 5));
  return fc
    .tuple(apart, fc.boolean())
    .map(([offset, first]) => (first ? [millis(0), offset] : [offset, millis(0)]));
}

function between(from: Millis, to: Millis): fc.Arbitrary<Millis> {
  return fc
    .integer({ min: 0, max: 1000 })
    .map((share) => millis(from + ((to - from) * share) / 1000));
}

/** Both have the same haproxy.cfg: three checks two seconds apart, which begin at any time. */
const anyChecks = fc.record({
  lb1: between(millis(4000), millis(6000)),
  lb2: between(millis(4000), millis(6000)),
});
/** Three adverts in a row are lost once in eight million times. */
const LOSS = 0.005;
