/** Many schedules from one seed; a failing one is shrunk to the shortest that still fails. */
import * as fc from 'fast-check';
import { longer, millis, scale } from '../../src/base/time.js';
import { anyFaults, spansFor } from './faults.js';
import { Hazards } from './hazards.js';
import { anyDeeds } from './service-deeds.js';
import type { Settings } from './settings.js';
import { FASTEST_CLOCK, SLOWEST_CLOCK } from './settings.js';
import type { Scenario } from './world.js';
import { simulate } from './world.js';

/** Version 2 has whole seconds only. */
const anyDialect = fc.constantFrom<Pick<Settings, 'version' | 'interval'>>(
  { version: 3, interval: millis(1000) },
  { version: 3, interval: millis(100) },
  { version: 2, interval: millis(1000) },
);

export const anySettings: fc.Arbitrary<Settings> = anyDialect.chain(({ version, interval }) =>
  fc.record({
    version: fc.constant(version),
    interval: fc.constant(interval),
    proxy: fc.constantFrom<Settings['proxy']>('none', { probeEvery: millis(1000) }, 'none', {
      probeEvery: millis(4000),
    }),
    startHold: fc.constantFrom(millis(0), millis(0), scale(interval, 5)),
    failback: fc.constantFrom<Settings['failback']>(
      { kind: 'never' },
      { kind: 'never' },
      { kind: 'manual' },
      // No file says less than a second.
      { kind: 'after', stableFor: longer(scale(interval, 2), millis(1000)) },
    ),
    authentication: fc.constantFrom<Settings['authentication']>(
      'none',
      'none',
      'none',
      'none',
      version === 3 ? 'signed' : 'none',
    ),
    channel: fc.constantFrom<Settings['channel']>(
      'none',
      'none',
      'none',
      'none',
      'open',
      'open',
      'peer of version 1',
      'peer of version 2',
      'peer of version 3',
    ),
    paths: fc.constantFrom<Settings['paths']>('one', 'two'),
    journal: fc.constantFrom<Settings['journal']>('none', 'none', 'none', 'kept'),
    backends: fc.constant('untracked'),
    services: fc.constant('none'),
    clockRates: fc.constantFrom<Settings['clockRates']>(
      [1, 1],
      [FASTEST_CLOCK, SLOWEST_CLOCK],
      [SLOWEST_CLOCK, FASTEST_CLOCK],
    ),
  }),
);

export const anyScenario: fc.Arbitrary<Scenario> = anySettings
  .chain((settings) =>
    fc.record({
      seed: fc.nat(),
      settings: fc.constant(settings),
      faults: anyFaults(spansFor(settings.interval)),
      // Drawn last: what a seed drew before it could be drawn is drawn still.
      run: fc.constantFrom<Run>('supervised', 'supervised', 'systemd'),
      services: fc.integer({ min: 1, max: 6 }),
      deeds: anyDeeds(spansFor(settings.interval)),
    }),
  )
  .map(({ settings, run, services, deeds, ...rest }): Scenario => ({
    ...rest,
    // One in six: with services a schedule takes three times as long.
    settings: { ...withProxyOf(settings, run), services: services === 6 ? 'two' : 'none' },
    deeds: services === 6 ? deeds : [],
  }));

type Run = 'supervised' | 'systemd';

function withProxyOf(settings: Settings, run: Run): Settings {
  const { proxy } = settings;
  return proxy === 'none' || run === 'supervised'
    ? settings
    : { ...settings, proxy: { ...proxy, run } };
}

export interface Exploration {
  readonly runs: number;
  readonly seed: number;
  /** One of several processes that go through the same schedules: each lives through every so-manieth. */
  readonly share?: Share;
}

export interface Share {
  readonly nth: number;
  readonly of: number;
}

const ALL: Share = { nth: 0, of: 1 };

export interface Explored {
  readonly details: fc.RunDetails<[Scenario]>;
  /** Of the schedules that were drawn, and of those tried while a failing one was shrunk. */
  readonly hazards: Hazards;
}

export async function explore({ runs, seed, share }: Exploration): Promise<Explored> {
  const hazards = new Hazards();
  const { nth, of } = share ?? ALL;
  let drawn = 0;
  let phase: 'exploring' | 'shrinking' = 'exploring';
  const neverBroken = fc.asyncProperty(anyScenario, async (scenario) => {
    drawn += 1;
    if (phase === 'exploring' && drawn % of !== nth) {
      return true;
    }
    const outcome = await simulate(scenario);
    hazards.add(scenario, outcome);
    phase = outcome.broken === undefined ? phase : 'shrinking';
    return outcome.broken === undefined;
  });
  return { details: await fc.check(neverBroken, { numRuns: runs, seed }), hazards };
}
