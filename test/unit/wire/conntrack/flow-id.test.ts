import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FlowKey } from '../../../../src/wire/conntrack/flow.js';
import { FlowIds } from '../../../../src/wire/conntrack/flow-id.js';
import { KeyHash } from '../../../../src/wire/peers/key-hash.js';
import { anyFlow, NATTED, ROUTED } from './given-flows.js';

const SEED = { high: 1, low: 2 };

function keyOf({ protocol, zone, original }: FlowKey): FlowKey {
  return { protocol, zone, original };
}

function hashOf(flow: FlowKey, seed = SEED): string {
  const ids = new FlowIds();
  const hash = new KeyHash();
  ids.hash(ids.of(flow), seed, hash);
  return `${String(hash.high)} ${String(hash.low)}`;
}

describe('the id of a flow', () => {
  it('tells its key, and nothing else of it', () => {
    const [ids, others] = [new FlowIds(), new FlowIds()];
    fc.assert(
      fc.property(anyFlow, (flow) => {
        const id = ids.of(flow);
        expect(others.keyOf(id)).toEqual(keyOf(flow));
        expect(others.of({ ...flow, mark: 7, timeout: 9 } as FlowKey)).toBe(id);
      }),
    );
  });

  it.each([
    ['IPv4', NATTED, 8],
    ['IPv6', ROUTED, 20],
  ])('of %s is short', (_family, flow, length) => {
    expect(new FlowIds().of(flow)).toHaveLength(length);
  });

  it('has a hash that depends on all of it and on the seed', () => {
    const { original } = NATTED;
    const hashes = [
      hashOf(NATTED),
      hashOf(NATTED, { high: 1, low: 3 }),
      hashOf(ROUTED),
      hashOf({ ...NATTED, protocol: 17 }),
      hashOf({ ...NATTED, zone: 1 }),
      hashOf({ ...NATTED, original: { ...original, destinationPort: 81 } }),
      hashOf({ ...NATTED, original: { ...original, source: original.destination } }),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(hashOf(NATTED)).toBe(hashes[0]);
  });
});
