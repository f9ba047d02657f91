/** Services of a simulated pair: whatever happens to servers, operators, kernels and nodes, the rules come to be right. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import type { ServiceRule } from '../../src/ports/service-rules.js';
import { anyScenario } from './explore.js';
import type { Timed } from './faults.js';
import { spansFor } from './faults.js';
import type { Deed } from './service-deeds.js';
import { anyDeeds, DEED_KINDS } from './service-deeds.js';
import type { Settings } from './settings.js';
import { ORDINARY } from './settings.js';
import { simulate, World } from './world.js';

const SERVED: Settings = { ...ORDINARY, interval: millis(100), channel: 'open', services: 'two' };
/** Long enough that each deed is lived through in the time of faults, and judged there. */
const QUIET: readonly Timed[] = [0, 1, 2, 3].map((nth) => ({
  after: nth === 0 ? 0 : 9000,
  fault: { kind: 'lossy', node: 0, lasting: 1 },
}));

function deed(kind: Deed['kind'], rest: Partial<Deed> = {}): Deed {
  return { at: 1000, kind, node: 0, server: 1, lasting: 20_001, ...rest };
}

/** What was said, once each. */
async function lived(deeds: readonly Deed[], faults = QUIET): Promise<ReadonlySet<string>> {
  const { broken, met } = await simulate({ seed: 1, settings: SERVED, faults, deeds });
  expect(broken).toBeUndefined();
  return met;
}

describe('services of a simulated pair', () => {
  it.each(DEED_KINDS.flatMap((kind) => [0, 1].map((node) => [kind, node] as const)))(
    'come to be right after %s of node %i',
    async (kind, node) => {
      const met = await lived([deed(kind, { node: node === 0 ? 0 : 1 })]);
      expect([...met]).toContain('services: both nodes alike');
    },
  );

  it('are refused where no server of one is left, and served again', async () => {
    const both = [3, 4].map((server) => deed('server-lost-to-both', { server, lasting: 9000 }));
    const met = await lived(both);
    expect([...met]).toEqual(expect.arrayContaining(['service.unserved', 'service.served']));
  });

  it('move the share of a lost server only, and it takes just that back', async () => {
    const met = await lived([deed('server-lost', { lasting: 9000 })]);
    expect([...met]).toContain('services: one that moved its own share');
  });

  it('are given to the kernel that refused them, as soon as it takes them', async () => {
    const met = await lived([
      deed('rules-refused', { lasting: 12_000 }),
      deed('server-lost', { at: 2000 }),
    ]);
    expect([...met]).toEqual(
      expect.arrayContaining(['service.rules-refused', 'service.rules-loaded']),
    );
  });

  it.each(['daemon-crash', 'daemon-stop', 'daemon-restart', 'power-loss', 'channel-cut'] as const)(
    'survive %s',
    async (kind) => {
      const faults: readonly Timed[] = [
        ...QUIET,
        { after: 500, fault: { kind, node: 0, lasting: 3000 } },
      ];
      await lived([deed('server-lost'), deed('server-admin', { server: 0, node: 1 })], faults);
    },
  );

  it('come to be right in random schedules', async () => {
    const scenarios = fc.sample(
      anyScenario.chain((scenario) =>
        anyDeeds(spansFor(scenario.settings.interval)).map((deeds) => ({
          ...scenario,
          ...{ settings: { ...scenario.settings, services: 'two' as const }, deeds },
        })),
      ),
      { numRuns: 15, seed: 5 },
    );
    for (const scenario of scenarios) {
      const { broken } = await simulate(scenario);
      expect({ scenario, broken }).toEqual({ scenario, broken: undefined });
    }
  }, 60_000);
});

describe('the judge of services notices', () => {
  type Kernel = (
    rules: readonly ServiceRule[],
    before: readonly ServiceRule[] | undefined,
  ) => typeof rules;

  /** What a pair comes to whose first node has a kernel that does otherwise than it says. */
  async function withKernel(kernel: Kernel, deeds: readonly Deed[]): Promise<string | undefined> {
    const world = new World(
      { seed: 1, settings: SERVED, faults: QUIET, deeds },
      { recording: 'silent' },
    );
    const { rules } = world.machines[0].services;
    const load = rules.load.bind(rules);
    rules.load = (wanted) => load(kernel(wanted, rules.rules));
    await world.run(QUIET);
    return world.observer.broken?.detail;
  }

  it.each<readonly [string, Kernel]>([
    ['a lost server that gets new connections', (wanted, before) => before ?? wanted],
    [
      'nodes whose slots are not the same',
      (wanted) => wanted.map((rule) => ({ ...rule, slots: rule.slots.toReversed() })),
    ],
    [
      'a server that lacks its share',
      (wanted) =>
        wanted.map((rule) => ({
          ...rule,
          slots: rule.slots.map((each, slot) => (slot < 20 ? (rule.slots[20] ?? each) : each)),
        })),
    ],
    ['a service without a rule', (wanted) => wanted.slice(1)],
  ])('%s', async (_what, kernel) => {
    expect(await withKernel((rules) => rules, [deed('server-lost')])).toBeUndefined();
    expect(await withKernel(kernel, [deed('server-lost')])).toMatch(
      /gets new connections|not the same rules|slots|no rule/u,
    );
  });
});
