/** What flows are compared and kept by. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  bucketOf,
  BUCKETS,
  flowHash,
  flowKeyText,
  hashText,
} from '../../../../src/wire/flows/flow-key.js';
import { anyFlow, flowOf } from '../../flows/given-flows.js';

const KEY = flowKeyText(flowOf());

it('is one text for each key', () => {
  expect(KEY).toBe('6 0 10.77.0.50 10.77.0.100 40000 25');
  fc.assert(
    fc.property(anyFlow, anyFlow, (a, b) => {
      const same = JSON.stringify([a.protocol, a.zone, a.original]);
      expect(flowKeyText(a) === flowKeyText(b)).toBe(
        same === JSON.stringify([b.protocol, b.zone, b.original]),
      );
    }),
  );
});

it('hashes as it always has: the other node may be of another release', () => {
  // Computed by another program.
  expect([hashText(''), hashText('vipair')]).toEqual([2_872_998_923, 2_651_918_770]);
});

it('divides flows evenly', () => {
  const counts = new Array<number>(BUCKETS).fill(0);
  for (let sourcePort = 0; sourcePort < 25_600; sourcePort += 1) {
    const { original } = flowOf();
    const bucket = bucketOf(flowKeyText({ ...flowOf(), original: { ...original, sourcePort } }));
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(60);
  expect(Math.max(...counts)).toBeLessThan(150);
});

it('tells apart what both nodes are to have, and nothing else', () => {
  const usual = flowHash(KEY, flowOf());
  expect(flowHash(KEY, flowOf({ timeout: 5 }))).toBe(usual);
  // Bits of one kernel, such as IPS_OFFLOAD.
  expect(flowHash(KEY, flowOf({ status: 0b100_0000_0010_1110 }))).toBe(usual);
  const sctp = { state: 3, originalTag: 1, replyTag: 2 };
  const { reply } = flowOf();
  const others = [
    flowOf({ mark: 8 }),
    flowOf({ status: 0b10 }),
    flowOf({ reply: { ...reply, sourcePort: 1 } }),
    flowOf({ tcp: undefined }),
    flowOf({ tcp: undefined, sctp: { ...sctp, state: 4 } }),
  ];
  expect(new Set(others.map((each) => flowHash(KEY, each)).concat(usual)).size).toBe(6);
});
