import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SlotServer } from '../../../src/core/service-slots.js';
import { hashSeed, serversOfSlots, sharesOf, SLOTS } from '../../../src/core/service-slots.js';

function servers(weights: readonly number[], unused: readonly number[] = []): SlotServer[] {
  return weights.map((weight, index) => ({
    name: `s${String(index)}`,
    weight,
    use: unused.includes(index) ? 'unused' : 'used',
  }));
}

const TEN = Array<number>(10).fill(100);

const someServers = fc
  .array(fc.record({ weight: fc.integer({ min: 0, max: 256 }), isUsed: fc.boolean() }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((some) =>
    some.map(({ weight, isUsed }, index): SlotServer => {
      return { name: `s${String(index)}`, weight, use: isUsed ? 'used' : 'unused' };
    }),
  );

const ofSlots = (some: readonly SlotServer[], service = 'mail'): readonly string[] =>
  serversOfSlots(service, some).map(({ name }) => name);

/** In the order of the list. */
function shares(some: readonly SlotServer[]): readonly number[] {
  const all = sharesOf(serversOfSlots('mail', some));
  return some.map(({ name }) => all.get(name) ?? 0);
}

describe('the slots of a service', () => {
  it('are shared as the weights say, exactly', () => {
    const weights = [100, 50, 25, 0, 1];
    const got = shares(servers(weights));
    const exact = weights.map((weight) => (weight * SLOTS) / 176);
    expect(got.every((share, index) => Math.abs(share - (exact[index] ?? 0)) < 1)).toBe(true);
    expect(got.reduce((all, each) => all + each)).toBe(SLOTS);
  });

  it('are nobody’s where nobody is used', () => {
    expect(serversOfSlots('mail', servers([100, 100], [0, 1]))).toEqual([]);
    expect(serversOfSlots('mail', servers([100, 0], [0]))).toEqual([]);
    expect(serversOfSlots('mail', [])).toEqual([]);
  });

  it('stay where they are when a server goes, but for its own; and are the same again when it comes back', () => {
    fc.assert(
      fc.property(someServers, fc.nat(), (some, which) => {
        const chosen = some[which % some.length]?.name ?? '';
        const gone = some.map((each): SlotServer =>
          each.name === chosen ? { ...each, use: 'unused' } : each,
        );
        const before = ofSlots(some);
        const after = ofSlots(gone);
        const moved = before.filter((name, slot) => name !== after[slot]);
        expect(moved.every((name) => name === chosen)).toBe(true);
        expect(after.includes(chosen)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it('go to those that are left in proportion to their weights, nearly', () => {
    const percents = shares(servers([100, 100, 200, 100], [3])).map((share) =>
      Math.round((share / SLOTS) * 100),
    );
    expect(percents).toEqual([25, 25, 50, 0]);
  });

  it('move by little more than its share when a server is removed from the file', () => {
    const before = ofSlots(servers(TEN));
    const after = ofSlots(servers(TEN).filter(({ name }) => name !== 's3'));
    const moved = before.filter((name, slot) => name !== after[slot]);
    expect(moved.length / SLOTS).toBeLessThan(0.15);
  });

  it('are the same whatever the order of the file', () => {
    const straight = servers([100, 50, 25], [1]);
    expect(ofSlots(straight.toReversed())).toEqual(ofSlots(straight));
  });

  it('are others of another service', () => {
    expect(ofSlots(servers(TEN), 'mail')).not.toEqual(ofSlots(servers(TEN), 'dns'));
    expect(hashSeed('mail')).not.toBe(hashSeed('dns'));
  });

  it('are what they were in the version before: nodes of two versions agree', () => {
    const names = ofSlots(servers([100, 50, 25])).slice(0, 24);
    expect(names.join('').replaceAll('s', '')).toBe('000011010100001211001100');
    expect(hashSeed('mail')).toBe(1_645_009_157);
  });
});
